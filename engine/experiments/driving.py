"""The job behind an experiment: it begins trainings, as many at once as their place allows, and waits for them.

It computes nothing. What it knows it reads from the store whenever it looks, so it may be killed at any time: trainings
on this machine go on without it, and who takes over finds what is done. Where they are trained is the place's matter
(`engine.experiments.places`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Any

from engine.experiments.cells import Cell, Setting, cells
from engine.experiments.experiment import BAYES, Experiment
from engine.experiments.places import CellOrder, CellPlace, Here, PlaceOpener
from engine.experiments.search import known, promising
from engine.experiments.standing import CellState, standing
from engine.experiments.unchanged import Inputs
from engine.files import one_at_a_time
from engine.jobs.kinds import EXPERIMENT
from engine.jobs.working import AtWork, JobEnd, Stopped, carry_out
from engine.steps import Step
from engine.store import jobs
from engine.store.experiments import KeptExperiment, KeptExperiments
from engine.store.states import FAILED, INTERRUPTED, PAUSED, RUNNING, STOPPED
from engine.store.store import RunStore
from engine.store.view import RunView

_LOCK = "experiments.lock"
_LOOK, _REST = 0.5, 9.0
"""Seconds between two looks at the store, and how many times as long as a look it rests: where thousands of runs are
kept, a look takes a while, and trainings need the core."""


def drive(
    at_work: AtWork,
    number: int,
    listen: Callable[[Step], object] = lambda step: None,
    place: PlaceOpener = Here,
) -> None:
    """Do what is left of an experiment.

    Args:
        number: the store's for it.
        listen: hears how far it is, whenever it looks.
        place: opens where its cells are trained; this machine if not given.

    Raises:
        BadInput, BadParameter, StoreDamaged: it is gone, or not what it must be.
        NotApplicable: a package is missing that its search or place needs, or the place cannot be reached.
        Stopped: it was asked to stop; its trainings were too.
    """
    opened = place(at_work.store, number)
    driver, began = _Driver(at_work, number, listen, opened), time.monotonic()
    try:
        while driver.look():
            time.sleep(max(_LOOK, _REST * (time.monotonic() - began)))
            began = time.monotonic()
    except Stopped as end:
        if end.status == STOPPED:  # on request; where the process alone was told to go, trainings go on
            opened.stop()
        raise
    finally:
        opened.leave()


def drive_here(
    store: RunStore,
    number: int,
    listen: Callable[[Step], object],
    place: PlaceOpener = Here,
    arguments: Mapping[str, Any] | None = None,
) -> JobEnd:
    """Do what is left of an experiment in this process, and write down how that ended.

    Args:
        place: as in `drive`.
        arguments: what the job remembers, such as the place; nothing if not given.

    Raises:
        NotApplicable: another process is at it.
        StoreError: the store cannot be written.
    """
    with store.database.writing() as db:
        jobs.ask(db, EXPERIMENT.name, str(number), arguments or {}, None, RUNNING)
        job = jobs.find(db, EXPERIMENT.name, str(number))
    assert job is not None  # it was just asked for
    return carry_out(store, job, lambda at_work: drive(at_work, number, listen, place))


class _Driver:
    """One driving, from beginning or resuming to end.

    A training that a person stopped meanwhile is left alone; one that failed or died is tried again as declared.
    """

    def __init__(self, at_work: AtWork, number: int, listen: Callable[[Step], object], place: CellPlace) -> None:
        self._listen, self._place = listen, place
        self._at_work, self._store, self._number = at_work, at_work.store, number
        self._kept = KeptExperiments(at_work.store.database)
        self._asked = Counter[str]()  # cells by digest, how often
        self._paused = False
        self._inputs, self._checked, self._others = Inputs(at_work.store), set[str](), set[str]()

    def look(self) -> bool:
        """Look once, and begin what can be begun; False when nothing is left. Of several experiments on a store one
        looks at a time, so that a cell which two of them have is begun once."""
        with one_at_a_time(self._store.home / _LOCK):
            return self._look()

    def _look(self) -> bool:
        kept = self._kept.get(self._number)
        experiment = Experiment.from_mapping(kept.declared)
        self._place.collect()
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
            states = standing(self._store, _cells(experiment, kept), self._others)
            new = {state.run.id for state in states if state.run} - self._checked
            self._checked |= new
            changed = {run for run in new if self._inputs.changed(run)}
            if not changed:
                return [replace(state, away=self._place.holds(state.cell)) for state in states]
            self._others |= changed

    def _with_promising(
        self, experiment: Experiment, kept: KeptExperiment, states: Sequence[CellState]
    ) -> list[CellState]:
        """The states with further settings, where some are wanted: as many as may be at work at once."""
        told = told_by_validation(self._store_views(states), states)
        open_ = sum(value is None for value in told.values())
        wanted = min(self._place.at_once(experiment) - open_, experiment.trials - len(told))
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
        for state in left:
            if state.live:
                continue
            if len(at_work) >= self._place.at_once(experiment) or not self._place.fits(state, at_work, states):
                break
            self._asked[state.cell.digest] += 1
            last = self._asked[state.cell.digest] > experiment.retries
            self._place.begin(CellOrder(state, _name(experiment, state.cell), experiment.watching, last))
            at_work.append(state)
        self._place.advance()

    def _given_up(self, experiment: Experiment, state: CellState) -> bool:
        """Whether it is not tried again by this driving."""
        tried = self._asked[state.cell.digest]
        if state.live or state.run is None:
            return False
        return (state.status == STOPPED and tried > 0) or (
            state.status in (FAILED, INTERRUPTED) and tried > experiment.retries
        )

    def _spent(self, experiment: Experiment, states: Sequence[CellState]) -> bool:
        if not experiment.hours:
            return False
        return sum(state.run.seconds for state in states if state.run) >= 3600 * experiment.hours

    # -- telling -------------------------------------------------------------------------------------------------------

    def _tell(self, states: Sequence[CellState], left: Sequence[CellState]) -> None:
        done = sum(state.finished for state in states)
        given_up = len(states) - done - len(left)
        word = ["runs", *([f"{given_up} of them given up"] if given_up else []), *filter(None, [self._place.words])]
        step = Step(done + given_up, len(states), ", ".join(word))
        self._at_work.tell(step)
        self._listen(step)

    def _remark(self, states: Sequence[CellState], unspent: Sequence[CellState]) -> None:
        failed = [state for state in states if not state.finished and state.run is not None and not state.live]
        if failed and failed[0].run is not None:
            first = failed[0].run.error or f"it is {failed[0].status}"
            self._at_work.remarks.append(f"{len(failed)} runs did not finish; the first: {first}")
        if unspent:
            self._at_work.remarks.append(f"The time that it may take is spent; {len(unspent)} runs were not finished.")


def _cells(experiment: Experiment, kept: KeptExperiment) -> list[Cell]:
    return cells(experiment, known(experiment, kept.settings))


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


def _name(experiment: Experiment, cell: Cell) -> str:
    axes = (*experiment.varied, *experiment.repeated)
    told = [f"{one.title} {value}" for one, value in zip(axes, (*cell.setting, *cell.repeat), strict=True)]
    return f"{experiment.name}: {', '.join(told)}"
