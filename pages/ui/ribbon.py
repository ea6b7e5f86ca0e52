"""The task ribbon: what each task brings, drawn as plates of a field guide, and how well it is known now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.data.streams import TRAIN
from engine.errors import PlumageError
from engine.exhibits.pictures import samples
from engine.figures.bars import bar
from engine.figures.look import percent
from engine.runs.config import RunConfig
from pages.ui import notices
from pages.ui.pictures import dataset
from pages.ui.pictures import of as drawn
from pages.ui.text import safe

PREVIEW = -1
"""In place of the current task: nothing has started, every task is shown alike."""
SHOWN = 5
"""Classes of a task that are pictured; the others are named."""

Pictures = dict[int, list[str]]
"""Class id -> its sample images as data addresses."""


def pictures(config: RunConfig, classes: Sequence[int], nearest: Mapping[int, int], each: int = 1) -> Pictures:
    """The most typical training images of some classes, drawn once; a message and none where the data are gone.

    Args:
        nearest: as `RunView.nearest`.
    """
    try:
        data = dataset(config)
        return {c: drawn(config, TRAIN, samples(data, c, nearest, each)) for c in classes}
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return {}


def cards(
    names: Sequence[str],
    task_classes: Sequence[Sequence[int]],
    images: Pictures,
    now: Mapping[int, float] | None = None,
    current: int | None = None,
) -> str:
    """The ribbon as HTML.

    Args:
        names: of all classes.
        task_classes: class ids of each task.
        images: pictures of the first classes of every task; classes without get a blank plate.
        now: accuracy on each finished task's classes at this time.
        current: the task being learnt, or None.
    """
    return (
        "<div class='pl-ribbon'>"
        + "".join(
            _card(t, [(i, names[i]) for i in ids], (now or {}).get(t), current, images)
            for t, ids in enumerate(task_classes)
        )
        + "</div>"
    )


def preview(config: RunConfig) -> str:
    """The ribbon of a run that has not started."""
    names = dataset(config).class_names
    tasks = config.tasks_of(tuple(range(len(names))))
    return cards(names, tasks, pictures(config, shown(tasks), {}), current=PREVIEW)


def shown(task_classes: Sequence[Sequence[int]]) -> list[int]:
    """The classes that the ribbon pictures."""
    return [i for ids in task_classes for i in ids[:SHOWN]]


def _card(task: int, classes: list[tuple[int, str]], now: float | None, current: int | None, images: Pictures) -> str:
    state, word = "later", "to come"
    if current == PREVIEW:
        state, word = "known", f"{len(classes)} birds"
    elif current == task:
        state, word = "now", "learning"
    elif now is not None:
        state, word = "known", f"{percent(now)} now"
    plates = "".join(_plate(task, name, images.get(i)) for i, name in classes[:SHOWN])
    more = f" and {len(classes) - SHOWN} more" if len(classes) > SHOWN else ""
    listed = safe(", ".join(name for _, name in classes[:SHOWN]) + more)
    return (
        f"<section class='pl-card pl-{state}'><h2>Task {task + 1}<span>{word}</span></h2>"
        f"<div class='pl-level'>{bar(now or 0.0)}</div>"
        f"<div class='pl-plates pl-n{min(len(classes), SHOWN)}'>{plates}</div>"
        f"<p title='{safe(', '.join(name for _, name in classes))}'>{listed}</p></section>"
    )


def _plate(task: int, name: str, images: list[str] | None) -> str:
    if not images:
        return "<b></b>"
    return f"<img src='{images[0]}' alt='{safe(name)}, of task {task + 1}' title='{safe(name)}'>"
