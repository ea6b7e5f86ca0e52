"""Tasks: everything for both test splits, choosing among all classes seen; the matrix with the task known as well; and
the run beside the runs that differ from it in one setting, where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.data.streams import TRAIN
from engine.errors import PlumageError
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.pictures import drawing, samples
from engine.exhibits.tasks import accuracy, boundaries, classes, compare, floor, methods, preferences
from engine.report.chapters.base import Gap, Shown, or_gap
from engine.runs.sources import open_dataset
from engine.session.comparison import MOST, Side, alike, differing, shared_splits, single
from engine.session.contenders import contenders
from engine.session.facts import RunFacts
from engine.session.floor import NAME
from engine.session.floor import floor as floor_of
from engine.store.view import RunView

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
    yield from _preferences(facts)
    yield from _boundaries(facts)
    yield from _beside(facts)
    yield from _methods(facts)


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


def _preferences(facts: RunFacts) -> Iterator[Shown]:
    """What each preference would reach, of a method that takes any."""
    if facts.view.config.method != preferences.METHOD:
        yield Gap((preferences.PREFERENCES,), "only IBCL takes another preference without training")
        return
    found = facts.result(preferences.ANALYSIS)
    if found is None:
        why = "what each preference would reach was not computed"
        yield Gap((preferences.PREFERENCES,), why, "Compute it", preferences.ANALYSIS, {})
        return
    for split in facts.view.splits:
        yield or_gap(preferences.PREFERENCES, preferences.exhibit(found, split))


def _boundaries(facts: RunFacts) -> Iterator[Shown]:
    """What a method noticed that is not told where tasks begin."""
    kinds = (boundaries.BOUNDARIES, boundaries.ROUTING)
    if facts.view.config.method != boundaries.METHOD:
        yield Gap(kinds, "this method is told where tasks begin, and asks no selector; TAME is not, and does")
        return
    found = facts.result(boundaries.ANALYSIS)
    if found is None:
        yield Gap(kinds, "where it noticed a new task was not looked up", "Compute it", boundaries.ANALYSIS, {})
        return
    yield boundaries.stream(found)
    yield from (boundaries.routing(found, split) for split in facts.view.splits)


def _mistaken(facts: RunFacts, split: str) -> Exhibit:
    """What the class that has lost most is taken for, in pictures."""
    view, moment, nearest = facts.view, facts.moment, facts.view.nearest
    class_id, dataset = classes.fallen(view, split, moment), open_dataset(view.config)
    taken = (class_id, *classes.taken_for(view, split, class_id, moment))
    firsts = {c: found[0] for c in taken if (found := samples(dataset, c, nearest))}
    shown, pictures = [*firsts], drawing(dataset)(TRAIN, [*firsts.values()])
    return classes.mistaken(view, split, class_id, moment, dict(zip(shown, pictures, strict=True)))


def _lost(exhibit: Exhibit) -> Exhibit:
    return replace(exhibit, caption=f"{exhibit.caption}. The class is the one that has lost most since its best")


def _beside(facts: RunFacts) -> Iterator[Shown]:
    """The run against at most three others of the same data and tasks that differ in one setting, newest first."""
    others = _relatives(facts)
    if not others:
        kinds = (compare.LINES, compare.MATRIX, compare.DIFFERENCE)
        why = "no other finished run learns the same tasks and differs from this one in a single setting"
        yield Gap(kinds, why, "Train it again with another seed, method or backbone under Compare on the Tasks page")
        return
    sides = single(facts.store, [facts.view.id, *others])
    for split in shared_splits(sides):
        yield from compare.everything(sides, split, comparable=True)


def _methods(facts: RunFacts) -> Iterator[Shown]:
    """Every method that learnt the same classes from the same data."""
    for split in facts.view.splits:
        found = contenders(facts.store, facts.view, split)
        if len(found) < 2:
            why = "no other finished run learns the same classes from the same data"
            yield Gap((methods.METHODS, methods.LOSSES), why, "Train another method under Compare on the Tasks page")
            return
        for exhibit in methods.everything(found, split):
            yield replace(exhibit, variant=f"{exhibit.variant}-{split}")


def _relatives(facts: RunFacts) -> list[str]:
    own, found = Side("", (facts.view,)), []
    for summary in facts.store.runs():
        if summary.id == facts.view.id or summary.status != "finished":
            continue
        try:
            other = Side("", (RunView(facts.store, summary.id),))
            if len(differing([own, other])) == 1 and alike([own, other]):
                found.append(summary.id)
        except PlumageError:  # a damaged or newer run is shown as such where runs are listed
            continue
    return found[: MOST - 1]
