"""One class, on the Tasks page: how well it was known after each task, and what it is taken for now."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.array_types import Floats
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.words import SPLITS
from engine.figures.confusion import mistakes, mistakes_table
from engine.figures.look import percent
from engine.figures.recall import recall_line, recall_table
from engine.metrics.confusion import shares
from engine.store.view import RunView

RECALL = kind(
    "class-recall",
    "tasks",
    Lesson(
        what="One class: the share of its test images that is recognised, after each task since it was learnt.",
        why="A task can hold its average while one of its classes is lost. Here you see a single class, and when it "
        "happened.",
        reading="Flat and high is good. A step down names the task that took its images; what they are taken for now "
        "is listed beside it on the Tasks page. The dotted upright line is the moment you look at.",
        caveats="A class has few test images, so one more or less moves the line by several points. With every task "
        "there are more classes to choose among, so some fall is to be expected even without forgetting.",
    ),
    ("class_confusion",),
)
MISTAKES = kind(
    "mistakes",
    "tasks",
    Lesson(
        what="One class, and the classes that its test images are taken for, the most frequent first.",
        why="A number says that something is lost; the pictures say to whom. Most mistakes go to look-alikes.",
        reading="Compare the first picture with the others. If they differ in one detail, the model has missed that "
        "detail. If they share nothing but the background, it looks at the background.",
        caveats="Each class is shown by one training image, not by those that were mistaken. With few test images a "
        "single one is worth several per cent.",
    ),
    ("class_confusion",),
)


def recall(view: RunView, split: str, class_id: int, moment: int) -> Exhibit:
    """How well one class is recognised after each finished task.

    Args:
        class_id: dataset index of a class learnt by `moment`.
    """
    values = known_of(view, split, class_id)
    name, now = view.class_names[class_id], float(values[moment])
    return Exhibit(
        RECALL,
        f"{percent(now)} of {name} is recognised" if np.isfinite(now) else name,
        f"After each task since task {(task_of(view, class_id) or 0) + 1} brought it, {SPLITS[split].lower()}",
        recall_line(values, moment),
        lambda: recall_table(values),
    )


def mistaken(view: RunView, split: str, class_id: int, moment: int, pictures: Mapping[int, str]) -> Exhibit:
    """What one class is taken for after a task.

    Args:
        pictures: a data address by dataset index of a class; classes without are in the table only.
    """
    seen = view.class_ids_seen(moment)
    found = mistakes(view.confusion(moment, split), seen.index(class_id))
    names = [view.class_names[i] for i in seen]
    notes = [(class_id, "what it is"), *((seen[j], f"taken for this: {percent(share)}") for j, share in found)]
    return Exhibit(
        MISTAKES,
        f"Taken for {names[found[0][0]]} most" if found else "Never taken for another",
        f"What images of {view.class_names[class_id]} are taken for after task {moment + 1}, {SPLITS[split].lower()}",
        tuple(Plate(pictures[i], view.class_names[i], note) for i, note in notes if i in pictures),
        lambda: mistakes_table(found, names),
    )


def taken_for(view: RunView, split: str, class_id: int, moment: int) -> list[int]:
    """Dataset indices of what a class is taken for, the most frequent first."""
    seen = view.class_ids_seen(moment)
    return [seen[j] for j, _ in mistakes(view.confusion(moment, split), seen.index(class_id))]


def recalls(view: RunView, split: str, moment: int) -> list[float]:
    """Share of each seen class's images recognised after `moment`, in the order of `class_ids_seen`."""
    diagonal: list[float] = np.diagonal(shares(view.confusion(moment, split))).tolist()
    return diagonal


def known_of(view: RunView, split: str, class_id: int) -> Floats:
    """Share of a class's images recognised after each finished task, [T]; NaN before it was learnt."""
    born, done = task_of(view, class_id) or 0, view.tasks_done
    after = [recalls(view, split, t)[view.class_ids_seen(t).index(class_id)] for t in range(born, done)]
    return np.array([np.nan] * born + after, np.float64)


def task_of(view: RunView, class_id: int | None) -> int | None:
    """The task that brought a class."""
    return next((t for t, ids in enumerate(view.task_classes) if class_id in ids), None)


def fallen(view: RunView, split: str, moment: int) -> int:
    """Dataset index of the class that has lost most since its best; of equals the first learnt."""
    best = np.zeros(0)  # of each class seen so far, in the order of learning
    for task in range(moment + 1):
        now = np.array(recalls(view, split, task))
        best = np.fmax(np.concatenate([best, now[len(best) :]]), now)
    return view.class_ids_seen(moment)[int(np.nan_to_num(best - now).argmax())]
