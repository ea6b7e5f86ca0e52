"""A run in the foreground: work, draw progress, and say how it ended."""

from __future__ import annotations

import contextlib
import sys

from engine.commands import _codes
from engine.commands._bar import Bar
from engine.commands._words import percent, summary
from engine.errors import StoreError
from engine.jobs.training import work
from engine.jobs.working import JobEnd
from engine.store.store import RunStore
from engine.store.view import RunView

_CODES = {"finished": _codes.DONE, "stopped": _codes.STOPPED, "interrupted": _codes.TOLD_TO_END}


def follow(store: RunStore, run_id: str) -> int:
    """Work on a run in this process and return the exit code."""
    view = RunView(store, run_id)
    bar = Bar()
    bar.done_before(view.timing)
    try:
        outcome = work(store, run_id, bar)
    finally:
        bar.close()
    _tell(view, outcome)
    return _code(outcome)


def _tell(view: RunView, outcome: JobEnd) -> None:
    if outcome.status == "finished":
        _results(view)
        return
    said = [f"run {view.id} {outcome.status}" + (f": {outcome.message}" if outcome.message else "")]
    with contextlib.suppress(StoreError):
        said.append(f"{view.tasks_done} of {view.tasks_total or '?'} tasks are finished and kept; to go on:")
    print("\n".join([*said, f"  python -m engine resume {view.id}"]), file=sys.stderr)


def _results(view: RunView) -> None:
    for split in view.splits:
        found = view.summary(split)
        print(
            f"{split}: last {percent(found['last_accuracy'])}, average {percent(found['average_accuracy'])}, "
            f"forgetting {summary('forgetting', found['forgetting'])}"
        )
    print(f"{view.seconds:.1f} s. See it with: python -m engine show {view.id}")


def _code(outcome: JobEnd) -> int:
    if outcome.status in _CODES:
        return _CODES[outcome.status]
    return _codes.of(outcome.problem) if outcome.problem else _codes.BUG
