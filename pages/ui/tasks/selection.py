"""What a click on a matrix means. The choice is ours (run, task, class, pictures in the address), never the chart's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.exhibits.tasks.classes import recalls
from engine.session.picture_sets import PictureSet
from engine.store.view import RunView
from pages.ui import context, gallery, panels


def on_cell(view: RunView, split: str, key: str) -> Callable[[], None]:
    """Callback of an accuracy matrix: look at the cell's moment, and at the class that does worst in it."""
    return panels.on_point(key, lambda moment, task: context.point_at(moment, weakest(view, split, moment, task)))


def on_task(key: str) -> Callable[[], None]:
    """Callback of the confusion of tasks: open all pictures of the cell."""
    return panels.on_point(key, lambda task, taken: gallery.open_for(PictureSet("tasks", (task, taken))))


def on_class(view: RunView, moment: int, key: str) -> Callable[[], None]:
    """Callback of the confusion of classes: open all pictures of the cell."""
    seen = view.class_ids_seen(moment)
    return panels.on_point(key, lambda row, taken: gallery.open_for(PictureSet("cell", (seen[row], seen[taken]))))


def weakest(view: RunView, split: str, moment: int, task: int) -> str | None:
    """Name of the class of `task` that is recognised least after `moment`, or None if nothing was measured."""
    recall = dict(zip(view.class_ids_seen(moment), recalls(view, split, moment), strict=True))
    known = [i for i in view.task_classes[task] if np.isfinite(recall.get(i, np.nan))]
    return view.class_names[min(known, key=lambda i: recall[i])] if known else None
