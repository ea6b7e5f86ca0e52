"""Exhibits about concepts that need no images: their headlines and tables against what was stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.exhibits.concepts import control, exemplars, film, listing, story, timeline, weights
from engine.explain.history import Break
from engine.session import model_arrays
from engine.store.reader import ConceptMetrics
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages import concept_runs as runs

LAST = 3


class Written:
    """A run of four tasks whose third breaks the first concept."""

    def __init__(self, home: Path, **more: bool) -> None:
        self.store = RunStore(home)
        self.view = RunView(self.store, runs.write_concepts(home, **more))
        self.known: list[ConceptMetrics] = [self._metrics(t) for t in range(LAST + 1)]

    def head(self, task: int) -> np.ndarray:
        return model_arrays.head(self.store, self.view.id, task)

    def story(self, concept: int) -> story.Story:
        return story.read(self.known, self.view.class_names, concept, "test")

    @property
    def names(self) -> list[str]:
        return [self.view.class_names[i] for i in self.view.class_ids_seen(LAST)]

    @property
    def listed(self) -> listing.Listing:
        return listing.listing(self.known, "test", self.head(LAST), self.names, self.view.class_names)

    def _metrics(self, task: int) -> ConceptMetrics:
        found = self.view.concept_metrics(task)
        assert found is not None
        return found


@pytest.fixture
def run(tmp_path: Path) -> Written:
    return Written(tmp_path)


# -- one concept -------------------------------------------------------------------------------------------------------


def test_the_concept_that_was_broken_worst_tells_most(run: Written) -> None:
    assert story.telling(run.known, "test") == 0
    assert story.telling(run.known[:2], "test") == int(run.known[1].drift.argmax())  # nothing is broken yet


def test_what_is_known_of_a_concept_is_what_was_stored(run: Written) -> None:
    found = timeline.values(run.story(0), LAST, "test")
    assert found.headline == f"“red crown” has an AUC of {runs.BROKEN_TO:.2f} after task 4"
    assert found.table is not None
    assert found.table()["AUC"] == [runs.BROKEN_FROM] * 2 + [runs.BROKEN_TO] * 2
    assert found.table()["turned since it was learnt"] == [0.3] * 4


def test_its_turns_are_the_angles_between_its_directions(run: Written) -> None:
    rows = [None, np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.array([0.0, 2.0])]
    found = timeline.turns(story.turned(run.story(2), rows), LAST)
    assert found.headline == "Task 3 turned it most, by 1.00"
    assert found.table is not None and found.table()["turned at this task"] == [None, None, 1.0, 0.0]
    assert timeline.turns(run.story(2), LAST).headline == "It has not turned"


def test_its_weights_are_those_of_the_models(run: Written) -> None:
    heads = [run.head(t) for t in range(LAST + 1)]
    found = timeline.weights(run.story(0), heads, run.names, 1)
    assert found is not None and found.table is not None
    assert found.headline == f"It speaks for {run.names[0]} most (+1.00), and 3 more classes use it"
    assert found.table()["class"] == run.names
    assert found.table()["after task 2"] == [1.0, 0.5, 0.5, 0.5, None, None, None, None]
    later = timeline.weights(run.story(6), heads, run.names, 1)
    assert later is not None and later.headline == "No class uses it at this moment"
    assert timeline.weights(run.story(0), [0 * head for head in heads], run.names, 1) is None


# -- all concepts ------------------------------------------------------------------------------------------------------


def test_unknown_values_come_last_in_every_order(run: Written) -> None:
    listed, every = run.listed, list(range(8))
    assert listing.ordered(listed, every, "auc")[0] == 0 and listing.ordered(listed, every, "auc")[-1] == 3
    assert listing.ordered(listed, every, "fall")[0] == 0
    assert listing.ordered(listed, every, "drift") == every
    assert listing.ordered(listed, every[::-1], "born") == [1, 0, 3, 2, 5, 4, 7, 6]  # equals stay as they were
    assert listing.ordered(listed, every, "alignment") == every


def test_all_words_of_a_search_must_occur_in_any_order(run: Written) -> None:
    assert listing.chosen(run.listed, "CROWN red") == [0]
    assert listing.chosen(run.listed, "  ") == list(range(8))
    assert listing.chosen(run.listed, ".*") == []


def test_the_classes_that_use_a_concept_are_named_by_weight(run: Written) -> None:
    found = run.listed.users_of(0)
    assert [weight for _, weight in found] == [1.0] + [0.5] * 7
    assert found[0][0] == run.listed.classes[0]


def test_the_overview_pictures_some_and_lists_all(run: Written) -> None:
    found = exemplars.overview(run.listed, LAST, {0: "data:a", 3: "data:b"})
    assert found.headline == "Every one of the 8 concepts is used by some class"
    assert "1 of them was broken by a later task. 1 cannot be judged" in found.caption
    assert "Pictured are the 2 that most classes use" in found.caption
    assert [(p.title, p.note) for p in found.figure] == [
        ("red crown", "used by 8 classes, AUC 0.70, accuracy 65 %"),
        ("two eyes", "used by 1 class, cannot be judged"),
    ]
    assert found.table is not None and found.table()["concept"] == list(runs.TEXTS)


def test_images_of_a_concept_say_whether_they_have_it(run: Written) -> None:
    from engine.runs.sources import open_dataset

    dataset = open_dataset(run.view.config)
    found = exemplars.images(run.listed, 1, runs.exemplars(8), dataset)
    assert found.headline == "2 of the 4 images on which “hooked bill” is strongest have it"
    assert [p.note for p in found.figure[::2]] == ["has it", "has it", "does not have it", "does not have it"]
    assert len(found.figure) == 8 and len({p.src for p in found.figure}) == 8
    assert found.table is not None and found.table()["has it"] == ["yes", "yes", "no", "no"]
    unknown = exemplars.images(run.listed, 1, runs.exemplars(8, known=False), dataset)
    assert unknown.headline == "What “hooked bill” looks like to the model"


def test_the_control_is_told_by_its_gain() -> None:
    found = control.control(runs.control(own=0.902, random=0.899), 0, "moved", 1)
    assert found.headline == "Accuracy against random words: +0.3 points"
    assert found.caption == "After each task, habitats moved; the band spans the 2 controls"
    assert found.table is not None and len(found.table()["measure"]) == 3 * 2 * 2  # as far as the moment


# -- weights -----------------------------------------------------------------------------------------------------------


def test_the_grid_holds_the_weights_of_the_chosen_moment(run: Written) -> None:
    heads = weights.read(run.view, run.known[LAST], run.head, 1)
    rows, columns = weights.chosen(heads, weights.Shown(order="learnt"))
    assert (rows.tolist(), columns.tolist()) == ([0, 1, 2, 3], [0, 1, 2, 3])
    found = weights.grid(heads, rows, columns)
    assert found.headline == f"“red crown” speaks most for {run.names[0]} (+1.00)"
    assert found.table is not None and found.table()["red crown"] == [1.0, 0.5, 0.5, 0.5]
    assert found.caption.startswith("Weights after task 2; the 4 strongest of 4 concepts.")


def test_only_what_is_asked_for_is_drawn_and_the_chosen_concept_always(run: Written) -> None:
    heads = weights.read(run.view, run.known[LAST], run.head, LAST)
    rows, columns = weights.chosen(heads, weights.Shown(count=2, learnt=2, order="learnt", concept=6))
    assert rows.tolist() == [4, 5]
    assert columns.tolist() == [4, 6]  # 4 and 5 weigh as much: the first counts; 6 weighs nothing and was chosen
    rows, columns = weights.chosen(heads, weights.Shown(group="bill", brought=1))
    assert not len(columns)


def test_a_change_runs_with_time_whichever_moment_was_chosen(run: Written) -> None:
    def head(task: int) -> np.ndarray:
        return run.head(task) + np.where(np.arange(2 * (task + 1)) == 1, 0.1 * task, 0.0)

    for moment, against in ((3, 1), (1, 3)):
        heads = weights.read(run.view, run.known[LAST], head, moment, against)
        found = weights.grid(heads, *weights.chosen(heads, weights.Shown(order="learnt")))
        assert found.table is not None
        np.testing.assert_allclose(found.table()["hooked bill"], [0.2] * 4)
        assert "Change of the weights from after task 2 to after task 4" in found.caption
        assert "4 classes that came between have nothing to compare" in found.caption


# -- the film ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (
            0.93,
            "cost 8.0 points, and the new classes' pictures, judged by the old direction, cost 2.0 points.",
        ),
        (0.98, "cost 13.0 points, and the new classes' pictures, judged by the old direction, gave 3.0 points back."),
        (0.80, "gave 5.0 points back, and the new classes' pictures, judged by the old direction, cost 15.0 points."),
    ],
)
def test_a_fall_is_shared_out_exactly(kept: float, said: str) -> None:
    told = film.why(Break(2, 0.95, 0.85), kept)
    assert told.startswith("Why it fell by 10.0 points at task 3: the turn of its direction ")
    assert told.endswith(said)


@pytest.mark.parametrize(
    ("agreement", "said"),
    [
        ((0.9, 0.8), "now seen in the same place as at first: its maps agree by 0.85"),
        ((0.9, 0.3), "now seen nearly in the same place as at first: its maps agree by 0.60"),
        ((-0.2,), "now seen in another place than at first: its maps agree by −0.20"),
    ],
)
def test_the_film_says_whether_the_concept_wandered(run: Written, agreement: tuple[float, ...], said: str) -> None:
    frames = [("data:f", 0.5), ("data:g", 1.5)]
    reels = [film.Reel(7, "wren", "data:p", ("data:w", 0.25), frames, each) for each in agreement]
    found = film.film(run.story(4), reels, new_backbone=False, taught="Taught with masks")
    assert (
        found.caption.endswith(". Taught with masks") and "Taught" not in film.film(run.story(4), reels, False).caption
    )
    assert found.headline == f"“long tail” is {said}"
    assert [p.title for p in found.figure[:4]] == ["wren", "by its words", "after task 3", "after task 4"]
    assert found.table is not None
    assert found.table()["after task 4"] == [1.5] * len(agreement)
    assert found.table()["image"] == ["test:7"] * len(agreement)


def test_two_maps_agree_by_their_correlation() -> None:
    one = np.array([[0.0, 1.0], [2.0, 3.0]])
    assert film._correlation(one, 5 * one - 2) == pytest.approx(1)
    assert film._correlation(one, -one) == pytest.approx(-1)
    assert np.isnan(film._correlation(one, np.ones((2, 2))))
