"""Tasks: everything for both test splits, choosing among all classes seen; the matrix with the task known as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.exhibits import tasks
from engine.report.chapters.base import Shown
from engine.runs.dossier import Dossier

TITLE = "Tasks: what it remembers and what it forgets"


def chapter(dossier: Dossier) -> Iterator[Shown]:
    """All exhibits of the Tasks page."""
    view, moment = dossier.view, dossier.moment
    for split in view.splits:
        shown = [
            tasks.matrix(view, split, "class_il", moment),
            tasks.lines(view, split, "class_il", moment),
            tasks.old_new(view, split, "class_il", moment),
            tasks.confusion(view, split, moment, "task"),
            tasks.confusion(view, split, moment, "class"),
        ]
        for exhibit in shown:
            yield replace(exhibit, variant="-".join(filter(None, (exhibit.variant, split))))
    known = tasks.matrix(view, "test", "task_il", moment)
    yield replace(known, variant="task-known", caption=f"{known.caption}; the task is known")
