"""The Tasks page: what is known of every task, what was lost, old against new, and what is mistaken for what."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.confusion import confusion_matrix, confusion_table, worst_mixup
from engine.figures.forgetting import (
    forgetting_lines,
    forgetting_table,
    mean_headline,
    old_new_headline,
    old_new_lines,
    old_new_table,
)
from engine.figures.look import percent
from engine.figures.matrix import accuracy_matrix, accuracy_table
from engine.figures.reliability import headline, reliability_diagram, reliability_table
from engine.metrics.accuracy import forgetting, last_accuracy, old_and_new, until
from engine.store.view import RunView

MATRIX = kind(
    "accuracy-matrix",
    "tasks",
    Lesson(
        what="How much of each task the model gets right, after each task it has learnt. One row is one moment.",
        why="A model that learns new things often loses old ones. Here you see which, when, and how much.",
        reading="Read a column downwards: a number that falls is forgetting. The diagonal is each task when it was "
        "new; the bottom row is what is known now.",
        caveats="A task has few classes and few test images, so a change of two or three points can be chance.",
    ),
    ("accuracy_matrix", "class_il", "task_il"),
)
FORGETTING = kind(
    "forgetting",
    "tasks",
    Lesson(
        what="One line a task: its accuracy from the moment it was learnt until now.",
        why="It shows whether a task fades slowly or breaks at one step, and which later task did the harm.",
        reading="Flat lines are good. The largest fall is marked; look at which task arrived there.",
        caveats="Later tasks have had less time to be forgotten, so short lines look better than they deserve. Part of "
        "every fall is that there are more classes to choose among: see what references lose that forget nothing.",
    ),
    ("task_drop", "forgetting"),
)
OLD_NEW = kind(
    "old-new",
    "tasks",
    Lesson(
        what="Accuracy on the newest task's classes, and on all classes learnt before, after each task.",
        why="Learning the new and keeping the old pull against each other; a good method does both.",
        reading="Both lines high is the aim. Old far below new: it forgets. New far below old: it is too stiff to "
        "learn. The dotted line is the newest classes without any learning: what lies above it was learnt.",
        caveats="The newest classes are few and fresh, so their line jumps more.",
    ),
    ("old_accuracy", "new_accuracy"),
)
CONFUSION = kind(
    "confusion",
    "tasks",
    Lesson(
        what="What test images are taken for: each row is what they are, each column what the model says.",
        why="Mistakes are seldom random. They go to look-alikes, or to whatever was learnt last.",
        reading="The diagonal is right. A dark cell off the diagonal is a frequent mix-up; a dark column on the right "
        "means that the newest classes swallow the others.",
        caveats="Rows are shares of a row's own images, so small rows count as much as large ones.",
    ),
    ("confusion_across_tasks", "class_confusion"),
)


RELIABILITY = kind(
    "reliability",
    "tasks",
    Lesson(
        what="How often the model is right, by how sure it says it is. Test images are sorted into 15 bins by the "
        "probability of its answer; a larger mark stands for more images.",
        why="A model that says 90 % and is right 90 % of the time can be asked when to look twice. One that is too "
        "sure hides its mistakes; one that is not sure enough cries wolf.",
        reading="On the dotted line the two agree. Below it the model is too sure, above it not sure enough. Upright "
        "lines are 95 % intervals: marks whose line touches the dotted one may be off by chance.",
        caveats="An image is either right or wrong, so a single answer is never shown. Bins with few images jump. On "
        "other pictures, before other backgrounds for example, the same model is usually surer than it should be.",
    ),
    ("ece", "calibration_gap"),
)


def matrix(view: RunView, split: str, setting: str, moment: int, column: int | None = None) -> Exhibit:
    """The accuracy matrix.

    Args:
        setting: `"class_il"` or `"task_il"`.
        moment: the row that the headline is about.
        column: the task that is outlined in that row.
    """
    found = view.accuracy(split, setting)
    known = last_accuracy(until(found, moment), view.test_sizes(split))
    return Exhibit(
        MATRIX,
        f"{percent(known)} of all test images are right after task {moment + 1}",
        f"Accuracy in per cent, {SPLITS[split].lower()}",
        accuracy_matrix(found, None if column is None else (moment, column)),
        lambda: accuracy_table(found),
    )


def lines(view: RunView, split: str, setting: str, moment: int, chosen: int | None = None) -> Exhibit:
    """Each task's accuracy over time."""
    then = _then(view, split, setting, moment)
    return Exhibit(
        FORGETTING,
        mean_headline(forgetting(then)),
        f"Accuracy on each task since it was learnt, {SPLITS[split].lower()}; the largest fall is marked",
        forgetting_lines(then, chosen),
        lambda: forgetting_table(then),
    )


def old_new(view: RunView, split: str, setting: str, moment: int) -> Exhibit:
    """Earlier classes against the newest."""
    then = _then(view, split, setting, moment)
    old, new = old_and_new(then, view.test_sizes(split))
    named = view.zero_shot(split, setting)[: len(new)]
    return Exhibit(
        OLD_NEW,
        old_new_headline(old, new),
        f"Accuracy on the newest task's classes and on all earlier ones, {SPLITS[split].lower()}; dotted: the newest "
        "by class names alone, with CLIP as it came",
        old_new_lines(old, new, len(then), named),
        lambda: old_new_table(old, new, named),
    )


def reliability(view: RunView, split: str, moment: int) -> Exhibit | None:
    """The reliability diagram; None for a run of an older version, which did not keep it."""
    found = view.reliability(moment, split)
    if found is None:
        return None
    return Exhibit(
        RELIABILITY,
        headline(found),
        f"Share right by confidence after task {moment + 1}, {SPLITS[split].lower()}; choosing among all classes seen",
        reliability_diagram(found),
        lambda: reliability_table(found),
    )


def confusion(view: RunView, split: str, moment: int, axis: Literal["task", "class"]) -> Exhibit:
    """What is taken for what, by task or by class."""
    by_task = axis == "task"
    counts = view.confusion_tasks(moment, split) if by_task else view.confusion(moment, split)
    seen = view.class_ids_seen(moment)
    names = [f"{t + 1}" for t in range(len(counts))] if by_task else [view.class_names[i] for i in seen]
    mixup, what = worst_mixup(counts), "task " if by_task else ""
    told = f"{what}{names[mixup[0]]} is taken for {what}{names[mixup[1]]} most" if mixup else "nothing is mixed up"
    breaks = [] if by_task else np.cumsum([len(ids) for ids in view.task_classes[:moment]]).tolist()
    return Exhibit(
        CONFUSION,
        told[:1].upper() + told[1:],
        f"Share of each {axis}'s test images by what they are taken for, {SPLITS[split].lower()}; choosing among all "
        "classes seen",
        confusion_matrix(counts, names, axis=axis, breaks=breaks, height=320 if by_task else 420),
        lambda: confusion_table(counts, names, axis),
        "" if by_task else "classes",
    )


def _then(view: RunView, split: str, setting: str, moment: int) -> Floats:
    return until(view.accuracy(split, setting), moment)
