"""What the Run page shows, and one class on the Tasks page, against numbers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.exhibits.run import live
from engine.exhibits.tasks import classes
from engine.records.progress import EpochRow
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages.stores import EPOCHS, FELL_FROM, FELL_TO, PER_CLASS, write_run


@pytest.fixture
def view(tmp_path: Path) -> RunView:
    """Four tasks of two classes; the third took 35 points from the first."""
    return RunView(RunStore(tmp_path), write_run(tmp_path))


def epoch(number: int, loss: float, val: float | None, epochs: int = 3) -> EpochRow:
    return EpochRow(number, 0, "train", number, epochs, loss, 0.9, val, 1.0)


def test_the_curves_are_headed_by_their_last_epoch() -> None:
    rows = [epoch(1, 0.5, 0.4), epoch(2, -0.1234, 0.815), epoch(3, -0.25, None)]
    assert live.loss(rows).headline == "Training loss is −0.250"
    assert "each of the 3 epochs" in live.loss(rows).caption
    found = live.accuracy(rows)
    assert found.headline == "Validation accuracy is 82 %"  # the last epoch that was validated
    assert found.table is not None and found.table()["validation accuracy"] == [0.4, 0.815, None]
    assert live.accuracy(rows[2:]).headline == "Accuracy while training"


def test_a_method_that_learns_in_one_step_has_no_curves() -> None:
    assert live.has_curves([epoch(1, 0.5, 0.4)])
    assert not live.has_curves([epoch(1, 0.5, 0.4, epochs=1)])
    assert not live.has_curves([])


def test_every_class_is_listed_with_its_task_and_what_is_known_of_it(view: RunView) -> None:
    found = live.classes(view, 3, {0: "data:a", 5: "data:b"})
    table = found.table() if found.table else {}
    assert table["task"] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert table["recognised"] == [FELL_TO] * 2 + [FELL_FROM] * 6
    assert found.headline == "8 classes in 4 tasks; 6 of them recognised 90 % of the time or more"
    assert [(p.src, p.title, p.note) for p in found.figure] == [
        ("data:a", view.class_names[0], "task 1, 60 % recognised"),
        ("data:b", view.class_names[5], "task 3, 95 % recognised"),
    ]
    assert live.pictured(view, 1) == [0, 1, 2, 3]


def test_a_class_is_followed_from_the_task_that_brought_it(view: RunView) -> None:
    found = classes.recall(view, "test", 3, 2)
    assert found.headline == f"95 % of {view.class_names[3]} is recognised"
    assert "since task 2 brought it, ordinary test" in found.caption
    assert found.table is not None
    assert found.table()["recognised"] == [None, FELL_FROM, FELL_FROM, FELL_FROM]


def test_the_class_that_lost_most_is_found_and_before_the_loss_none_is(view: RunView) -> None:
    assert classes.fallen(view, "test", 3) == 0  # both classes of task 1 fell alike, so the first
    counts = view.confusion(2).copy()
    counts[4, 4], counts[4, 0] = PER_CLASS // 2, PER_CLASS // 2  # a class that was never better has lost nothing
    view.confusion = lambda task, split="test": counts if task == 2 else RunView.confusion(view, task, split)  # type: ignore[method-assign]
    assert classes.fallen(view, "test", 2) == 0
    np.testing.assert_allclose(classes.known_of(view, "test", 0), [FELL_FROM, FELL_FROM, FELL_TO, FELL_TO])


def test_a_written_run_has_as_many_epochs_as_it_reported(view: RunView) -> None:
    found = live.loss(view.epochs())
    assert found.table is not None and len(found.table()["step"]) == 4 * 2 * EPOCHS


def test_mistakes_are_shares_of_the_class_and_pictured_where_there_are_pictures(view: RunView) -> None:
    """After task 4 eight of twenty images of the first class go to the first class of task 4."""
    found = classes.mistaken(view, "test", 0, 3, {0: "data:own", 6: "data:taken"})
    assert found.headline == f"Taken for {view.class_names[6]} most"
    assert [(p.src, p.note) for p in found.figure] == [
        ("data:own", "what it is"),
        ("data:taken", "taken for this: 40 %"),
    ]
    assert found.table is not None
    assert found.table() == {"taken for": [view.class_names[6]], "share": [0.4]}
    assert classes.taken_for(view, "test", 0, 3) == [6]
    assert not classes.mistaken(view, "test", 0, 3, {}).figure
