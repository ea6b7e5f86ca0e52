"""The Aviary page: surgery on a bird by clicks and links, and the three views on causes, in every state."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.bird import Bird
from engine.data.aviary.world import TRUTH_NAMES, Aviary
from engine.exhibits import naming
from engine.exhibits.picture import surgery
from engine.exhibits.picture.birds import BirdAnswer
from engine.exhibits.picture.single import every_single
from engine.jobs.analyses import Analyses, Question
from engine.jobs.training import work
from engine.runs.config import preset
from engine.store.store import RunStore
from pages.ui.picture import answers, birds, palette, plates, steps
from pages.ui.picture.steps import Steps
from tests.job_states import note_analyses
from tests.pages.stores import config, write_run
from tests.pages.test_pages import chart, sound, words

ROOT = Path(__file__).parents[2]
BIRD = Bird((4, 5, 7, 9, 0, 2, 2, 2, 1, 3, 0, 2, 3), 77)
EDITS = 2 * 13 * 6


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the page asked for; nothing is computed in the background."""
    return note_analyses(monkeypatch)


@pytest.fixture(scope="module")
def causes(tiny_lab: Any) -> Any:
    """A small answer of the analysis."""
    return answer(tiny_lab, Question(tiny_lab.view.id, 2, "causal_effects", {"edits": EDITS}))


def begun(bird: Bird = BIRD) -> Steps:
    return Steps("test:0", bird.seed, (bird.values,))


# -- steps -------------------------------------------------------------------------------------------------------------


def test_setting_what_is_already_so_is_no_step() -> None:
    before = begun()
    assert before.set("crown", "blue") is before


def test_an_edit_changes_its_attribute_and_nothing_else() -> None:
    after = begun().set("bill", "hooked")
    assert naming.differing(after.original.values, after.bird.values) == [INDEX["bill"]]
    assert after.bird.seed == BIRD.seed
    assert naming.told(after.states[0], after.states[1]) == "curved bill → hooked bill"


def test_undo_redo_and_reset() -> None:
    done = begun().set("crown", "red").set("habitat", "snow")
    assert done.undo().bird == begun().set("crown", "red").bird
    assert done.undo().redo() == done
    assert done.redo() == done and begun().undo() == begun()
    assert done.reset().bird == BIRD
    assert done.reset().undo().bird == done.bird
    assert done.undo().set("legs", "red").redo().bird.value("habitat") == "meadow"  # a new step drops what was undone


def test_the_attribute_changed_last_comes_last() -> None:
    done = begun().set("habitat", "snow").set("crown", "red")
    assert done.changed == (INDEX["habitat"], INDEX["crown"])
    assert done.set("crown", "blue").changed == (INDEX["habitat"],)


def test_who_comes_by_a_link_can_undo_attribute_by_attribute() -> None:
    target = begun().set("habitat", "snow").set("crown", "red").bird.values
    came = begun().arriving(target)
    assert came.bird.values == target and came.at == 2
    assert begun().set("crown", "red").undo().arriving(BIRD.values).at == 0  # a known state is gone back to


def test_many_changes_at_once_are_put_into_few_words() -> None:
    done = begun().set("habitat", "snow").set("crown", "red").set("legs", "red").reset()
    assert naming.told(done.states[-2], done.states[-1]) == "everything back as it was"


# -- birds, plates, swatches -------------------------------------------------------------------------------------------


def test_every_bird_of_a_link_is_the_bird_of_the_data() -> None:
    aviary = Aviary(species=6, train_per_class=20, test_per_class=8)
    for ref, split, row in (("test:9", "test", 9), ("moved:9", "moved", 9), ("val:3", "train", 3)):
        found = birds.read(aviary, ref)
        assert (found.bird, found.class_id) == (aviary.splits[split].birds(row), int(aviary.splits[split].labels[row]))
    made_up = birds.read(aviary, "bird:4.5.7.9.0.2.2.2.1.3.0.2.3:77")
    assert (made_up.bird, made_up.class_id) == (BIRD, None)


def test_every_single_change_is_one_change() -> None:
    every = every_single(BIRD)
    assert len(every) == len(set(every)) == sum(len(a.values) - 1 for a in ATTRIBUTES) == 64
    assert all(len(naming.differing(BIRD.values, one.values)) == 1 for one in every)


def test_colours_have_paint_and_shapes_have_none() -> None:
    assert palette.paint("crown", "red") == "rgb(202, 36, 40)"
    assert palette.paint("habitat", "snow").startswith("linear-gradient(rgb(")
    assert palette.paint("tail_band", "white") == palette.paint("bill", "hooked") == ""


def answered(logits: list[float], bird: Bird = BIRD) -> BirdAnswer:
    powers = np.exp(np.array(logits))
    return BirdAnswer(bird, None, np.zeros(1), np.array(logits), powers / powers.sum())  # type: ignore[arg-type]


def test_the_verdict_says_whether_the_mind_changed_and_escapes_names() -> None:
    names, before, after = ("<b>owl</b>", "wren"), answered([3.0, 0.0]), answered([0.0, 3.0])
    text = plates.answers(before, after, names, 0, changed=True)
    assert "Changed its mind" in text and "<b>owl" not in text and "&lt;b&gt;owl" in text
    assert "Same answer" in plates.answers(before, before, names, 0, changed=True)
    assert surgery.headline(before, replace(after, bird=begun().set("crown", "red").bird), names) == (
        "Another crown, and it sees a wren, 95 % sure"
    )


# -- without a model to ask --------------------------------------------------------------------------------------------


def test_without_a_run_there_is_one_button(open_page: Any) -> None:
    app = open_page("aviary")
    sound(app)
    assert [button.label for button in app.button] == ["Train the demo"]


def test_before_the_first_task_is_finished_it_says_so(open_page: Any, home: Path) -> None:
    write_run(home, status="running", done=0)
    app = open_page("aviary")
    sound(app)
    assert "<h1>No task is finished yet</h1>" in words(app)


def test_photographs_cannot_be_operated_on_and_the_page_says_why(open_page: Any, home: Path, tmp_path: Path) -> None:
    write_run(home, setup=config().changed(dataset="folder", path=str(tmp_path)), names=tuple("abcdefgh"))
    app = open_page("aviary")
    sound(app)
    assert "<h1>Photographs cannot be operated on</h1>" in words(app)
    assert "nobody can draw those again" in words(app)


def test_the_words_and_both_birds_need_no_torch() -> None:
    parts = ("birds", "steps", "plates", "palette", "effects", "ledger", "gallery", "reading", "surgery")
    code = f"import {', '.join(f'pages.ui.aviary.{part}' for part in parts)}; import sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "False", done.stderr


# -- surgery -----------------------------------------------------------------------------------------------------------


def test_a_bird_is_operated_on_by_link_and_by_buttons(open_tiny: Any, tiny_lab: Any) -> None:
    bird = tiny_lab.dataset.splits["test"].birds(3)
    named = {TRUTH_NAMES[c.truth] for c in tiny_lab.snapshot(2).bank.concepts if c.truth is not None}
    before = f"habitat:{bird.value('habitat')}" in named
    habitat = next(v for v in ATTRIBUTES[-1].values if v != bird.value("habitat") and f"habitat:{v}" in named)
    crown = next(v for v in ATTRIBUTES[0].values if v != bird.value("crown"))
    edited = begun(bird).set("crown", crown).set("habitat", habitat)
    app = open_tiny("aviary")
    sound(app)
    assert app.query_params["image"] == "test:0" and "edit" not in app.query_params
    assert "Change a colour" in words(app) and "What the page could not do" not in words(app)

    app.query_params["image"] = "test:3"
    app.query_params["edit"] = steps.text_of(edited.bird.values, bird.seed)
    app.run()
    sound(app)
    text = words(app)
    assert (
        text.count("<img src='data:image/webp") == 2 + 2 + 2 * before
    )  # both birds, and the old and the new habitat on each
    assert "pl-badge" in text and "→" in text and "pl-odds" in text
    pair, moved = chart(app, "pair-bars"), chart(app, "moved-bars")
    assert [trace["name"] for trace in pair["data"]] == ["before", "after"]
    assert moved["layout"]["yaxis"]["ticktext"][-1] == "change"

    app.button(key="do-Undo").click().run()
    assert app.query_params["edit"] == steps.text_of(edited.arriving(edited.bird.values).undo().bird.values, bird.seed)
    app.button(key="do-Redo").click().run()
    app.button(key="do-Reset").click().run()
    sound(app)
    assert "edit" not in app.query_params and app.query_params["image"] == "test:3"
    assert words(app).count("<li") == 3
    app.button(key="fool").click().run()
    sound(app)
    assert "No single change renames this bird; all 64 were tried" in words(app)
    app.button(key="surprise").click().run()
    sound(app)
    assert app.query_params["image"] != "test:3"


def test_a_bird_of_your_own_and_hostile_links(open_tiny: Any) -> None:
    app = open_tiny("aviary", image="bird:4.5.7.9.0.2.2.2.1.3.0.2.3:77", edit="<script>:1")
    sound(app)
    assert "belongs to no species" in words(app) and "not as Plumage writes them" in words(app)
    for image in ("upload:0f3a", "test:99999", "bird:99.0:1", "test:-1"):
        app.query_params["image"] = image
        app.run()
        sound(app)
        assert app.query_params["image"] == "test:0", image
        assert "pl-notice" in words(app)
    app.query_params["edit"] = steps.text_of(BIRD.values, BIRD.seed)  # the changes of another bird
    app.run()
    sound(app)
    assert "edit" not in app.query_params and "<b>Before</b>" not in words(app)


def test_a_species_that_is_not_learnt_yet_cannot_be_known(open_tiny: Any) -> None:
    app = open_tiny("aviary", task="1", image="test:47")
    sound(app)
    assert "It cannot know this species yet: task 3 brings it" in words(app)


def test_a_method_without_concepts_still_answers_and_says_why_there_are_no_bars(
    own_tiny_home: Path, open_tiny: Any
) -> None:
    store = RunStore(own_tiny_home)
    run = store.create(preset("tiny").changed(method="ncm"), "means")
    assert work(store, run).status == "finished"
    app = open_tiny("aviary", run=run)
    sound(app)
    assert "pl-verdict" in words(app) and "has no concepts" in words(app)
    app.query_params["view"] = "claims"
    app.run()
    sound(app)
    assert "its weights claim nothing" in words(app)


# -- causes ------------------------------------------------------------------------------------------------------------


def test_the_views_on_causes_ask_once_and_show_one_result(
    open_tiny: Any, own_tiny_home: Path, asked: list[Question], causes: Any, tiny_lab: Any
) -> None:
    app = open_tiny("aviary", view="effects")
    sound(app)
    assert [(q.name, q.task, dict(q.settings)) for q in asked] == [("causal_effects", 2, {})]
    assert "About 4,000 pictures are drawn" in words(app)

    Analyses(RunStore(own_tiny_home)).keep(asked[0], causes, 1.0)
    app.run()
    sound(app)
    assert f"{EDITS} edits of 12 test birds" in words(app)
    flips = chart(app, "flip-bars")
    assert flips["data"][0]["type"] == "bar" and chart(app, "value-map")["data"][0]["type"] == "heatmap"

    app.query_params["view"] = "claims"
    app.run()
    sound(app)
    assert len(chart(app, "claim-scatter")["data"][1]["text"]) == 13
    assert "Used, but not claimed" in words(app) and "Correlation of claims and uses" in words(app)

    app.query_params["class"] = name = tiny_lab.view.class_names[4]
    app.run()
    sound(app)
    assert name in words(app) and len(chart(app, "claim-scatter")["data"][1]["text"]) == 13
    del app.query_params["class"]

    app.query_params["view"] = "pairs"
    app.query_params["pairs"] = "alike"
    app.run()
    sound(app)
    assert "visible changes leave the name as it was" in words(app)
    shown = [button for button in app.button if button.label == "Operate on it"]
    assert len(shown) == 8 and words(app).count("<div class='re-twins'>") == 8
    shown[0].click().run()
    sound(app)
    assert "edit" in app.query_params and "view" not in app.query_params
    assert "Same answer" in words(app)
    assert len(asked) == 1


def test_what_is_edited_twice_the_same_way_is_answered_alike(tiny_lab: Any) -> None:
    snapshot = tiny_lab.snapshot(2)
    one, other, same = answers.ask(tiny_lab, snapshot, [BIRD, replace(BIRD, values=(0, *BIRD.values[1:])), BIRD])
    assert np.array_equal(one.logits, same.logits)
    assert not np.array_equal(one.logits, other.logits)
    assert one.probabilities.sum() == pytest.approx(1.0)
