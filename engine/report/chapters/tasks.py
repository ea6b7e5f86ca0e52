"""Tasks: everything for both test splits, choosing among all classes seen; the matrix with the task known as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.data.streams import TRAIN
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.pictures import drawing, samples
from engine.exhibits.tasks import accuracy, classes, floor
from engine.report.chapters.base import Gap, Shown
from engine.runs.sources import open_dataset
from engine.session.facts import RunFacts
from engine.session.floor import NAME
from engine.session.floor import floor as floor_of

TITLE = "Tasks: what it remembers and what it forgets"
PLACE = 20


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """All exhibits of the Tasks page; about single classes those of the class that has lost most."""
    view, moment = facts.view, facts.moment
    for split in view.splits:
        shown = [
            accuracy.matrix(view, split, "class_il", moment),
            accuracy.lines(view, split, "class_il", moment),
            accuracy.old_new(view, split, "class_il", moment),
            *filter(None, [accuracy.reliability(view, split, moment)]),
            accuracy.confusion(view, split, moment, "task"),
            accuracy.confusion(view, split, moment, "class"),
            _lost(classes.recall(view, split, classes.fallen(view, split, moment), moment)),
        ]
        for exhibit in shown:
            yield replace(exhibit, variant="-".join(filter(None, (exhibit.variant, split))))
        yield _floor(facts, split)
    if view.reliability(moment) is None:
        why = "this run is of an older version, which kept only the calibration error"
        yield Gap((accuracy.RELIABILITY,), why, "Train it again: equal settings give equal weights on one machine")
    known = accuracy.matrix(view, "test", "task_il", moment)
    yield replace(known, variant="task-known", caption=f"{known.caption}; the task is known")
    for split in view.splits:
        yield replace(_lost(_mistaken(facts, split)), variant=split)


def _floor(facts: RunFacts, split: str) -> Shown:
    """What references lose that forget nothing, if that is known."""
    view = facts.view
    found = floor.exhibit(floor_of(facts.store, view, split, facts.moment), split)
    if found is not None:
        return replace(found, variant=split)
    if not facts.moment:
        return Gap((floor.FLOOR,), "nothing can be forgotten before the second task")
    why = "what references lose that forget nothing was not computed"
    return Gap((floor.FLOOR,), why, "Compute it", NAME, {}, view.tasks_done - 1)


def _mistaken(facts: RunFacts, split: str) -> Exhibit:
    """What the class that has lost most is taken for, in pictures."""
    view, moment = facts.view, facts.moment
    class_id, dataset = classes.fallen(view, split, moment), open_dataset(view.config)
    shown = [c for c in (class_id, *classes.taken_for(view, split, class_id, moment)) if samples(dataset, TRAIN, c)]
    pictures = drawing(dataset)(TRAIN, [samples(dataset, TRAIN, c)[0] for c in shown])
    return classes.mistaken(view, split, class_id, moment, dict(zip(shown, pictures, strict=True)))


def _lost(exhibit: Exhibit) -> Exhibit:
    return replace(exhibit, caption=f"{exhibit.caption}. The class is the one that has lost most since its best")
