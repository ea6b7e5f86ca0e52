"""The story of a run: every sentence follows from the stored numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.figures import telling
from engine.records.events import EpochEnded, FeaturesProgress
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages.stores import config, write_run


def story(home: Path, **more: object) -> telling.Telling:
    return telling.tell(RunView(RunStore(home), write_run(home, **more)))


def test_the_first_task_has_nothing_to_remember(tmp_path: Path) -> None:
    told = story(tmp_path, status="running", done=0)
    assert told.headline == "Task 1: two new birds."
    assert told.note == "It is choosing the concepts that describe them."


def test_a_task_says_what_is_new_what_is_still_known_and_what_the_last_one_cost(tmp_path: Path) -> None:
    told = story(tmp_path, status="running", done=3)
    assert told.headline == "Task 4: two new birds. It still knows 83 % of the old ones."  # (.60 + .95 + .95) / 3
    assert told.note == "It is choosing the concepts that describe them. Task 3 cost the birds of task 1 35 points."


def test_a_task_that_cost_nothing_is_said_to(tmp_path: Path) -> None:
    told = story(tmp_path, status="running", done=2)
    assert told.headline == "Task 3: two new birds. It still knows 95 % of the old ones."
    assert told.note.endswith("Task 2 cost the earlier ones nothing.")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (FeaturesProgress(1, 5, 10), "It is looking at their pictures"),
        (EpochEnded(1, "search", 1, 4, 1.0, 0.5, 0.5, 0.5), "It is choosing the concepts that describe them"),
        (EpochEnded(1, "train", 1, 4, 1.0, 0.5, 0.5, 0.5), "It is learning to tell them apart"),
    ],
)
def test_what_it_does_is_what_it_reported_last(tmp_path: Path, event: EpochEnded, words: str) -> None:
    store = RunStore(tmp_path)
    run = write_run(tmp_path, status="running", done=1)
    store.append(run, [event])
    assert telling.doing(RunView(store, run)) == words


def test_one_bird_is_a_bird_and_many_are_counted_in_digits(tmp_path: Path) -> None:
    assert story(tmp_path, status="running", done=0, increment=1).headline == "Task 1: one new bird."
    assert telling.in_words(12) == "twelve"
    assert telling.in_words(13) == "13"


def test_other_data_are_classes(tmp_path: Path) -> None:
    folder = config().changed(dataset="folder", path="/nowhere")
    told = story(tmp_path, status="running", done=2, setup=folder, names=tuple("abcdefgh"))
    assert told.headline.startswith("Task 3: two new classes.")


def test_the_end_says_how_much_it_knows_here_and_elsewhere(tmp_path: Path) -> None:
    told = story(tmp_path)
    assert told.headline == "It tells 8 birds apart and is right 86 % of the time"
    assert told.note == "After all 4 tasks. In other habitats it gets 71 % right: it leans on the background."


def test_a_run_that_only_guesses_is_not_said_to_tell_anything_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = np.full((8, 8), 3) + np.diag([1] * 8)  # 32 of 200
    monkeypatch.setattr(RunView, "confusion", lambda view, moment, split="test": counts)
    told = telling.knowledge(RunView(RunStore(tmp_path), write_run(tmp_path)))
    assert told == "It is right 16 % of the time, no more than chance: guessing among 8 birds gives 12 %"


@pytest.mark.parametrize("status", ["paused", "interrupted", "stopped", "failed"])
def test_an_early_end_says_where_and_what_is_kept(tmp_path: Path, status: str) -> None:
    told = story(tmp_path, status=status, done=2)
    assert told.headline == f"{status.capitalize()} after 2 of 4 tasks"
    assert told.note.startswith("It tells 4 birds apart and is right 95 % of the time. ")


def test_before_the_data_are_open_nothing_is_claimed(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    told = telling.tell(RunView(store, store.create(config(), status="running")))
    assert told.headline == "Opening the data and the backbone"
    assert telling.tell(RunView(store, store.create(config()))).headline == "It waits for its turn"
    assert "birds" in told.note


def test_a_loss_that_chance_may_take_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"test": np.diag([18, 18]) + np.fliplr(np.diag([2, 2])), "moved": np.diag([17, 16])}
    counts["moved"] += np.fliplr(np.diag([3, 4]))
    monkeypatch.setattr(RunView, "confusion", lambda view, moment, split: counts[split])
    told = telling.elsewhere(RunView(RunStore(tmp_path), write_run(tmp_path)))
    assert told.endswith("gets 82 % right: no more is lost than chance may take.")  # 36 of 40, then 33: 7 +- 15 points
