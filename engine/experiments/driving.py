"""The job behind an experiment: it begins trainings, as many at once as cores and memory allow, and waits for them.

It computes nothing. What it knows it reads from the store whenever it looks, so it may be killed at any time: trainings
go on without it, and who takes over finds what is done.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from engine.errors import PlumageError
from engine.experiments.cells import Cell, Setting, cells
from engine.experiments.experiment import BAYES, Experiment
from engine.experiments.search import known, promising
from engine.experiments.standing import CellState, standing
from engine.experiments.unchanged import Inputs
from engine.jobs import queue
from engine.jobs.experiments import stop_runs
from engine.jobs.kinds import EXPERIMENT, OF
from engine.jobs.working import AtWork, JobEnd, Stopped, carry_out
from engine.memory import free_bytes
from engine.runs.watch import WatchSettings
from engine.steps import Step
from engine.store import jobs
from engine.store.experiments import KeptExperiment, KeptExperiments
from engine.store.states import FAILED, INTERRUPTED, PAUSED, RUNNING, STOPPED
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching

_LOOK, _REST = 0.5, 9.0
"""Seconds between two looks at the store, and how many times as long as a look it rests: where thousands of runs are
kept, a look takes a while, and trainings need the core."""
_ROOM = 0.8
"""Share of the free memory that trainings may take together."""
_MIB = 2**20


def drive(at_work: AtWork, number: int, listen: Callable[[Step], object] = lambda step: None) -> None:
    """Do what is left of an experiment.

    Args:
        number: the store's for it.
        listen: hears how far it is, whenever it looks.

    Raises:
        BadInput, BadParameter, StoreDamaged: it is gone, or not what it must be.
        NotApplicable: a package is missing that its search needs.
        Stopped: it was asked to stop; its trainings were too.
    """
    driver, began = _Driver(at_work, number, listen), time.monotonic()
    try:
        while driver.look():
            time.sleep(max(_LOOK, _REST * (time.monotonic() - began)))
            began = time.monotonic()
    except Stopped as end:
        if end.status == STOPPED:  # on request; where the process alone was told to go, trainings go on
            stop_runs(at_work.store, number)
        raise


def drive_here(store: RunStore, number: int, listen: Callable[[Step], object]) -> JobEnd:
    """Do what is left of an experiment in this process, and write down how that ended.

    Raises:
        NotApplicable: another process is at it.
        StoreError: the store cannot be written.
    """
    with store.database.writing() as db:
        jobs.ask(db, EXPERIMENT.name, str(number), {}, None, RUNNING)
        job = jobs.find(db, EXPERIMENT.name, str(number))
    assert job is not None  # it was just asked for
    return carry_out(store, job, lambda at_work: drive(at_work, number, listen))


class _Driver:
    """One driving, from beginning or resuming to end.

    A training that a person stopped meanwhile is left alone; one that failed or died is tried again as declared.
    """

    def __init__(self, at_work: AtWork, number: int, listen: Callable[[Step], object]) -> None:
        self._listen = listen
        self._at_work, self._store, self._number = at_work, at_work.store, number
        self._kept = KeptExperiments(at_work.store.database)
        self._asked = Counter[str]()  # runs, how often
        self._room = (free_bytes() or 0) * _ROOM
        self._paused = False
        self._made: tuple[str, list[Cell]] = ("", [])
        self._inputs, self._checked, self._others = Inputs(at_work.store), set[str](), set[str]()

    def look(self) -> bool:
        """Look once, and begin what can be begun; False when nothing is left."""
        kept = self._kept.get(self._number)
        experiment = Experiment.from_mapping(kept.declared)
        states = self._standing(experiment, kept)
        if experiment.search == BAYES:
            states = self._with_promising(experiment, kept, states)
        self._obey()
        left = [state for state in states if not state.finished and not self._given_up(experiment, state)]
        spent = self._spent(experiment, states)
        self._tell(states, left)
        if not any(state.live for state in states) and (spent or not left):
            self._remark(states, left if spent else [])
            return False
        if not self._paused and not spent:
            self._begin(experiment, states, left)
        return True

    def _standing(self, experiment: Experiment, kept: KeptExperiment) -> list[CellState]:
        """The cells with their runs; a run of other pictures, texts or weights than today's is none of theirs."""
        while True:
            states = standing(self._store, self._cells(experiment, kept), self._others)
            new = {state.run.id for state in states if state.run} - self._checked
            self._checked |= new
            changed = {run for run in new if self._inputs.changed(run)}
            if not changed:
                return states
            self._others |= changed

    def _cells(self, experiment: Experiment, kept: KeptExperiment) -> list[Cell]:
        """Worked out anew only where something was changed: ten thousand take seconds."""
        key = f"{experiment.digest} {len(kept.settings)}"
        if self._made[0] != key:
            self._made = key, cells(experiment, known(experiment, kept.settings))
        return self._made[1]

    def _with_promising(
        self, experiment: Experiment, kept: KeptExperiment, states: Sequence[CellState]
    ) -> list[CellState]:
        """The states with further settings, where some are wanted: as many as may be at work at once."""
        told = told_by_validation(self._store_views(states), states)
        open_ = sum(value is None for value in told.values())
        wanted = min(_at_once(experiment) - open_, experiment.trials - len(told))
        if wanted <= 0:
            return [*states]
        new = promising(experiment, told, wanted)
        if not new:
            return [*states]
        self._kept.draw(self._number, [*kept.settings, *new])
        return self._standing(experiment, self._kept.get(self._number))

    def _store_views(self, states: Sequence[CellState]) -> Mapping[str, RunView]:
        return {state.run.id: RunView(self._store, state.run.id) for state in states if state.run and state.finished}

    # -- what is asked of it -------------------------------------------------------------------------------------------

    def _obey(self) -> None:
        wanted = self._at_work.wanted
        if wanted == "stop":
            raise Stopped(STOPPED)
        if (wanted == "pause") != self._paused:
            self._paused = wanted == "pause"
            with self._store.database.writing() as db:
                jobs.move(db, self._at_work.number, PAUSED if self._paused else RUNNING)

    # -- beginning -----------------------------------------------------------------------------------------------------

    def _begin(self, experiment: Experiment, states: Sequence[CellState], left: Sequence[CellState]) -> None:
        at_work = [state for state in states if state.live]
        peaks = self._peaks(states)
        for state in left:
            if state.live:
                continue
            if len(at_work) >= _at_once(experiment) or not self._fits(state, at_work, peaks):
                break
            self._ask(experiment, state)
            at_work.append(state)
        queue.advance(self._store)

    def _ask(self, experiment: Experiment, state: CellState) -> None:
        arguments = {OF: self._number}
        if state.run is None:
            run = self._store.create(state.cell.config, _name(experiment, state.cell), arguments=arguments)
            if not experiment.watching:
                Watching(self._store).choose(run, WatchSettings(watching=False))
        else:
            run = state.run.id
            with self._store.database.writing() as db:
                jobs.ask(db, jobs.TRAINING, run, arguments, run)
        self._asked[run] += 1

    def _given_up(self, experiment: Experiment, state: CellState) -> bool:
        """Whether it is not tried again by this driving."""
        if state.run is None:
            return False
        tried = self._asked[state.run.id]
        return (state.status == STOPPED and tried > 0) or (
            state.status in (FAILED, INTERRUPTED) and tried > experiment.retries
        )

    def _spent(self, experiment: Experiment, states: Sequence[CellState]) -> bool:
        if not experiment.hours:
            return False
        return sum(state.run.seconds for state in states if state.run) >= 3600 * experiment.hours

    # -- memory --------------------------------------------------------------------------------------------------------

    def _peaks(self, states: Sequence[CellState]) -> Mapping[tuple[str, ...], float]:
        """Most bytes that a training of each kind took so far."""
        found = dict[tuple[str, ...], float]()
        for state in states:
            if state.run is not None and state.run.tasks_done:
                with contextlib.suppress(PlumageError):
                    peak = RunView(self._store, state.run.id).peak_memory_mb or 0.0
                    kind = _kind(state.cell)
                    found[kind] = max(found.get(kind, 0.0), peak * _MIB)
        return found

    def _fits(self, state: CellState, at_work: Sequence[CellState], peaks: Mapping[tuple[str, ...], float]) -> bool:
        """Whether there is memory for one more. Of a kind that was never measured one is begun, and its like wait until
        it has finished a task; alone, every training may begin."""
        if not at_work:
            return True
        kinds = [_kind(one.cell) for one in at_work]
        mine = _kind(state.cell)
        if mine not in peaks and mine in kinds:
            return False
        usual = max(peaks.values(), default=0.0)
        taken = sum(peaks.get(kind, usual) for kind in (*kinds, mine))
        return not self._room or taken <= self._room

    # -- telling -------------------------------------------------------------------------------------------------------

    def _tell(self, states: Sequence[CellState], left: Sequence[CellState]) -> None:
        done = sum(state.finished for state in states)
        given_up = len(states) - done - len(left)
        step = Step(done + given_up, len(states), "runs" + (f", {given_up} of them given up" if given_up else ""))
        self._at_work.tell(step)
        self._listen(step)

    def _remark(self, states: Sequence[CellState], unspent: Sequence[CellState]) -> None:
        failed = [state for state in states if not state.finished and state.run is not None and not state.live]
        if failed and failed[0].run is not None:
            first = failed[0].run.error or f"it is {failed[0].status}"
            self._at_work.remarks.append(f"{len(failed)} runs did not finish; the first: {first}")
        if unspent:
            self._at_work.remarks.append(f"The time that it may take is spent; {len(unspent)} runs were not finished.")


def told_by_validation(views: Mapping[str, RunView], states: Sequence[CellState]) -> dict[Setting, float | None]:
    """Mean validation accuracy of every setting, None where not all its runs are finished."""
    of: dict[Setting, list[CellState]] = {}
    for state in states:
        of.setdefault(state.cell.setting, []).append(state)
    return {
        setting: fmean(float(views[state.run.id].validation[-1]) for state in own if state.run)
        if all(state.finished for state in own)
        else None
        for setting, own in of.items()
    }


def _at_once(experiment: Experiment) -> int:
    return experiment.at_once or os.cpu_count() or 1


def _kind(cell: Cell) -> tuple[str, ...]:
    """Trainings that take about the same memory: of one method on the same data and backbone."""
    config = cell.config
    return config.method, config.dataset, str(sorted(config.data.items())), config.backbone


def _name(experiment: Experiment, cell: Cell) -> str:
    axes = (*experiment.varied, *experiment.repeated)
    told = [f"{one.title} {value}" for one, value in zip(axes, (*cell.setting, *cell.repeat), strict=True)]
    return f"{experiment.name}: {', '.join(told)}"
