"""Words: what the backbone sees in each class, for runs of every method."""

from __future__ import annotations

from engine.exhibits.concepts import words as exhibits
from engine.runs.task_backbones import changes_backbone
from pages.ui import analysis, context, panels

_WORDS = "words of the classes"


def show(here: context.Context) -> None:
    """The newest classes, or the one chosen above."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    found = analysis.wanted(view, moment, exhibits.ANALYSIS, words=_WORDS)
    if found is None:
        return
    seen = view.class_ids_seen(moment)
    tasks = [task for task, classes in enumerate(view.task_classes[: moment + 1]) for _ in classes]
    names = [view.class_names[i] for i in seen]
    position = None if here.class_id is None else seen.index(here.class_id)
    panels.show(exhibits.exhibit(found, names, tasks, changes_backbone(view.config), position))
