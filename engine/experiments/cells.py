"""The cells of an experiment: one run each, worked out and checked before anything starts."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from engine.errors import BadParameter
from engine.experiments.axes import ExperimentAxis
from engine.experiments.experiment import GRID, Experiment
from engine.runs.config import RunConfig, configure

MOST_CELLS = 10_000
_NEEDS: Mapping[str, tuple[str, str]] = {
    "order_seed": ("order", "seed"),
    "class_order": ("order", "given"),
    "covariance_rank": ("class_covariances", "low_rank"),
}
"""Parameters that decide something only where another has a value."""
_UNLESS: Mapping[str, tuple[str, str]] = {
    "base": ("task_sizes", ""),
    "increment": ("task_sizes", ""),
    "hardening_steps": ("hardening", "no"),
}
"""Parameters that decide nothing: where the other is given, or, of the last, where it is `no`."""

Setting = tuple[str, ...]
"""A value of every axis that varies, as text, in their order."""


@dataclass(frozen=True)
class Cell:
    """One run of an experiment.

    Attributes:
        setting: its value of each axis that varies.
        repeat: its value of each axis over which settings are repeated.
        config: of its run.
    """

    setting: Setting
    repeat: Setting
    config: RunConfig

    @cached_property
    def digest(self) -> str:
        """Of its config: what finds its run."""
        return self.config.digest


def count(experiment: Experiment) -> tuple[int, str]:
    """How many cells it has at most, and the arithmetic: `5 x 3 x 2 = 30`.

    Methods' own axes, which other methods have no use of, make them fewer.
    """
    factors = [len(one.values) for one in experiment.repeated]
    if experiment.search == GRID:
        factors = [len(one.values) for one in experiment.varied] + factors
    else:
        factors = [experiment.trials, *factors]
    told = " x ".join(f"{factor:,}" for factor in factors)
    total = math.prod(factors)
    return total, f"{told} = {total:,}" if len(factors) > 1 else f"{total:,}"


def check_size(experiment: Experiment) -> None:
    """Refuse more cells than an experiment may have.

    Raises:
        BadParameter: with the arithmetic.
    """
    total, told = count(experiment)
    if total > MOST_CELLS:
        remedy = "Take values out, or draw some of them with search = random and trials"
        raise BadParameter(f"an experiment of {told} runs", f"at most {MOST_CELLS:,} are allowed", remedy)


def grid(experiment: Experiment) -> list[Setting]:
    """Every combination of the axes that vary."""
    return [*product(*(one.values for one in experiment.varied))]


def cells(experiment: Experiment, settings: Sequence[Setting]) -> list[Cell]:
    """The cells of some settings, each with every repeat; whole repeats first, so that what is stopped early compares.

    Raises:
        BadParameter: they are too many, a run cannot be like that, or an axis decides nothing in any of them.
    """
    return [*_cells(json.dumps(experiment.to_mapping()), tuple(settings))]


@lru_cache(maxsize=8)
def _cells(declared: str, settings: tuple[Setting, ...]) -> tuple[Cell, ...]:
    """Kept, because a page and a driver look again and again, and ten thousand take seconds."""
    experiment = Experiment.from_mapping(json.loads(declared))
    check_size(experiment)
    found = (*_unlike(experiment, settings),)
    for one in experiment.axes if found else ():  # a search may have drawn nothing yet
        for name in one.names:
            _check_decides(name, one, found)
    return found


def _unlike(experiment: Experiment, settings: Sequence[Setting]) -> Iterator[Cell]:
    """Each config once: settings of a method that is not learnt with make no other run."""
    seen = set[str]()
    for repeat in product(*(one.values for one in experiment.repeated)):
        for setting in settings:
            cell = Cell(setting, repeat, _config(experiment, setting, repeat))
            if cell.digest not in seen:
                seen.add(cell.digest)
                yield cell


def _config(experiment: Experiment, setting: Setting, repeat: Setting) -> RunConfig:
    given = dict(experiment.common)
    for axes, values in ((experiment.varied, setting), (experiment.repeated, repeat)):
        given |= {name: value for one, value in zip(axes, values, strict=True) for name in one.names}
    of_methods = {name: value for name, value in given.items() if "." in name}
    plain = {name: value for name, value in given.items() if "." not in name}
    method = plain.get("method", RunConfig.method)
    own = {name.partition(".")[2]: value for name, value in of_methods.items() if name.partition(".")[0] == method}
    return configure(experiment.preset, {**plain, **own})


def _check_decides(name: str, one: ExperimentAxis, found: Sequence[Cell]) -> None:
    """Refuse an axis along which every run is the same."""
    if name in _NEEDS:
        other, wanted = _NEEDS[name]
        if all(getattr(cell.config, other) != wanted for cell in found):
            raise _idle(one, f"{name} decides nothing unless {other} is {wanted}", f"Set {other}={wanted} for all runs")
    if name in _UNLESS:
        other, off = _UNLESS[name]
        if all((getattr(cell.config, other) == off) == bool(off) for cell in found):
            raise _idle(
                one, f"{name} decides nothing with {other} = {getattr(found[0].config, other)!r}", f"Change {other}"
            )
    owner = name.partition(".")[0]
    if "." in name and all(cell.config.method != owner for cell in found):
        raise _idle(one, f"no run learns with {owner}", "Put it on the axis method, or take the axis out")


def _idle(one: ExperimentAxis, problem: str, remedy: str) -> BadParameter:
    return BadParameter(f"axis {one.title!r}", problem, remedy)
