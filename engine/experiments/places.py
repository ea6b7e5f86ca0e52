"""Where the cells of an experiment are trained: what driving one needs of such a place, and this machine as one. No
torch here."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.errors import PlumageError
from engine.experiments.cells import Cell
from engine.experiments.experiment import Experiment
from engine.experiments.standing import CellState
from engine.jobs import queue
from engine.jobs.experiments import stop_runs
from engine.jobs.kinds import OF
from engine.memory import free_bytes
from engine.runs.watch import WatchSettings
from engine.store import jobs
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching

_ROOM = 0.8
"""Share of the free memory that trainings may take together."""
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class CellOrder:
    """A cell that shall be trained.

    Attributes:
        state: the cell, and its run if there is one.
        name: what its run is called.
        watching: whether pictures and concepts are looked at while it learns.
        last: whether it is not tried again where it fails.
    """

    state: CellState
    name: str
    watching: bool
    last: bool


class CellPlace(Protocol):
    """Where cells are trained. One driving has one, and only the driving process calls it."""

    def at_once(self, experiment: Experiment) -> int:
        """How many cells may be at work there at the same time, at least 1."""

    def collect(self) -> None:
        """Write to the store what was done elsewhere since the last call.

        Raises:
            PlumageError: nothing can be done there any more.
        """

    def holds(self, cell: Cell) -> bool:
        """Whether it works at a cell of which the store does not say so."""

    def fits(self, state: CellState, at_work: Sequence[CellState], states: Sequence[CellState]) -> bool:
        """Whether one more may begin.

        Args:
            state: that one.
            at_work: what is at work already, and what was just begun.
            states: all cells.
        """

    def begin(self, order: CellOrder) -> None:
        """Have a cell trained; whoever calls goes on at once.

        Raises:
            PlumageError: it cannot be.
        """

    def advance(self) -> None:
        """All that can begin was begun."""

    def stop(self) -> None:
        """End what is at work there; it was asked for."""

    def leave(self) -> None:
        """The driving ends, however it does."""

    @property
    def words(self) -> str:
        """What is at work there, for people; empty where other lists show it."""


PlaceOpener = Callable[[RunStore, int], CellPlace]
"""Makes the place for an experiment of a store, by its number."""


class Here:
    """This machine: each cell is a training of the queue, which goes on without whoever asked for it."""

    words = ""

    def __init__(self, store: RunStore, number: int) -> None:
        self._store, self._number = store, number
        self._room = (free_bytes() or 0) * _ROOM
        self._peaks: Mapping[tuple[str, ...], float] | None = None  # read once a look

    def at_once(self, experiment: Experiment) -> int:
        """As many as cores, or as declared."""
        return experiment.at_once or os.cpu_count() or 1

    def collect(self) -> None:
        """Trainings write to the store themselves."""

    def holds(self, cell: Cell) -> bool:
        """Never: the store says all."""
        return False

    def fits(self, state: CellState, at_work: Sequence[CellState], states: Sequence[CellState]) -> bool:
        """Whether there is memory for one more. Of a kind that was never measured one is begun, and its like wait until
        it has finished a task; alone, every training may begin."""
        if not at_work:
            return True
        if self._peaks is None:
            self._peaks = self._measured(states)
        peaks, kinds, mine = self._peaks, [_kind(one.cell) for one in at_work], _kind(state.cell)
        if mine not in peaks and mine in kinds:
            return False
        usual = max(peaks.values(), default=0.0)
        taken = sum(peaks.get(kind, usual) for kind in (*kinds, mine))
        return not self._room or taken <= self._room

    def begin(self, order: CellOrder) -> None:
        """Put its training in the line."""
        arguments, run = {OF: self._number}, order.state.run
        if run is not None:
            with self._store.database.writing() as db:
                jobs.ask(db, jobs.TRAINING, run.id, arguments, run.id)
            return
        made = self._store.create(order.state.cell.config, order.name, arguments=arguments)
        if not order.watching:
            Watching(self._store).choose(made, WatchSettings(watching=False))

    def advance(self) -> None:
        """Start what has a place."""
        self._peaks = None
        queue.advance(self._store)

    def stop(self) -> None:
        """Ask every training of the experiment to stop."""
        stop_runs(self._store, self._number)

    def leave(self) -> None:
        """Trainings go on."""

    def _measured(self, states: Sequence[CellState]) -> Mapping[tuple[str, ...], float]:
        """Most bytes that a training of each kind took so far."""
        found = dict[tuple[str, ...], float]()
        for state in states:
            if state.run is not None and state.run.tasks_done:
                with contextlib.suppress(PlumageError):
                    peak = RunView(self._store, state.run.id).peak_memory_mb or 0.0
                    kind = _kind(state.cell)
                    found[kind] = max(found.get(kind, 0.0), peak * _MIB)
        return found


def _kind(cell: Cell) -> tuple[str, ...]:
    """Trainings that take about the same memory: of one method on the same data and backbone."""
    config = cell.config
    return config.method, config.dataset, str(sorted(config.data.items())), config.backbone
