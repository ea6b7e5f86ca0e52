"""What the settings of an experiment reached: means over seeds and orders, and differences to one of them. No torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from engine.array_types import Floats
from engine.experiments.axes import ExperimentAxis
from engine.experiments.cells import Setting
from engine.experiments.experiment import Experiment
from engine.experiments.finals import Finals, finals
from engine.experiments.standing import CellState
from engine.runs.config import RunConfig
from engine.session.comparison import Side
from engine.session.contenders import Ahead, ahead
from engine.store.labels import method_title
from engine.store.store import RunStore
from engine.store.view import RunView

METHOD = "method"


@dataclass(frozen=True)
class SettingResult:
    """A setting with its finished runs.

    Attributes:
        store: where they are.
        title: what it is called; any text.
        setting: a value of each axis that varies.
        states: all its cells.
    """

    store: RunStore
    title: str
    setting: Setting
    states: tuple[CellState, ...]

    @property
    def runs(self) -> tuple[str, ...]:
        """Its finished runs."""
        return tuple(state.run.id for state in self.states if state.run and state.finished)

    @property
    def finished(self) -> int:
        """How many of its runs are."""
        return len(self.runs)

    @property
    def whole(self) -> bool:
        """Whether all its runs are finished."""
        return self.finished == len(self.states)

    @property
    def splits(self) -> tuple[str, ...]:
        """Kinds of test images that all its finished runs have."""
        return _common([one.splits for one in self._finals])

    @property
    def validation(self) -> Floats:
        """Last accuracy of each run on validation images, [n]."""
        return np.array([one.validation for one in self._finals])

    def measured(self, name: str, split: str = "test") -> Floats:
        """`last_accuracy`, `average_accuracy` or `forgetting` of each run, [n]; NaN where it is not defined."""
        return np.array([one.splits[split][name] for one in self._finals])

    @property
    def seconds(self) -> Floats:
        """Training time of each run, [n]."""
        return np.array([one.seconds for one in self._finals])

    @property
    def tasks(self) -> tuple[int | None, ...]:
        """How many tasks its finished runs have, each number once."""
        return tuple({state.run.tasks_total for state in self.states if state.run and state.finished})

    def over_time(self, split: str, measure: str) -> Floats:
        """A measure of `engine.session.comparison.MEASURES` after each task, [n, T]; its runs have equally many."""
        return _over_time(self.store.home, self.runs, split, measure)

    @cached_property
    def _finals(self) -> list[Finals]:
        return finals(self.store, self.runs)


def results(store: RunStore, experiment: Experiment, states: Sequence[CellState]) -> list[SettingResult]:
    """Every setting, in the order in which they were declared or drawn."""
    of: dict[Setting, list[CellState]] = {}
    for state in states:
        of.setdefault(state.cell.setting, []).append(state)
    return [SettingResult(store, called(experiment, setting), setting, tuple(own)) for setting, own in of.items()]


def called(experiment: Experiment, setting: Setting) -> str:
    """A setting in words: methods by their titles, other values behind the names of their parameters."""
    pairs = zip(experiment.varied, setting, strict=True)
    told = [worded(one, value) if one.title == METHOD else f"{one.title} {value}" for one, value in pairs]
    return ", ".join(told) or method_title(experiment.common.get(METHOD, RunConfig.method))


def worded(axis: ExperimentAxis, value: str) -> str:
    """A value as people read it."""
    return method_title(value) if axis.title == METHOD else value


def shared_splits(found: Sequence[SettingResult]) -> tuple[str, ...]:
    """Kinds of test images that all finished runs of some settings have."""
    return _common([one.splits for one in found])


def _common(each: Sequence[Collection[str]]) -> tuple[str, ...]:
    """What is in all of them, in the order of the first."""
    return tuple(name for name in each[0] if all(name in names for names in each))


def ranked(found: Sequence[SettingResult], split: str = "test") -> list[SettingResult]:
    """Those with finished runs, the highest mean of last accuracy first; then the others."""
    some = [one for one in found if one.finished]
    some.sort(key=lambda one: -float(np.mean(one.measured("last_accuracy", split))))
    return [*some, *(one for one in found if not one.finished)]


def best(found: Sequence[SettingResult]) -> SettingResult | None:
    """The setting with the highest mean validation accuracy among those whose runs are all finished."""
    whole = [one for one in found if one.whole and one.finished]
    return max(whole, key=lambda one: float(np.mean(one.validation)), default=None)


def differences(
    found: Sequence[SettingResult], baseline: SettingResult, split: str = "test"
) -> Mapping[Setting, Ahead]:
    """What each other setting is ahead of the baseline by, over the runs that both have with equal seeds and order.

    Intervals hold for all of them together (Bonferroni), and p is Holm's.
    """
    others = [one for one in found if one.finished and one.setting != baseline.setting]
    if not baseline.finished or not others:
        return {}
    gaps = _ahead(baseline.store.home, baseline.runs, tuple(one.runs for one in others), split)
    return {one.setting: gap for one, gap in zip(others, gaps, strict=True)}


@lru_cache(maxsize=64)
def _over_time(home: Path, runs: tuple[str, ...], split: str, measure: str) -> Floats:
    store = RunStore(home)
    with store.database.one_moment():
        found = _side(store, runs).over_time(split, measure)
    found.flags.writeable = False
    return found


def _side(store: RunStore, runs: Sequence[str]) -> Side:
    return Side("", tuple(RunView(store, run) for run in runs))


@lru_cache(maxsize=16)
def _ahead(home: Path, baseline: tuple[str, ...], others: tuple[tuple[str, ...], ...], split: str) -> tuple[Ahead, ...]:
    """Kept, because the page draws it again and again, and thousands of runs take seconds."""
    store = RunStore(home)
    with store.database.one_moment():
        first, *sides = (_side(store, runs) for runs in (baseline, *others))
        return tuple(ahead(first, sides, split))


@dataclass(frozen=True)
class AxisEffect:
    """What a value of an axis does, the other axes being what they may.

    Attributes:
        axis: its title.
        value: one of its values.
        validation: mean over the settings with this value of their mean validation accuracy, 0..1.
        test: the same on test images.
        settings: how many those are.
    """

    axis: str
    value: str
    validation: float
    test: float
    settings: int


def effects(experiment: Experiment, found: Sequence[SettingResult], split: str = "test") -> list[AxisEffect]:
    """Of every value of every axis that varies, over whole settings; drawn numbers are not grouped."""
    whole = [one for one in found if one.whole and one.finished]
    told = []
    for place, axis in enumerate(experiment.varied):
        for value in axis.values:
            mine = [one for one in whole if one.setting[place] == value]
            if mine:
                validation = float(np.mean([one.validation.mean() for one in mine]))
                test = float(np.mean([one.measured("last_accuracy", split).mean() for one in mine]))
                told.append(AxisEffect(axis.title, worded(axis, value), validation, test, len(mine)))
    return told
