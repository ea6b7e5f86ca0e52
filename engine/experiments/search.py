"""Which settings are tried: every combination, drawn by chance, or drawn where validation promises most."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.errors import NotApplicable
from engine.experiments.axes import ExperimentAxis
from engine.experiments.cells import Setting, grid
from engine.experiments.experiment import BAYES, GRID, Experiment
from engine.rng import numpy_stream

_ATTEMPTS = 100
"""Draws in which nothing new came, after which there is nothing new."""
REQUIREMENTS = "requirements-sweeps.txt"


def known(experiment: Experiment, drawn: Sequence[Setting]) -> list[Setting]:
    """The settings that the experiment has so far.

    Args:
        drawn: kept ones, of a Bayesian search.
    """
    if experiment.search == GRID:
        return grid(experiment)
    return [*drawn] if experiment.search == BAYES else by_chance(experiment)


def by_chance(experiment: Experiment) -> list[Setting]:
    """So many different settings as are to be tried, or all there are."""
    rng = numpy_stream(experiment.draw_seed, "experiment settings")
    found, idle = dict[Setting, None](), 0
    while len(found) < experiment.trials and idle < _ATTEMPTS:
        setting = tuple(_drawn(one, float(rng.random())) for one in experiment.varied)
        idle = idle + 1 if setting in found else 0
        found[setting] = None
    return [*found]


def _drawn(one: ExperimentAxis, share: float) -> str:
    return one.range.at(share) if one.range else one.values[min(int(share * len(one.values)), len(one.values) - 1)]


def promising(experiment: Experiment, told: Mapping[Setting, float | None], count: int) -> list[Setting]:
    """New settings, by the tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011; Optuna's).

    Args:
        told: every setting so far with its mean accuracy on validation images, 0..1; None where it is not known yet,
            which counts as the worst, so that not all who are asked at once go to one place (Optuna's constant liar).
        count: how many are wanted.

    Raises:
        NotApplicable: Optuna is not installed.
    """
    study, spaces = _study(experiment, told), [_space(one) for one in experiment.varied]
    found, idle = dict[Setting, None](), 0
    while len(found) < count and idle < _ATTEMPTS:
        trial = study.ask({one.title: space for one, space in zip(experiment.varied, spaces, strict=True)})
        setting = tuple(_text(one, trial.params[one.title]) for one in experiment.varied)
        idle = idle + 1 if setting in found or setting in told else 0
        if not idle:
            found[setting] = None
    return [*found]


def _study(experiment: Experiment, told: Mapping[Setting, float | None]) -> Any:
    optuna = _optuna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)  # of the constant liar
        sampler = optuna.samplers.TPESampler(seed=experiment.draw_seed + len(told), constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    spaces = {one.title: _space(one) for one in experiment.varied}
    for setting, value in told.items():
        params = {one.title: _value(one, text) for one, text in zip(experiment.varied, setting, strict=True)}
        state = optuna.trial.TrialState.RUNNING if value is None else optuna.trial.TrialState.COMPLETE
        done = value if value is None or not np.isnan(value) else 0.0
        study.add_trial(optuna.create_trial(params=params, distributions=spaces, value=done, state=state))
    return study


def _space(one: ExperimentAxis) -> Any:
    of = _optuna().distributions
    if one.range is None:
        return of.CategoricalDistribution(one.values)
    low, high, log = one.range.low, one.range.high, one.range.log
    return of.IntDistribution(int(low), int(high), log) if one.range.whole else of.FloatDistribution(low, high, log)


def _value(one: ExperimentAxis, text: str) -> str | int | float:
    if one.range is None:
        return text
    return int(text) if one.range.whole else min(max(float(text), one.range.low), one.range.high)


def _text(one: ExperimentAxis, value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        remedy = f"Run: pip install -r {REQUIREMENTS}"
        raise NotApplicable("search = bayes", "it needs the package optuna, which is not installed", remedy) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna
