"""What was lost, counted by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from engine.exhibits.missing import Missing
from engine.exhibits.repair import lost as losing
from engine.explain.forgetting import Forgotten
from engine.session.lab import Lab

LAST = 2


def test_all_that_was_forgotten_is_counted_task_by_task(forgetful_lab: Lab) -> None:
    lost = losing.lost(forgetful_lab, LAST)
    assert not isinstance(lost, Missing)
    labels, now = forgetful_lab.sample("test", LAST).labels.numpy(), forgetful_lab.predicted("test", LAST)
    start, counts = 0, []
    for task in range(LAST):
        then = forgetful_lab.predicted("test", task)
        mine = slice(start, len(then))
        counts.append(int(((then == labels[: len(then)]) & (now[: len(then)] != labels[: len(then)]))[mine].sum()))
        start = len(then)
    assert [found.lost for found in lost.by_task] == counts and lost.whole.lost == sum(counts)
    assert counts[0] > 0 and losing.exhibit(lost).table()["of these wrong now"] == counts


def test_a_run_that_forgot_nothing_says_of_how_many() -> None:
    nan = np.full(3, np.nan)
    kept = Forgotten(20, 0, nan, nan, np.zeros(3, np.int64), np.nan, np.nan)
    found = losing.exhibit(losing.Lost(1, kept, [kept]))
    assert isinstance(found, Missing) and "All 20 test images" in found.why


def test_before_the_second_task_nothing_can_be_forgotten() -> None:
    found = losing.lost(SimpleNamespace(changes_backbone=False), 0)  # type: ignore[arg-type]
    assert isinstance(found, Missing) and "second task" in found.headline
