"""Mark on Concepts, what it opens in Browse, and what is marked applied on Picture, on a run of a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine.analyses.intervention_setup import levels_of
from engine.exhibits.concepts.exemplars import hits
from engine.exhibits.concepts.judged import interval, through
from engine.interventions.acts import ABSENT, PRESENT, parsed
from engine.interventions.levels import called
from engine.metrics.wording import auc
from engine.session.lab import Lab
from engine.session.marked import digest_of
from engine.store.marks import PictureMarks
from engine.store.store import RunStore
from tests.job_states import note_analyses
from tests.pages.opening import at_page
from tests.pages.saying import sound, words

Opened = Callable[..., AppTest]


@pytest.fixture
def photos(own_photo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The run, in a home of its own; what a page would have computed is noted only."""
    note_analyses(monkeypatch)
    st.cache_data.clear()
    st.cache_resource.clear()
    store = RunStore(own_photo_home)
    return Lab(store, store.resolve("last"))


@pytest.fixture
def opened(photos: Lab) -> Opened:
    return lambda page="concepts", **query: sound(at_page(page, **query).run())


def marks(lab: Lab) -> list[tuple[str, str, bool | None]]:
    return [(mark.picture, mark.concept, mark.present) for mark in PictureMarks(lab.store).all(lab.view.id)]


def press(app: AppTest, name: str) -> AppTest:
    """Press the one button whose key begins so."""
    (button,) = [button for button in app.button if button.key.startswith(name)]
    return sound(button.click().run())


def asked(app: AppTest) -> tuple[str, str]:
    """The picture and the concept that the page asks about."""
    (question,) = [e.value for e in app.html if "plc-ask" in e.value]
    (plate,) = [e.value for e in app.html if "plc-plate" in e.value]
    return plate.partition("alt='")[2].partition(",")[0], question.partition("<strong>")[2].partition("</strong>")[0]


def views(app: AppTest) -> list[str]:
    (control,) = [c for c in app.get("button_group") if c.key == "view-choice"]
    return [option.content for option in control.proto.options]


def judge_first(lab: Lab) -> str:
    """Mark five pictures each as having and as not having the model's first concept; its words."""
    text = lab.snapshot(1).bank.concepts[0].text
    for n, row in enumerate(lab.sample("test", 1).rows[:10].tolist()):
        ref = f"test:{row}"
        PictureMarks(lab.store).mark(lab.view.id, ref, digest_of(lab, ref), text, n % 2 == 0)
    return text


# -- the tab -----------------------------------------------------------------------------------------------------------


def test_only_pictures_that_nobody_knows_the_truth_of_can_be_marked(opened: Opened) -> None:
    assert views(opened())[-1] == "Mark"


def test_the_aviary_has_no_such_tab_and_its_address_leads_to_browse(open_tiny: Any) -> None:
    app = sound(open_tiny("concepts", view="mark"))
    assert "Mark" not in views(app)
    assert not [e for e in app.html if "plc-ask" in e.value]


def test_it_begins_by_saying_what_for_and_asks_one_question(opened: Opened, photos: Lab) -> None:
    app = opened(view="mark")
    text = words(app)
    assert "Say what the pictures show" in text
    assert "Answer for 5 that have a concept and 5 that have not, and its AUC is known" in text
    picture, _ = asked(app)
    assert picture.startswith("test picture ")
    assert not any(name in text for name in photos.view.class_names)  # the class would answer for the person
    assert {b.label: b.proto.shortcut for b in app.button if b.key.startswith("mark-")} == {
        "Yes": "y",
        "No": "n",
        "Cannot tell": "s",
    }
    assert not app.dataframe and "Said last" not in text


def test_answers_are_kept_told_and_undone_one_by_one(opened: Opened, photos: Lab) -> None:
    app = opened(view="mark")
    first = asked(app)
    press(app, "mark-yes-")
    second = asked(app)
    assert second != first and second[1] == first[1]  # the same concept goes on
    assert f"Said last: <b>{first[1]}</b> is true of {first[0]}" in words(app)
    assert "Marked true of 1 and false of 0 pictures. It can be judged with 4 more true and 5 more false." in words(app)
    press(app, "mark-no-")
    assert [present for _, _, present in marks(photos)] == [True, False]
    press(app, "mark-undo")
    assert asked(app) == second and [present for _, _, present in marks(photos)] == [True]
    press(app, "mark-undo")
    assert asked(app) == first and marks(photos) == []


def test_what_cannot_be_told_is_passed_over_and_comes_back_when_asked(opened: Opened, photos: Lab) -> None:
    app = opened(view="mark")
    first = asked(app)
    press(app, "mark-yes-")
    press(app, "mark-skip-")
    assert "Passed over" in words(app) and len(marks(photos)) == 1
    skipped = asked(app)
    press(app, "mark-undo")  # takes back the passing over, not the answer before it
    assert len(marks(photos)) == 1 and asked(app) != skipped and "Said last" in words(app)
    assert first not in (asked(app), skipped)


def test_where_everything_was_passed_over_it_can_be_asked_again(opened: Opened, photos: Lab) -> None:
    text = photos.snapshot(1).bank.concepts[0].text
    app = opened(view="mark", about=text)
    for _ in photos.sample("test", 1).rows:
        press(app, "mark-skip-")
    assert "Every question here is answered or passed over" in words(app)
    press(app, "mark-again")
    assert asked(app)[1] == text.replace("<", "&lt;").replace(">", "&gt;")


def test_a_concept_in_the_address_is_asked_about_alone_and_one_that_is_none_means_all(
    opened: Opened, photos: Lab
) -> None:
    text = photos.snapshot(1).bank.concepts[-1].text
    app = opened(view="mark", about=text)
    assert app.selectbox(key="about-choice").value == text
    for _ in range(3):
        press(app, "mark-no-")
    assert {concept for _, concept, _ in marks(photos)} == {text}
    app = opened(view="mark", about="nothing of this run")
    assert app.selectbox(key="about-choice").value is None and "about" not in app.query_params


def test_two_tabs_see_each_other_and_the_second_undo_is_told_at_its_place(opened: Opened, photos: Lab) -> None:
    one, two = opened(view="mark"), opened(view="mark")
    press(one, "mark-yes-")
    press(two, "mark-no-")  # the same question: the newest answer holds
    assert [present for _, _, present in marks(photos)] == [False]
    last = PictureMarks(photos.store).last(photos.view.id)
    PictureMarks(photos.store).undo(photos.view.id, last.id)  # a third
    press(two, "mark-undo")
    assert "it was taken back already, in another tab" in words(two).lower()
    assert [present for _, _, present in marks(photos)] == [True]
    press(two, "mark-yes-")
    assert "in another tab" not in words(two)


def test_a_damaged_mark_is_told_and_dropped_with_one_click(
    opened: Opened, photos: Lab, behind_its_back: Callable[..., None]
) -> None:
    judge_first(photos)
    behind_its_back(photos.store, "UPDATE marks SET present = 1 - present WHERE id = (SELECT MAX(id) FROM marks)")
    assert "What is stored is not what was written" in words(opened(view="browse"))
    app = opened(view="mark")
    assert "What is stored is not what was written" in words(app) and not [e for e in app.html if "plc-ask" in e.value]
    press(app, "mark-drop")
    assert len(marks(photos)) == 9 and asked(app)


def test_a_picture_that_is_gone_is_told_in_its_place_and_can_only_be_passed_over(
    opened: Opened, photos: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.errors import BadImage

    def gone(*args: object, **more: object) -> Any:
        raise BadImage("test/owl/9.png", "it cannot be read (No such file or directory)", "Put it back")

    monkeypatch.setattr("pages.ui.pictures.of", gone)
    app = opened(view="mark")
    assert "It cannot be read" in words(app)
    answers = {b.label: b.disabled for b in app.button if b.key.startswith("mark-")}
    assert answers == {"Yes": True, "No": True, "Cannot tell": False}
    press(app, "mark-skip-")
    assert marks(photos) == []


# -- what it opens -----------------------------------------------------------------------------------------------------


def test_browse_says_how_to_get_there_and_then_what_the_marks_tell(opened: Opened, photos: Lab) -> None:
    app = opened(view="browse")
    assert "Say of some pictures what they show (Concepts, Mark), and AUC can too" in words(app)
    assert "AUC" not in app.dataframe[0].value and "auc" not in app.selectbox(key="concept-order").options
    text = judge_first(photos)
    app = opened(view="browse")
    rows = app.dataframe[0].value.set_index("concept")
    assert (rows.loc[text]["marked true"], rows.loc[text]["marked false"]) == (5, 5)
    assert 0 <= rows.loc[text]["AUC"] <= 1 and " to " in rows.loc[text]["95 %"]
    others = rows.drop(index=text)
    assert others["AUC"].isna().all() and (others["95 %"] == "").all()
    assert "accuracy" not in rows and "broken by" not in rows
    assert f"By 10 marks on test images, 1 of {len(rows)} concepts can be judged" in words(app)
    assert "Lowest AUC" in app.selectbox(key="concept-order").options


def test_the_tab_itself_lists_what_the_marks_tell(opened: Opened, photos: Lab) -> None:
    text = judge_first(photos)
    app = opened(view="mark")
    table = app.dataframe[0].value
    assert table["concept"].tolist() == [text] and (table["true"][0], table["false"][0]) == (5, 5)
    assert f"1 of {len(photos.snapshot(1).bank)} concepts can be judged by 10 marks" in words(app)


def test_what_is_marked_is_applied_with_one_click_and_nothing_else(opened: Opened, photos: Lab) -> None:
    row = photos.sample("test", 1).rows.tolist()[3]
    ref, words_of = f"test:{row}", [concept.text for concept in photos.snapshot(1).bank.concepts]
    for k, present in ((2, True), (0, False)):
        PictureMarks(photos.store).mark(photos.view.id, ref, digest_of(photos, ref), words_of[k], present)
    app = opened("picture", image=ref, tab="what")
    assert "suggest-truth" not in [button.key for button in app.button]
    app.button(key="apply-marks").click().run()
    sound(app)
    held = app.query_params["set"]
    acts = parsed((held[0] if isinstance(held, list) else held).partition("~")[2])
    assert {(act.concept, act.kind) for act in acts} == {(0, ABSENT), (2, PRESENT)}
    assert app.button(key="apply-marks").disabled
    app.button(key="one-undo").click().run()
    assert not app.button(key="apply-marks").disabled and "pi-log" not in words(app)


def test_which_scores_are_right_is_told_of_what_is_marked_on_the_picture(opened: Opened, photos: Lab) -> None:
    row = photos.sample("test", 1).rows.tolist()[3]
    ref, bank = f"test:{row}", photos.snapshot(1).bank
    assert "nobody has marked this one" in words(opened("picture", image=ref))
    scores = photos.snapshot(1).from_features(photos.sample("test", 1).features[3:4]).scores[0].double().numpy()
    present = called(levels_of(photos, 1), scores)
    for k, there in ((0, bool(present[0])), (2, not present[2])):  # the first is scored right, the other is not
        PictureMarks(photos.store).mark(photos.view.id, ref, digest_of(photos, ref), bank.concepts[k].text, there)
    app = opened("picture", image=ref)
    assert "1 of the 2 concepts that people marked on it are scored right" in words(app)
    (table,) = [frame.value for frame in app.dataframe if "scored" in frame.value]
    told = table.set_index("concept")["scored"]
    assert len(told) == 2 and told[bank.concepts[0].text] == "✓ right"
    assert told[bank.concepts[2].text] == ("✗ not there" if present[2] else "✗ missed")


def test_a_concept_s_timeline_is_by_marks_and_says_so(opened: Opened, photos: Lab) -> None:
    text = judge_first(photos)
    app = opened(view="timeline", concept=text)
    judged = through(photos, 2)
    last = judged[1].auc[0]
    assert np.isfinite(last) and f"by marks, 95 %: {interval(judged[1], 0)}" in words(app)
    assert f"“{text}” has an AUC of {auc(last)}, by what people marked" in words(app)
    assert "by now 5 as having it and 5 as not having it" in words(app)
    (chart,) = [c for c in app.get("plotly_chart") if c.proto.id.endswith("-concept-values")]
    lines = {trace["name"] for trace in json.loads(chart.proto.spec)["data"] if "name" in trace}
    assert "AUC" in lines and "accuracy" not in lines
    other = photos.snapshot(1).bank.concepts[1].text
    said = words(opened(view="timeline", concept=other))
    assert "takes 5 test images marked as having it and 5 as not having it: 0 and 0 are" in said


def test_a_card_ticks_the_pictures_that_are_marked(photos: Lab) -> None:
    text, rows = judge_first(photos), photos.sample("test", 1).rows[:3]
    found = through(photos, 2)[-1]
    result = {"rows": rows[None], "known": np.array([False]), "hits": np.zeros((1, 3), np.bool_)}
    assert photos.snapshot(1).bank.concepts[0].text == text
    assert hits(result, 0) == [None, None, None] and hits(result, 0, found.said) == [True, False, True]
    known = {**result, "known": np.array([True])}
    assert hits(known, 0, found.said) == [False, False, False]  # what the data say goes before


def test_a_picture_without_marks_leads_to_marking(opened: Opened) -> None:
    app = opened("picture", image="test:0", tab="what")
    assert "apply-marks" not in [button.key for button in app.button]
    assert "Mark what pictures show" in [link.label for link in app.get("page_link")]


def test_the_aviary_s_pictures_have_neither(open_tiny: Any) -> None:
    app = sound(open_tiny("picture", image="test:0", tab="what"))
    assert "apply-marks" not in [button.key for button in app.button]
    assert "Mark what pictures show" not in [link.label for link in app.get("page_link")]
