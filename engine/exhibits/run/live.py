"""The Run page: the curves of training, and what each task brought."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.tasks.classes import recalls
from engine.figures.curves import Rows, accuracy_curve, curve_table, loss_curve
from engine.figures.look import MINUS, percent
from engine.figures.tables import cell
from engine.store.view import RunView

EACH = 5
"""Classes of a task that are pictured."""
MASTERED = 0.9
"""Share of its test images from which a class is said to be known well."""

LOSS = kind(
    "training-loss",
    "run",
    Lesson(
        what="How far the model is from what it is told to do, at the end of every round through the pictures (an "
        "epoch). One piece of line is one step of one task: finding its concepts, or learning.",
        why="It shows that something is being learnt, and whether a step had time enough.",
        reading="Each piece should fall and then lie flat. A piece that still falls steeply when it ends was cut "
        "short; one that jumps up and down learns too fast.",
        caveats="Only the shape of a piece means something. Pieces cannot be compared: each task has other pictures, "
        "and the two steps count different things. Below zero is normal, for the loss also rewards scores that follow "
        "their texts. A low loss on training pictures promises nothing about new ones.",
    ),
    ("training_loss",),
)
ACCURACY = kind(
    "training-accuracy",
    "run",
    Lesson(
        what="How often the newest task's own classes are told apart, at the end of every epoch: on the pictures it "
        "trains on, and on some kept aside (validation).",
        why="If the two lines part, the model learns its training pictures by heart instead of what they show.",
        reading="Both lines high and close together is good. Training high and validation low is learning by heart. "
        "The lines begin anew with every task.",
        caveats="Only the newest classes are asked for, among themselves. It says nothing of older tasks: a line near "
        "the top can hide that everything before is being forgotten. The matrix shows that.",
    ),
    ("newest_accuracy",),
)
CLASSES = kind(
    "task-classes",
    "run",
    Lesson(
        what="What each task brought: one training picture of each class, with the share of the class's test pictures "
        "that is recognised now.",
        why="Numbers are easier to trust when one has seen what they are about. Look-alikes in different tasks are the "
        "likeliest mix-ups.",
        reading="Go through the tasks in order, as the model did. Where a share is low, look for a class that looks "
        "nearly the same in a later task.",
        caveats=f"One picture is not the class. At most {EACH} classes of a task are pictured; the table has all.",
    ),
    ("class_recall",),
)


def loss(rows: Rows) -> Exhibit:
    """Loss of every epoch; there is at least one."""
    return Exhibit(
        LOSS,
        f"Training loss is {rows[-1].loss:.3f}".replace("-", MINUS),
        f"Mean of each of the {len(rows)} epochs so far; below zero once the learnt scores follow their texts",
        loss_curve(rows),
        lambda: curve_table(rows),
    )


def accuracy(rows: Rows) -> Exhibit:
    """Training and validation accuracy of every epoch; there is at least one."""
    last = next((r.val_accuracy for r in reversed(rows) if r.val_accuracy is not None), None)
    return Exhibit(
        ACCURACY,
        f"Validation accuracy is {percent(last)}" if last is not None else "Accuracy while training",
        "On the newest task's own classes, every epoch",
        accuracy_curve(rows),
        lambda: curve_table(rows),
    )


def has_curves(rows: Rows) -> bool:
    """Whether there is anything to draw: some methods learn a task in one step."""
    return any(r.epochs > 1 for r in rows)


def classes(view: RunView, moment: int, pictures: Mapping[int, str]) -> Exhibit:
    """What each task up to a moment brought.

    Args:
        pictures: a data address by dataset index of a class; classes without are in the table only.
    """
    seen = view.class_ids_seen(moment)
    shares = dict(zip(seen, recalls(view, "test", moment), strict=True))
    brought = {c: t + 1 for t, ids in enumerate(view.task_classes[: moment + 1]) for c in ids}
    known = [value for value in shares.values() if np.isfinite(value)]
    told = f"{len(seen)} classes in {moment + 1} task{'s' if moment else ''}"
    mastered = sum(value >= MASTERED for value in known)
    return Exhibit(
        CLASSES,
        f"{told}; {mastered} of them recognised {percent(MASTERED)} of the time or more" if known else told,
        "A training picture of each class by task, and the share of its ordinary test images recognised now",
        tuple(
            Plate(pictures[c], view.class_names[c], f"task {brought[c]}, {_share(shares[c])}")
            for c in seen
            if c in pictures
        ),
        lambda: {
            "task": [brought[c] for c in seen],
            "class": [view.class_names[c] for c in seen],
            "recognised": [cell(shares[c]) for c in seen],
        },
    )


def pictured(view: RunView, moment: int) -> list[int]:
    """Dataset indices of the classes that are pictured."""
    return [c for ids in view.task_classes[: moment + 1] for c in ids[:EACH]]


def _share(value: float) -> str:
    return f"{percent(value)} recognised" if np.isfinite(value) else "not measured"
