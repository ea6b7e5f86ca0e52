"""Where forgetting hurt most, and which later classes took the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.aviary.species import SPECIES_COUNT, load_species
from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, IntArray, matrix, names, places, task_of
from engine.findings.words import capital, counted, listed, points, span, spelt
from engine.metrics.accuracy import drops
from engine.metrics.chance import RISK, difference, tail
from engine.runs.dossier import Dossier
from engine.runs.floor import floor

_IMPORTANCE, _LARGE = 1.0, 0.3
_MOST = 3
"""More classes than this are no cause that anybody could name."""


@dataclass(frozen=True)
class _Takers:
    """Classes that came later and now receive mistakes of a task: places in the order of learning, and pictures."""

    places: list[int]
    counts: list[int]
    all_later: int


@RULES.register
class WorstForgetting(Rule):
    """What was forgotten most.

    Takes the task that is furthest below its best accuracy (ordinary test images, choosing among all classes seen) and
    compares what its pictures were taken for then and now. It speaks if the fall is more than chance: its interval
    (Agresti and Caffo, corrected for looking at every task at every moment) leaves out 0. A class that came after the
    task is named as a cause if it receives more of the pictures lost to later classes than an even spread would give
    it (binomial test, 5 % shared among those classes), three at most. They are called look-alikes if they are of the
    same genus as a species of the task. It is silent before the second task, and where no fall is more than chance.
    """

    def find(self, dossier: Dossier) -> Finding | None:
        """The largest fall, if it is more than chance."""
        if dossier.moment < 1:
            return None
        worst = max(drops(matrix(dossier))[:-1], key=lambda drop: drop.drop)
        rows = places(dossier, worst.task)
        then, now = (dossier.view.confusion(t, TEST)[rows] for t in (worst.best_after, dossier.moment))  # [c, C]
        count, was, is_now = int(now.sum()), _right(then, rows), _right(now, rows)
        looked = dossier.moment * (dossier.moment + 1) // 2
        fall = difference(was, int(then.sum()), is_now, count, looked)
        if not fall.low > 0:
            return None
        takers = _takers(then.sum(0), now.sum(0), rows.stop)
        return Finding(
            self.name,
            f"Task {worst.task + 1} lost most: {points(fall.value)}{_cause(dossier, takers, rows)}",
            f"{is_now} of its {counted(count, 'test picture')} are right after task {dossier.moment + 1}; {was} were "
            f"after task {worst.best_after + 1} (interval of the fall: {span(fall)}). {_details(dossier, takers)}",
            100 * fall.value,
            "points",
            weight(_IMPORTANCE, fall.value, _LARGE),
            Proof("tasks", {"split": TEST, "setting": "class_il"}),
            "Tasks learnt early have had longest to be forgotten, and their best moment had fewer classes to choose "
            "among, so a part of the fall is a harder question. The interval treats the pictures then and now as "
            f"different ones, which makes it wider than it need be.{_floor(dossier)}",
        )


def _floor(dossier: Dossier) -> str:
    """What is lost on average by references that forget nothing, where that is known."""
    known = floor(dossier.store, dossier.view, TEST, dossier.moment).words
    return f" Averaged over tasks, references that forget nothing lose as well: {known}." if known else ""


def _right(counts: IntArray, rows: slice) -> int:
    return int(np.trace(counts[:, rows]))


def _takers(then: IntArray, now: IntArray, first: int) -> _Takers:
    """Which of the classes from place `first` on receive more of the task's pictures than their even share."""
    before = np.zeros_like(now)
    before[: len(then)] = then
    gained = np.maximum(now - before, 0)[first:]
    every, classes = int(gained.sum()), len(gained)
    unlikely = [j for j in range(classes) if tail(int(gained[j]), every, 1 / classes) < RISK / classes]
    chosen = sorted(unlikely, key=lambda j: (-gained[j], j))[:_MOST]
    return _Takers([first + j for j in chosen], [int(gained[j]) for j in chosen], every)


def _cause(dossier: Dossier, takers: _Takers, rows: slice) -> str:
    if not takers.places:
        return ", to classes of later tasks" if takers.all_later else ""
    tasks = sorted({task_of(dossier, place) + 1 for place in takers.places})
    known = names(dossier)
    alike = _alike([known[place] for place in takers.places], known[rows])
    what = spelt(len(takers.places), "look-alike" if alike else "class")
    return f", to {what} from task{'s' if len(tasks) > 1 else ''} {listed(tasks)}"


def _details(dossier: Dossier, takers: _Takers) -> str:
    if not takers.all_later:
        return "Classes that came later took none of them."
    told = f"Classes that came later took {takers.all_later} of its pictures"
    if not takers.places:
        return f"{told}, no class more than chance would give it."
    known = names(dossier)
    parts = [f"{known[place]} {count}" for place, count in zip(takers.places, takers.counts, strict=True)]
    return capital(f"{told}: {listed(parts)}.")


def _alike(takers: list[str], own: list[str]) -> bool:
    """Whether each of the takers is a species of the Aviary of the same genus as one of the task's."""
    genus = {species.name: species.genus for species in load_species(SPECIES_COUNT)}
    home = {genus[name] for name in own if name in genus}
    return all(genus.get(name) in home for name in takers)
