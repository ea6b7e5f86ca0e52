"""What if the bird were another: surgery by clicks and links, in every state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.bird import Bird
from engine.data.aviary.world import TRUTH_NAMES
from engine.exhibits import naming
from engine.exhibits.picture import surgery
from engine.exhibits.picture.birds import BirdAnswer
from engine.exhibits.picture.single import every_single
from engine.jobs.training import work
from engine.runs.config import preset
from engine.store.store import RunStore
from pages.ui.picture import answers, palette, plates, steps
from pages.ui.picture.steps import Steps
from tests.pages.test_pages import chart, sound, words

ROOT = Path(__file__).parents[2]
BIRD = Bird((4, 5, 7, 9, 0, 2, 2, 2, 1, 3, 0, 2, 3), 77)
EDITS = 2 * 13 * 6


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


# -- surgery -----------------------------------------------------------------------------------------------------------


def test_a_bird_is_operated_on_by_link_and_by_buttons(open_tiny: Any, tiny_lab: Any) -> None:
    bird = tiny_lab.dataset.splits["test"].birds(3)
    named = {TRUTH_NAMES[c.truth] for c in tiny_lab.snapshot(2).bank.concepts if c.truth is not None}
    before = f"habitat:{bird.value('habitat')}" in named
    habitat = next(v for v in ATTRIBUTES[-1].values if v != bird.value("habitat") and f"habitat:{v}" in named)
    crown = next(v for v in ATTRIBUTES[0].values if v != bird.value("crown"))
    edited = begun(bird).set("crown", crown).set("habitat", habitat)
    app = open_tiny("picture", image="test:0", tab="what", how="bird")
    sound(app)
    assert "edit" not in app.query_params and "Change something" in words(app)
    assert not [button for button in app.button if button.key.startswith("do-")]  # there is nothing to undo

    app.query_params["image"] = "test:3"
    app.query_params["edit"] = steps.text_of(edited.bird.values, bird.seed)
    app.run()
    sound(app)
    text = words(app)
    assert text.count("<img src='data:image/webp") == 2 + 2 + 2 * before  # both birds; old and new habitat on each
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


def test_a_changed_bird_becomes_the_picture_of_the_page(open_tiny: Any, tiny_lab: Any) -> None:
    bird = tiny_lab.dataset.splits["test"].birds(3)
    crown = next(value for value in ATTRIBUTES[0].values if value != bird.value("crown"))
    edit = steps.text_of(begun(bird).set("crown", crown).bird.values, bird.seed)
    app = open_tiny("picture", image="test:3", tab="what", how="bird", edit=edit)
    app.button(key="apart").click().run()
    sound(app)
    assert app.query_params["image"] == f"bird:{edit}" and "tab" not in app.query_params
    assert "Why this answer?" in words(app)


def test_a_bird_of_your_own_and_hostile_links(open_tiny: Any) -> None:
    mine = "bird:4.5.7.9.0.2.2.2.1.3.0.2.3:77"
    app = open_tiny("picture", tab="what", how="bird", image=mine, edit="<script>:1")
    sound(app)
    assert "belongs to no species" in words(app) and "not as Plumage writes them" in words(app)
    app.query_params["edit"] = "4.5.7.9.0.2.2.2.1.3.0.2.4:78"  # the changes of another bird
    app.run()
    sound(app)
    assert "edit" not in app.query_params and "<b>Before</b>" not in words(app)


def test_a_species_that_is_not_learnt_yet_cannot_be_known(open_tiny: Any) -> None:
    app = open_tiny("picture", tab="what", how="bird", task="1", image="test:47")
    sound(app)
    assert "It cannot know this species yet: task 3 brings it" in words(app)


def test_a_method_without_concepts_still_answers_and_says_why_there_are_no_bars(
    own_tiny_home: Path, open_tiny: Any, tiny_lab: Any
) -> None:
    store = RunStore(own_tiny_home)
    run = store.create(preset("tiny").changed(method="ncm"), "means")
    assert work(store, run).status == "finished"
    app = open_tiny("picture", run=run, tab="what", image="test:0")
    sound(app)
    assert "pl-verdict" in words(app) and "how-choice" not in app.session_state  # there is nothing else to change
    bird = tiny_lab.dataset.splits["test"].birds(0)
    crown = next(value for value in ATTRIBUTES[0].values if value != bird.value("crown"))
    app.query_params["edit"] = steps.text_of(begun(bird).set("crown", crown).bird.values, bird.seed)
    app.run()
    sound(app)
    assert "has no concepts" in words(app)


# -- answers -----------------------------------------------------------------------------------------------------------


def test_what_is_edited_twice_the_same_way_is_answered_alike(tiny_lab: Any) -> None:
    snapshot = tiny_lab.snapshot(2)
    one, other, same = answers.ask(tiny_lab, snapshot, [BIRD, replace(BIRD, values=(0, *BIRD.values[1:])), BIRD])
    assert np.array_equal(one.logits, same.logits)
    assert not np.array_equal(one.logits, other.logits)
    assert one.probabilities.sum() == pytest.approx(1.0)
