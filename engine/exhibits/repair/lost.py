"""All forgotten images of the run together: which part of the model lost them, task by task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import NotApplicable
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.missing import EYES_CHANGE, Missing
from engine.explain.forgetting import Attribution, Forgotten, attribute, together
from engine.figures.attribution import forgotten_bars, forgotten_headline, forgotten_table

if TYPE_CHECKING:
    from engine.session.lab import Lab

FORGOTTEN = kind(
    "forgotten",
    "repair",
    Lesson(
        what="Of all test pictures that were right once and are wrong now: how much of their loss is due to changed "
        "concepts, to changed class weights, and to new classes. One group of bars for each task they belong to.",
        why="One picture may be odd. All of them together show where this method forgets, and so where it could be "
        "mended.",
        reading="Compare the three bars of a group: the tallest took most. Then compare groups: early tasks have had "
        "more time to be forgotten. A bar below 0 helped against forgetting.",
        caveats="A group with few pictures says little; below its name stands how many it has. Bars are shares of a "
        "group's loss, so a tall bar need not be a large loss.",
    ),
    ("forgetting_parts",),
)


@dataclass(frozen=True, slots=True)
class Lost:
    """What was forgotten by a moment.

    Attributes:
        moment: the task, from 0.
        whole: all earlier tasks together.
        by_task: each earlier task by itself.
    """

    moment: int
    whole: Forgotten
    by_task: Sequence[Forgotten]


def lost(lab: Lab, moment: int) -> Lost | Missing:
    """Divide what was forgotten of every earlier task's test images, or say why that cannot be done."""
    if moment == 0:
        return Missing("Nothing can be forgotten before the second task", "The run has learnt one task by then")
    if lab.changes_backbone:
        return Missing("What was lost cannot be divided", EYES_CHANGE)
    found = [_of_task(lab, task, moment) for task in range(moment)]
    none = Attribution(np.zeros((0, 2, 2, 2)), np.zeros((0, 3)))
    kept = [f for f in found if f is not None] or [none]
    whole = Attribution(np.concatenate([f.corners for f in kept]), np.concatenate([f.values for f in kept]))
    return Lost(moment, together(whole), [together(f if f is not None else none) for f in found])


def exhibit(found: Lost) -> Exhibit | Missing:
    """Bars by task, the whole run in the headline."""
    told, tasks = forgotten_headline(found.whole), list(range(len(found.by_task)))
    if not found.whole.lost:
        images = f"All {found.whole.images} test images of earlier tasks that were right when their task was learnt"
        return Missing(told, f"{images} are right after task {found.moment + 1}")
    return Exhibit(
        FORGOTTEN,
        told,
        f"Test images right when their task was learnt and wrong after task {found.moment + 1}, counted by task. A "
        "part below zero worked against the loss",
        forgotten_bars(found.by_task, tasks),
        lambda: forgotten_table(found.by_task, tasks),
    )


def _of_task(lab: Lab, task: int, moment: int) -> Attribution | None:
    """The test images of a task, from when it was learnt to `moment`; None where it had one class and no margin."""
    sample, start = lab.sample("test", task), len(lab.sample("test", task - 1).rows) if task else 0
    try:
        return attribute(
            lab.snapshot(task), lab.snapshot(moment), sample.features[start:], sample.labels[start:].numpy()
        )
    except NotApplicable:
        return None
