"""What the settings of an experiment reached: means over seeds and orders, and differences to one of them. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.experiments.axes import ExperimentAxis
from engine.experiments.cells import Setting
from engine.experiments.experiment import Experiment
from engine.experiments.standing import CellState
from engine.runs.config import RunConfig
from engine.session.comparison import Side
from engine.session.contenders import Ahead, ahead
from engine.store.labels import method_title
from engine.store.store import RunStore
from engine.store.view import RunView

METHOD = "method"
OF_SUMMARY = ("last_accuracy", "average_accuracy", "forgetting")


@dataclass(frozen=True)
class SettingResult:
    """A setting with its finished runs.

    Attributes:
        title: what it is called; any text.
        setting: a value of each axis that varies.
        states: all its cells.
        side: its finished runs; None while there is none.
    """

    title: str
    setting: Setting
    states: tuple[CellState, ...]
    side: Side | None

    @property
    def finished(self) -> int:
        """How many of its runs are."""
        return len(self.side.views) if self.side else 0

    @property
    def whole(self) -> bool:
        """Whether all its runs are finished."""
        return self.finished == len(self.states)

    @property
    def validation(self) -> Floats:
        """Last accuracy of each run on validation images, [n]."""
        return np.array([view.validation[-1] for view in self.views])

    @property
    def views(self) -> tuple[RunView, ...]:
        """Its finished runs."""
        return self.side.views if self.side else ()

    def measured(self, name: str, split: str = "test") -> Floats:
        """One of `OF_SUMMARY` of each run, [n]; NaN where it is not defined."""
        found = [view.summary(split)[name] for view in self.views]
        return np.array([np.nan if value is None else value for value in found], np.float64)

    @property
    def seconds(self) -> Floats:
        """Training time of each run, [n]."""
        return np.array([view.seconds for view in self.views])


def results(store: RunStore, experiment: Experiment, states: Sequence[CellState]) -> list[SettingResult]:
    """Every setting, in the order in which they were declared or drawn."""
    of: dict[Setting, list[CellState]] = {}
    for state in states:
        of.setdefault(state.cell.setting, []).append(state)
    return [_result(store, called(experiment, setting), setting, own) for setting, own in of.items()]


def _result(store: RunStore, title: str, setting: Setting, states: Sequence[CellState]) -> SettingResult:
    views = [RunView(store, state.run.id) for state in states if state.run and state.finished]
    return SettingResult(title, setting, tuple(states), Side(title, tuple(views)) if views else None)


def called(experiment: Experiment, setting: Setting) -> str:
    """A setting in words: methods by their titles, other values behind the names of their parameters."""
    pairs = zip(experiment.varied, setting, strict=True)
    told = [worded(one, value) if one.title == METHOD else f"{one.title} {value}" for one, value in pairs]
    return ", ".join(told) or method_title(experiment.common.get(METHOD, RunConfig.method))


def worded(axis: ExperimentAxis, value: str) -> str:
    """A value as people read it."""
    return method_title(value) if axis.title == METHOD else value


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
    others = [one for one in found if one.side is not None and one.setting != baseline.setting]
    if baseline.side is None or not others:
        return {}
    gaps = ahead(baseline.side, [one.side for one in others if one.side is not None], split)
    return {one.setting: gap for one, gap in zip(others, gaps, strict=True)}


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
