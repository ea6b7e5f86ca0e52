"""Compare: the run beside the runs that differ from it in one setting, where there are any."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import PlumageError
from engine.exhibits.compare import runs
from engine.report.chapters.base import Gap, Shown
from engine.session.comparison import MOST, Side, alike, differing, shared_splits, single
from engine.session.facts import RunFacts
from engine.store.view import RunView

TITLE = "Compare: beside its relatives"
PLACE = 90


def chapter(facts: RunFacts) -> Iterator[Shown]:
    """The run against at most three others of the same data and tasks that differ in one setting, newest first."""
    others = _relatives(facts)
    if not others:
        kinds = (runs.LINES, runs.MATRIX, runs.DIFFERENCE)
        why = "no other finished run learns the same tasks and differs from this one in a single setting"
        yield Gap(kinds, why, "Train it again with another seed, method or backbone; the Compare page has a button")
        return
    sides = single(facts.store, [facts.view.id, *others])
    for split in shared_splits(sides):
        yield from runs.everything(sides, split, comparable=True)


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
