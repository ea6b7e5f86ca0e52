"""Where forgetting hurt most, whether one task stands out at all, and which later classes took the pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Ints
from engine.figures.forgetting import mean_headline
from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.kin import DESIGN, are_apart, genera
from engine.findings.reading import TEST, matrix, names, places
from engine.findings.words import counted, listed, percent, points, span
from engine.metrics.accuracy import TaskDrop, drops, forgetting
from engine.metrics.chance import RISK, difference
from engine.metrics.nulls import Worst, worst_of
from engine.metrics.wording import loss
from engine.session.facts import RunFacts
from engine.session.floor import floor
from engine.session.picture_sets import PictureSet

_IMPORTANCE, _LARGE = 1.0, 0.3
_MOST = 3
"""More classes than this are not named."""


@RULES.register
class WorstForgetting(Rule):
    """What was forgotten most.

    Takes the task that is furthest below its best accuracy (ordinary test images, choosing among all classes seen) and
    compares what its pictures were taken for then and now. It speaks if the fall is more than chance: its interval
    (Agresti and Caffo, corrected for looking at every task at every moment) leaves out 0. The worst of several is bad
    even where all are alike, so it names the task only if its fall is larger than the largest of as many that lose
    pictures at one common rate would be in 19 of 20 cases (binomials, exactly); else it tells what all lost on average.
    The classes that took the pictures are counted, not blamed: which classes are alike, and which task brings them, is
    a matter of the data. It is silent before the second task, and where no fall is more than chance.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The largest fall, if it is more than chance."""
        if facts.moment < 1:
            return None
        falls = drops(matrix(facts))[:-1]
        worst = max(falls, key=lambda drop: drop.drop)
        rows = places(facts, worst.task)
        then, now = (facts.view.confusion(t, TEST)[rows] for t in (worst.best_after, facts.moment))  # [c, C]
        count, was, is_now = int(now.sum()), _right(then, rows), _right(now, rows)
        looked = facts.moment * (facts.moment + 1) // 2
        fall = difference(was, int(then.sum()), is_now, count, looked)
        if not fall.low > 0:
            return None
        null = _null(facts, falls)
        stands_out, mean = null.chance < RISK or len(falls) == 1, forgetting(matrix(facts))
        head = loss(worst) if stands_out else f"{mean_headline(mean)}; no task stands out"
        return Finding(
            self.name,
            head,
            f"{is_now} of task {worst.task + 1}'s {counted(count, 'test picture')} are right after task "
            f"{facts.moment + 1}; {was} were after task {worst.best_after + 1} (interval of the fall: {span(fall)})."
            f"{_compared(worst, null, len(falls))} {_details(facts, then.sum(0), now.sum(0), rows)}",
            100 * (fall.value if stands_out else abs(mean)),
            "points",
            weight(_IMPORTANCE, fall.value if stands_out else mean, _LARGE),
            Proof("tasks", "forgetting", {"split": TEST, "setting": "class_il"}),
            "Tasks learnt early have had longest to be forgotten, and their best moment had fewer classes to choose "
            "among, so a part of the fall is a harder question. The interval treats the pictures then and now as "
            f"different ones, which makes it wider than it need be.{_floor(facts)}",
            {"split": TEST, "pictures": str(_lost(worst.task if stands_out else None)), "which": "once"},
        )


def _lost(task: int | None) -> PictureSet:
    """The pictures of a task, or of all."""
    return PictureSet("all") if task is None else PictureSet("task", (task,))


def _floor(facts: RunFacts) -> str:
    """What is lost on average by references that forget nothing, where that is known."""
    known = floor(facts.store, facts.view, TEST, facts.moment).words
    return f" Averaged over tasks, references that forget nothing lose as well: {known}." if known else ""


def _right(counts: Ints, rows: slice) -> int:
    return int(np.trace(counts[:, rows]))


def _null(facts: RunFacts, falls: Sequence[TaskDrop]) -> Worst:
    """The worst of these falls if all tasks lost pictures at one rate."""
    known, now, images = [], [], []
    for fall in falls:
        rows = places(facts, fall.task)
        before, after = (facts.view.confusion(t, TEST)[rows] for t in (fall.best_after, facts.moment))
        known.append(_right(before, rows))
        now.append(_right(after, rows))
        images.append(int(after.sum()))
    best = np.array(known, np.int64)
    return worst_of(best - np.array(now, np.int64), best, np.array(images, np.int64))


def _compared(worst: TaskDrop, null: Worst, tasks: int) -> str:
    """The worst fall beside what the worst of as many equal ones would be."""
    if tasks == 1:
        return ""
    return (
        f" Had all {tasks} tasks lost pictures alike, the worst of them would be expected to lose "
        f"{points(null.expected, 1)}, and {points(worst.drop, 1)} or more with a probability of {percent(null.chance)}."
    )


def _details(facts: RunFacts, then: Ints, now: Ints, rows: slice) -> str:
    """Who received pictures of the task that they did not have then, of the classes that came later."""
    before = np.zeros_like(now)
    before[: len(then)] = then
    gained = np.maximum(now - before, 0)
    gained[: rows.stop] = 0
    every = int(gained.sum())
    if not every:
        return "Classes that came later took none of them."
    known, first = names(facts), np.argsort(-gained, kind="stable")[:_MOST]
    most = [f"{known[j]} {gained[j]}" for j in first.tolist() if gained[j]]
    return f"Classes that came later took {every} of them, most {listed(most)}.{_sisters(facts, gained, rows)}"


def _sisters(facts: RunFacts, gained: Ints, rows: slice) -> str:
    """How many of them went to sister species, and why those are always of other tasks."""
    kinds = genera(facts)
    if kinds is None or not are_apart(facts):
        return ""
    kin = int(gained[np.isin(kinds, kinds[rows])].sum())
    return f" {kin} of those went to sister species; {DESIGN}." if kin else ""
