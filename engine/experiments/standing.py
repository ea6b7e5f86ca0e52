"""How far the cells of an experiment are: which run does which, found by its config. No torch here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import PlumageError
from engine.experiments.cells import Cell
from engine.records.identity import code_version
from engine.runs.config import RunConfig, digest_of
from engine.store.states import FAILED, FINISHED, INTERRUPTED, LIVE, RUNNING, STOPPED
from engine.store.store import RunStore
from engine.store.summary import RunSummary

WAITING = "waiting"
"""Status of a cell that no run does yet."""
_BETTER = {status: rank for rank, status in enumerate((FINISHED, *sorted(LIVE), INTERRUPTED, STOPPED, FAILED))}
"""Of several runs of one config the one that is furthest counts."""


@dataclass(frozen=True)
class CellState:
    """A cell and its run.

    Attributes:
        cell: what shall be run.
        run: the run that does it, or None.
        outdated: whether other code than today's computed that run, so that it would be done anew.
        away: whether another machine is at work on it, of which the store does not know yet.
    """

    cell: Cell
    run: RunSummary | None
    outdated: bool = False
    away: bool = False

    @property
    def status(self) -> str:
        """The run's, or `WAITING`."""
        if self.away:
            return RUNNING
        return self.run.status if self.run else WAITING

    @property
    def live(self) -> bool:
        """Whether a process has it, or will."""
        return self.status in LIVE

    @property
    def finished(self) -> bool:
        """Whether it is done."""
        return self.status == FINISHED

    @property
    def share(self) -> float:
        """How much of it is done, 0..1, by tasks."""
        if self.run is None or not self.run.tasks_total:
            return 0.0
        return self.run.tasks_done / self.run.tasks_total


def shown(store: RunStore, cells: Sequence[Cell]) -> list[CellState]:
    """As `standing`, for whoever looks: where today's code has done a cell not at all, what other code finished of it
    stands there, so that nothing that was found is out of sight after an update."""
    states = standing(store, cells)
    lacking = [state.cell for state in states if state.run is None]
    if not lacking:
        return states
    wanted, older = {cell.digest for cell in lacking}, dict[str, RunSummary]()
    known = {frozenset(cell.config.to_mapping()) for cell in lacking}
    for run in store.runs():
        if run.parent is None and run.status == FINISHED and (digest := _digest(run, known)) in wanted:
            older.setdefault(digest, run)
    return [
        state if state.run is not None else CellState(state.cell, found, found is not None)
        for state in states
        for found in (older.get(state.cell.digest),)
    ]


def _digest(run: RunSummary, known: Collection[frozenset[str]]) -> str:
    """Of a run's config; of one that lacks parameters of today as it was meant (`RunConfig.stored`)."""
    if frozenset(run.config) in known:
        return digest_of(run.config)
    try:
        return RunConfig.stored(run.config).digest
    except PlumageError:  # of a method or parameter that is gone
        return ""


def standing(store: RunStore, cells: Sequence[Cell], not_these: Collection[str] = ()) -> list[CellState]:
    """Every cell with its run.

    A run counts if it has the cell's config and was computed by today's code, whoever began it; forks do not, since
    they may hold edits.

    Args:
        not_these: ids of runs that are known to be of other data.
    """
    wanted, found = {cell.digest for cell in cells}, dict[str, RunSummary]()
    for run in store.runs():  # the newest first
        if run.parent is not None or run.id in not_these or run.status not in _BETTER:
            continue
        digest = digest_of(run.config)
        if digest in wanted and _better(run, found.get(digest)) and _of_today(run):
            found[digest] = run
    return [CellState(cell, found.get(cell.digest)) for cell in cells]


def _better(run: RunSummary, known: RunSummary | None) -> bool:
    return known is None or _BETTER[run.status] < _BETTER[known.status]


def _of_today(run: RunSummary) -> bool:
    """Whether today's code computes the run, or computed it; one that did not begin yet will be."""
    return run.code is None or run.code == code_version()


def counted(states: Sequence[CellState]) -> Mapping[str, int]:
    """How many cells there are of each status."""
    found = dict[str, int]()
    for state in states:
        found[state.status] = found.get(state.status, 0) + 1
    return found
