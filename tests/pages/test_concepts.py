"""The Concepts page: Browse, Timeline and the control, in every state a run can be in."""

from __future__ import annotations

import base64
import html
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import MissingWeights
from engine.jobs.analyses import Analyses, Question
from engine.runs.sources import open_dataset
from engine.store.states import LIVE
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import firstly
from pages.ui.concepts import film
from tests.job_states import note_analyses
from tests.pages import concept_runs as runs
from tests.pages import stores
from tests.pages.test_pages import chart, sound, words

STATES = ("running", "interrupted", "failed", "finished")
EVIL = "<img src=x onerror=alert(1)> **bold**"


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the page asked for; nothing is computed."""
    found = note_analyses(monkeypatch)
    monkeypatch.setattr("pages.ui.run.live.show", lambda here: firstly.text())  # sessions begin on Run: not drawn
    return found


@pytest.fixture
def no_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backbone is gone, so whatever needs it says so."""

    def refuse(*args: object) -> None:
        raise MissingWeights("backbone", "its weights are gone", "Put them back")

    monkeypatch.setattr("pages.ui.laboratory.open", refuse)


def table(app: Any) -> Any:
    """The list of concepts."""
    return app.dataframe[0].value


def numbers(values: Any) -> list[float]:
    """A trace's values, which Plotly may have packed."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"])).tolist()
    return list(values)


# -- states ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("view", "state"), [*(("browse", s) for s in STATES), ("timeline", "running")])
def test_it_is_sound_in_every_state(open_page: Any, home: Path, no_lab: None, view: str, state: str) -> None:
    runs.write_concepts(home, status=state, done=4 if state == "finished" else 1 if view == "timeline" else 3)
    app = open_page("concepts", view=view)
    sound(app)
    assert words(app).count("<h1>") == 1


def test_without_a_run_there_is_one_button(open_page: Any) -> None:
    app = open_page("concepts")
    sound(app)
    assert [button.label for button in app.button] == ["Train the demo"]


def test_before_the_first_task_it_says_when_concepts_appear(open_page: Any, home: Path) -> None:
    runs.write_concepts(home, status="running", done=0)
    app = open_page("concepts")
    sound(app)
    assert "Its first concepts appear after the first task" in words(app)


def test_a_method_without_concepts_says_why_and_what_to_do(open_page: Any, home: Path, asked: list[Question]) -> None:
    runs.write_concepts(home, learns=False)
    app = open_page("concepts")
    sound(app)
    assert "<h1>This run has no concepts</h1>" in words(app)
    assert "Train a method with a concept bottleneck" in words(app)
    assert asked == []
    app.button(key="with-concepts").click().run()
    assert "<h1>Train a new run</h1>" in words(app)


def test_a_run_that_still_trains_shows_its_finished_moments(open_page: Any, home: Path, asked: list[Question]) -> None:
    run = runs.write_concepts(home, status="running", done=2)
    app = open_page("concepts")
    sound(app)
    assert table(app)["concept"].tolist() == ["red crown", "hooked bill", "green back", "two eyes"]
    assert asked == []  # it follows the training, which anything long would slow down: only when asked
    assert "the strongest images of every concept. By itself it waits for the run to end" in words(app)
    sound(open_page("concepts", task="2"))
    assert asked == [Question(run, 1, "exemplars", {})]  # but of a moment that is looked at; the control still waits


# -- browse ------------------------------------------------------------------------------------------------------------


def test_browse_lists_what_is_known_of_every_concept(open_page: Any, home: Path) -> None:
    runs.write_concepts(home)
    app = open_page("concepts")
    rows = table(app).set_index("concept")
    assert len(rows) == 8
    first = rows.loc["red crown"]
    assert (first["group"], first["task"], first["used by"]) == ("crown", 1, 8)
    assert (first["AUC"], first["accuracy"], first["broken by"]) == (0.7, 0.65, "task 3")
    assert first["drift"] == 0.3 and first["alignment"] == 0.7
    assert first["strongest weights"].startswith("blue-crowned hookbill +1.00, ")
    assert np.isnan(float(rows.loc["two eyes"]["AUC"]))
    assert rows.loc["spiky crest"]["used by"] == 1


def test_the_finding_and_what_cannot_be_judged_are_said(open_page: Any, home: Path) -> None:
    runs.write_concepts(home)
    text = words(open_page("concepts"))
    assert "<h1>Every one of the 8 concepts is used by some class</h1>" in text
    assert "1 of them was broken by a later task. 1 cannot be judged" in text


def test_search_filter_and_order(open_page: Any, home: Path) -> None:
    runs.write_concepts(home)
    app = open_page("concepts")
    assert table(app)["concept"][0] == "red crown"  # used by most classes
    app.selectbox(key="concept-order").set_value("name").run()
    assert table(app)["concept"].tolist() == sorted(runs.TEXTS)
    app.text_input(key="concept-search").set_value("B").run()
    assert table(app)["concept"].tolist() == ["black bib", "green back", "hooked bill"]
    app.selectbox(key="concept-task").set_value("3").run()
    assert table(app)["concept"].tolist() == ["black bib"]
    app.selectbox(key="concept-group").set_value("crest").run()
    sound(app)
    assert not app.dataframe
    assert "No concept passes these filters" in words(app)


def test_the_class_of_the_bar_filters_too(open_page: Any, home: Path) -> None:
    runs.write_concepts(home)
    name = open_dataset(stores.config()).class_names[5]
    app = open_page("concepts", **{"class": name})
    assert table(app)["concept"].tolist() == ["red crown", "black bib"]
    assert f"2 concepts used by {name}, the class chosen above" in words(app)


def test_cards_show_images_and_lead_to_the_timeline(open_page: Any, home: Path, no_lab: None) -> None:
    run = runs.write_concepts(home)
    runs.keep(home, run, 3, "exemplars", runs.exemplars(8))
    app = open_page("concepts")
    sound(app)
    cards = [e.value for e in app.html if "<div class='plc-card'>" in e.value]
    assert len(cards) == 8
    assert all(card.count("<img src='data:image/webp") == 8 for card in cards)
    assert all(card.count("✓") == 2 and card.count("✗") == 2 for card in cards)
    assert "<b>broken by task 3</b>" in cards[0]
    app.button(key="open-1").click().run()
    sound(app)
    assert app.query_params["view"] == "timeline"
    assert "<h1>No task broke “hooked bill”</h1>" in words(app)


def test_a_damaged_answer_is_told_and_computed_again_when_asked_for(
    open_page: Any, home: Path, no_lab: None, asked: list[Question]
) -> None:
    run = runs.write_concepts(home)
    runs.keep(home, run, 3, "exemplars", runs.exemplars(8))
    with RunStore(home).database.writing() as db:
        db.execute("UPDATE results SET data = X'00' WHERE name = 'hits'")
    app = open_page("concepts")
    sound(app)
    assert "damaged (hits: it is no array of NumPy's)" in html.unescape(words(app))
    assert "exemplars" not in [question.name for question in asked]  # nobody has asked for it yet
    next(button for button in app.button if button.key and button.key.startswith("ask-exemplars")).click().run()
    assert asked[-1].name == "exemplars"
    assert Analyses(RunStore(home)).state(asked[-1]).status == "running"


def test_the_two_guides_show_different_maps(open_page: Any, home: Path) -> None:
    run = runs.write_concepts(home)
    runs.keep(home, run, 3, "exemplars", runs.exemplars(8))
    app = open_page("concepts")
    before = next(e.value for e in app.html if "<div class='plc-card'>" in e.value)
    assert "follows the direction it has learnt" in words(app)
    app.segmented_control(key="guide-choice").set_value("text").run()
    after = next(e.value for e in app.html if "<div class='plc-card'>" in e.value)
    assert "it follows the words" in words(app) and before != after


def test_a_chosen_row_leads_to_the_timeline(home: Path) -> None:
    from streamlit.testing.v1 import AppTest

    def script() -> None:
        from pages.ui import panels
        from pages.ui.concepts import choices

        panels.on_row("concept-list", lambda row: choices.look_at(["red crown", "hooked bill"][row]))()

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["concept-list"] = {"selection": {"rows": [1]}}
    app.run()
    assert not app.exception
    assert app.session_state["address-held"] == {"concept": "hooked bill", "view": "timeline"}


# -- timeline ----------------------------------------------------------------------------------------------------------


def test_the_timeline_opens_with_the_concept_that_was_broken_worst(open_page: Any, home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_page("concepts", view="timeline")
    text = words(app)
    assert "<h1>Task 3 broke “red crown”: its AUC fell by 25 points</h1>" in text
    assert "It has not recovered: its AUC is 0.70 now." in text
    assert "<dt>AUC</dt><dd>0.700</dd>" in text
    drawn = {t["name"]: t for t in chart(app, "concept-values")["data"]}
    assert numbers(drawn["AUC"]["y"]) == [0.95, 0.95, 0.7, 0.7]
    assert (drawn["break"]["x"], drawn["break"]["y"]) == ([2, 3], [0.95, 0.7])


def test_weights_over_time_are_those_of_the_models(open_page: Any, home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_page("concepts", view="timeline", concept="hooked bill")
    spec = chart(app, "concept-weights")
    points = spec["data"][1]
    assert numbers(points["x"]) == [0, 1, 2, 3] and set(numbers(points["y"])) == {
        0
    }  # one class ever used it, from the first task on
    name = open_dataset(stores.config()).class_names[1]
    assert f"It speaks for {name} most (+1.00)" in words(app)


def test_the_moment_is_scrubbed_by_slider_and_arrow_keys(open_page: Any, home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_page("concepts", view="timeline")
    assert app.button(key="scrub-later").disabled
    app.button(key="scrub-earlier").click().run()
    assert app.query_params["task"] == "3"
    app.slider(key="scrub").set_value(2).run()
    assert app.query_params["task"] == "2"
    assert "<dt>AUC</dt><dd>0.950</dd>" in words(app)
    assert "<h1>Task 3 broke “red crown”" in words(app)  # the whole story, whatever the moment
    assert [b.proto.shortcut.lower() for b in (app.button(key="scrub-earlier"), app.button(key="scrub-later"))] == [
        "left",
        "right",
    ]


def test_a_concept_that_is_yet_to_come_says_so(open_page: Any, home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_page("concepts", view="timeline", concept="woods", task="2")
    sound(app)
    assert "After task 2 it is not there yet: task 4 brings it." in words(app)


def test_a_concept_nobody_can_see_says_why_it_is_not_judged(open_page: Any, home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    text = words(open_page("concepts", view="timeline", concept="two eyes"))
    assert "It cannot be judged (true of all pictures, or to be seen in none)" in text
    assert "Absent because this concept cannot be judged" in text


def test_an_unknown_concept_in_a_link_shows_the_default(open_page: Any, home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_page("concepts", view="timeline", concept="no such <b>thing</b>")
    sound(app)
    assert "“red crown”" in words(app)


def test_heat_maps_follow_the_pinned_images(open_page: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.write_concepts(home)
    monkeypatch.setattr("pages.ui.laboratory.open", lambda view, moment: fake_lab(home, run))
    app = open_page("concepts", view="timeline", pins="test:5.nonsense.test:9999.test:7")
    sound(app)
    (strip,) = [e.value for e in app.html if "<div class='plc-film'" in e.value]
    assert strip.count("<tr>") == 3  # a head and two images
    assert strip.count("<img ") == 2 * (1 + 1 + 4)
    assert strip.count("class='plc-now'>after task 4") == 1
    assert app.query_params["pins"] == "test:5.test:7"
    assert "Why it fell by 25.0 points at task 3" in words(app)


def test_pins_do_not_outlive_their_run(open_page: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, run = runs.write_concepts(home), runs.write_concepts(home)
    monkeypatch.setattr("pages.ui.laboratory.open", lambda view, moment: fake_lab(home, run))
    app = open_page("concepts", view="timeline", pins="test:5", run=run)
    assert app.query_params["pins"] == "test:5"
    app.selectbox(key="run-choice").set_value(other).run()
    sound(app)
    assert "pins" not in app.query_params


def fake_lab(home: Path, run: str) -> SimpleNamespace:
    """Everything the film needs, without a backbone."""
    dataset = open_dataset(stores.config())
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(40, runs.WIDTH, generator=generator)
    return SimpleNamespace(
        changes_backbone=False,
        dataset=dataset,
        config=stores.config(),
        snapshot=runs.snapshot,
        sample=lambda split, task: SimpleNamespace(rows=np.arange(40), features=features),
        truth=lambda split, rows, bank: ((features[:, :1] > 0).numpy(), np.array([True])),
        pixels=lambda split, rows: np.zeros((len(rows), 24, 24, 3), np.uint8),
        patches=lambda images: torch.randn(len(images), 4, runs.WIDTH, generator=generator),
        embed=lambda images: features[: len(images)],
    )


# -- the control -------------------------------------------------------------------------------------------------------


def test_the_control_starts_by_itself_and_does_not_block(open_page: Any, home: Path, asked: list[Question]) -> None:
    run = runs.write_concepts(home)
    app = open_page("concepts", task="2")
    sound(app)
    assert Question(run, 3, "random_words", {}) in asked  # once for the whole run, whatever the moment
    assert len(app.dataframe) == 1


@pytest.mark.parametrize(
    ("random", "said"),
    [
        (0.899, "Random words reach 89.9 %; the concepts buy 0.3 points."),
        (0.92, "Random words reach 92.0 %: these concepts cost 1.8 points."),
        (0.901, "Random words reach 90.1 %: no difference that the test images can show."),
        (0.902, "Random words reach 90.2 %: in accuracy these concepts buy nothing."),
    ],
)
def test_the_control_is_worded_whichever_way_it_comes_out(open_page: Any, home: Path, random: float, said: str) -> None:
    run = runs.write_concepts(home)
    runs.keep(home, run, 3, "random_words", runs.control(random=random))
    app = open_page("concepts")
    assert f"<strong>{said}</strong>" in words(app).replace("&nbsp;", " ") and "tried twice" not in words(app)
    app.session_state["control-box"] = True
    sound(app.run())
    text = words(app).replace("&nbsp;", " ")
    assert "with 8 concepts" in text and "tried twice" in text
    assert f"a difference of {100 * (0.902 - random) - 0.2:.1f} to".replace("-", "−") in text
    assert f"With random vectors: {100 * random - 5:.1f} %." in text and "With words of other fields" not in text


def test_the_control_in_numbers(open_page: Any, home: Path) -> None:
    run = runs.write_concepts(home)
    runs.keep(home, run, 3, "random_words", runs.control())
    app = open_page("concepts", split="moved")
    app.session_state["control-box"] = True
    app.run()
    sound(app)
    text = words(app)
    assert text.count("<tr><td>") == 6  # three measures on two splits
    assert "frozen &lt;b&gt;fork&lt;/b&gt;" in text and "<b>fork" not in text
    assert len([c for c in app.get("plotly_chart") if "control-lines" in c.proto.id]) == 2
    assert "<th>Random vectors</th>" in text and "this backbone has a closed vocabulary" in text


def test_no_control_is_begun_where_nothing_embeds_other_words(
    open_page: Any, home: Path, asked: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.write_concepts(home)
    open_page("concepts")
    assert "random_words" in {question.name for question in asked}
    asked.clear()
    monkeypatch.setattr("pages.ui.concepts.control.GIVEN", RunView(RunStore(home), run).config.backbone)
    app = open_page("concepts")
    assert "random_words" not in {question.name for question in asked}
    assert any("nothing embeds others" in caption.value for caption in app.caption)


def test_the_search_is_shown_when_it_is_asked_for(open_page: Any, home: Path) -> None:
    run = runs.write_concepts(home)
    app = open_page("concepts")
    analyses, question = Analyses(RunStore(home)), Question(run, 3, "search_stability", {})
    assert analyses.state(question) is None
    app.session_state["search-box"] = True
    app.run()
    assert analyses.state(question).status in LIVE  # it may wait: how many work at once is the machine's matter
    runs.keep(home, run, 3, "search_stability", runs.search())
    app.run()
    sound(app)
    text = words(app).replace("&nbsp;", " ")
    assert "25 % of the chosen texts are wrong or say nothing, of those offered 50 %" in text
    assert "two seeds share 33 % of their concepts, by chance 39 %" in text


# -- what is missing ---------------------------------------------------------------------------------------------------


def test_without_truth_every_panel_says_why_it_is_absent(open_page: Any, home: Path, no_lab: None) -> None:
    gone = stores.config().changed(dataset="folder", path=str(home / "gone"))
    names = tuple(f"class {i}" for i in range(8))
    run = runs.write_concepts(home, truth=False, setup=gone, names=names)
    runs.keep(home, run, 3, "random_words", runs.control(meaning=np.nan))
    app = open_page("concepts")
    app.session_state["control-box"] = True
    sound(app.run())
    assert "Nobody knows which concepts are true of these images" in words(app)
    assert "Whether a concept is rightly seen cannot be said" in words(app)
    assert not {"AUC", "accuracy", "broken by"} & set(table(app))
    assert set(app.selectbox(key="concept-order").options) == {
        "Used by most classes",
        "Turned furthest",
        "Furthest from its words",
        "Order of learning",
        "Name",
    }
    app = open_page("concepts", view="timeline")
    sound(app)
    assert "Absent because these images come without concept truth" in words(app)
    assert "“red crown” has turned by 0.30 since it was learnt" in words(app)


def test_images_that_are_gone_leave_the_numbers(open_page: Any, home: Path) -> None:
    gone = stores.config().changed(dataset="folder", path=str(home / "gone"))
    run = runs.write_concepts(home, setup=gone, names=tuple(f"class {i}" for i in range(8)))
    runs.keep(home, run, 3, "exemplars", runs.exemplars(8, known=False))
    app = open_page("concepts")
    sound(app)
    assert len(table(app)) == 8 and "gone" in words(app)


@pytest.mark.parametrize(("view", "said"), [("browse", "8 concepts after task 4"), ("timeline", "Task 3 broke")])
def test_models_that_are_gone_leave_the_numbers(open_page: Any, home: Path, no_lab: None, view: str, said: str) -> None:
    runs.write_concepts(home, models=False)
    app = open_page("concepts", view=view)
    sound(app)
    assert "It is missing; a whole snapshot file is needed." in words(app)
    assert said in words(app)


@pytest.mark.parametrize("view", ["browse", "timeline"])
def test_markup_in_names_stays_text(open_page: Any, home: Path, no_lab: None, view: str) -> None:
    names = (EVIL, *(f"class_{i} **bold**" for i in range(7)))
    run = runs.write_concepts(home, texts=(EVIL, *runs.TEXTS[1:]), names=names)
    runs.keep(home, run, 3, "exemplars", runs.exemplars(8))
    app = open_page("concepts", view=view, **{"class": EVIL})
    sound(app)
    bare = re.compile(r"(?<!\\)<img src=x")  # Markdown keeps what has a backslash before it as text
    assert not bare.search(words(app))
    assert not any(bare.search(button.label) for button in app.button)
    assert "<img src=x" not in "".join(c.proto.spec for c in app.get("plotly_chart"))
    if view == "browse":
        assert table(app)["concept"].tolist() == [EVIL]
        assert app.button(key="open-0").label.startswith("\\<img src=x")


# -- plain functions ---------------------------------------------------------------------------------------------------


def test_pins_survive_the_address_and_nonsense_does_not() -> None:
    assert film.parse(film.spell([3, 17]), 20) == [3, 17]
    assert film.parse("test:3.test:3.test:20.moved:1.test:-1.test:x.", 20) == [3]
    assert film.parse(None, 20) == []
    assert len(film.parse(film.spell(range(20)), 20)) == film.MOST


def test_what_paints_the_words_loads_no_torch() -> None:
    code = (
        "import sys, pages.ui.concepts.browse, pages.ui.concepts.timeline, pages.ui.concepts.control;"
        "assert not {'torch', 'open_clip'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])


# -- what stands beside every bottleneck -------------------------------------------------------------------------------


def test_what_stands_beside_is_computed_when_asked_for_and_shown_behind_one_click(open_page: Any, home: Path) -> None:
    run = runs.write_concepts(home)
    runs.keep(home, run, 3, "sparse_accuracy", runs.sparse())
    runs.keep(home, run, 3, "concept_relations", runs.relations())
    app = open_page("concepts", view="browse")
    app.session_state["beside-box"] = True
    sound(app.run())
    said = words(app)
    assert "With 5 to 30 concepts a class 72.5 % are right on average" in said
    assert "worse; those of task 1 lost most" in said
    assert "Not computed yet: what scores tell beyond their concepts" in said
