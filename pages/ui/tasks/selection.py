"""What a click on a matrix means. The choice is ours (run, task, class in the address), never the chart's own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.exhibits.tasks.classes import recalls
from engine.store.view import RunView
from pages.ui import context, panels


def on_cell(view: RunView, split: str, key: str) -> Callable[[], None]:
    """Callback of an accuracy matrix: look at the cell's moment, and at the class that does worst in it."""
    return panels.on_point(key, lambda moment, task: context.point_at(moment, weakest(view, split, moment, task)))


def on_task(view: RunView, split: str, moment: int, key: str) -> Callable[[], None]:
    """Callback of the confusion of tasks: look at the weakest class of the row's task."""
    return panels.on_point(key, lambda task, _: context.point_at(None, weakest(view, split, moment, task)))


def on_class(view: RunView, moment: int, key: str) -> Callable[[], None]:
    """Callback of the confusion of classes: look at the row's class."""
    seen = view.class_ids_seen(moment)
    return panels.on_point(key, lambda row, _: context.point_at(None, view.class_names[seen[row]]))


def weakest(view: RunView, split: str, moment: int, task: int) -> str | None:
    """Name of the class of `task` that is recognised least after `moment`, or None if nothing was measured."""
    recall = dict(zip(view.class_ids_seen(moment), recalls(view, split, moment), strict=True))
    known = [i for i in view.task_classes[task] if np.isfinite(recall.get(i, np.nan))]
    return view.class_names[min(known, key=lambda i: recall[i])] if known else None
