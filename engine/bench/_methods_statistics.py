"""Five seeds in each of three orders of classes: for every method (`methods.orders5x3`), and for one change of ours at
a time (`methods.ablations`).

Orders move an average accuracy more than seeds do, so an interval over the seeds of one order says nothing of another
order. Here both are drawn and crossed, and the interval counts what either makes of a difference from `REFERENCE`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.bench._methods_cells import BenchCell, CellOutcome
from engine.bench._methods_data import DEMO, configured
from engine.bench.demo import ABLATIONS
from engine.bench.figure import Figure, measured, of_seeds
from engine.metrics.differences import Interval
from engine.store.store import RunStore

SEEDS, ORDERS = (1993, 7, 11, 1994, 1995), (1993, 7, 11)
REFERENCE = "ncm"
"""What every method is held against; it has nothing to draw but birds and order."""
CORE = "clg_cbm"
MEASURES = ("last", "average", "forgetting", "last_moved")
_RISK = 0.05
_OF_DEMO = (
    *("partner", "partner_without_samples", "budget_2", "cover_32", "search"),
    *("gaussian_samples", "prototype_augmentation", "augmentation_and_samples"),
)
"""Those of `bench demo` that are about the partner, the budget of Gaussian samples and the choice of concepts."""
CHANGES: Mapping[str, Mapping[str, Any]] = {
    **{name: {"settings": dict(ABLATIONS[name].change)} for name in _OF_DEMO if not ABLATIONS[name].beside},
    "random_concepts": {"settings": {"search": "random"}},
    "increment_2": {"increment": 2},
    "increment_10": {"increment": 10},
    "increment_20": {"increment": 20},
    "alike_names_together": {"order": "similarity"},
    "as_listed": {"order": "listed"},
}
"""What is changed about a run of CLG-CBM on the demo, one thing at a time."""

Ask = Callable[[Sequence[BenchCell]], list[CellOutcome]]


@dataclass(frozen=True, slots=True)
class Crossed:
    """A difference measured once in each pair of a seed and an order.

    Attributes:
        gap: its mean and interval, for all comparisons together.
        of_seeds, of_orders, rest: standard deviations that seeds, orders, and everything else bring into one value.
    """

    gap: Interval
    of_seeds: float
    of_orders: float
    rest: float


def crossed(values: Floats, comparisons: int = 1) -> Crossed:
    """Mean over random seeds and random orders, with Student's interval for two crossed random effects.

    The variance of the mean is (MS_seeds + MS_orders - MS_rest) / (S O) (Searle, Casella & McCulloch 1992, Variance
    components, section 4.3), never taken below MS_rest / (S O); its degrees of freedom are Satterthwaite's (1946), but
    no fewer than the fewest of a mean square, below which the minus sign may take them. Of drawn normal effects of
    either kind, large or none, the interval then missed at most as many as its risk allows, for S of 3 and 5 and O of
    3. The risk is shared among the comparisons (Bonferroni).

    Args:
        values: [S, O], S and O at least 2.
    """
    from scipy.special import stdtrit

    seeds, orders = values.shape
    mean = float(values.mean())
    by_seed, by_order = values.mean(1), values.mean(0)
    rest = values - by_seed[:, None] - by_order[None, :] + mean
    free = np.array([seeds - 1, orders - 1, (seeds - 1) * (orders - 1)])
    squares = np.array([orders * by_seed.var(ddof=1), seeds * by_order.var(ddof=1), float((rest**2).sum()) / free[2]])
    signed = squares * (1, 1, -1)
    whole = max(float(signed.sum()), float(squares[2]))
    spread = float((squares**2 / free).sum())
    degrees = max(whole**2 / spread, free.min()) if spread else 1.0
    half = float(stdtrit(degrees, 1 - _RISK / comparisons / 2)) * (whole / values.size) ** 0.5 if spread else 0.0
    parts = np.sqrt(np.maximum([(squares[0] - squares[2]) / orders, (squares[1] - squares[2]) / seeds, squares[2]], 0))
    return Crossed(Interval(mean, mean - half, mean + half, values.size), *map(float, parts))


def figures(store: RunStore, ask: Ask, methods: Sequence[str]) -> Iterator[Figure]:
    """Every method in every seed and order, and its distance from the reference."""
    pairs = [*product(SEEDS, ORDERS)]
    wanted = [REFERENCE, *(one for one in methods if one != REFERENCE)]
    cells = {
        (one, pair): BenchCell(DEMO, configured(DEMO, one, *pair, store=store)) for pair in pairs for one in wanted
    }
    outcomes = dict(zip(cells, ask([*cells.values()]), strict=True))
    found = {one: [outcomes[one, pair] for pair in pairs] for one in wanted}
    yield from of_seeds(_compared("methods.orders5x3", found, REFERENCE), SEEDS)


def ablations(store: RunStore, ask: Ask) -> Iterator[Figure]:
    """What each change does to ours, in every seed and order: minus where the change loses."""
    pairs = [*product(SEEDS, ORDERS)]
    rows: Mapping[str, Mapping[str, Any]] = {"ours": {}, **CHANGES}
    cells = {
        (name, pair): BenchCell(DEMO, configured(DEMO, CORE, *pair, store=store).changed(**change), change=name)
        for pair in pairs
        for name, change in rows.items()
    }
    outcomes = dict(zip(cells, ask([*cells.values()]), strict=True))
    found = {name: [outcomes[name, pair] for pair in pairs] for name in rows}
    yield from of_seeds(_compared("methods.ablations", found, "ours"), SEEDS)


def _compared(part: str, found: Mapping[str, Sequence[CellOutcome]], reference: str) -> Iterator[Figure]:
    whole = {name: rows for name, rows in found.items() if not any(one.reason for one in rows)}
    if reference not in whole:
        return
    for name, rows in whole.items():
        for measure in MEASURES:
            values = _grid(rows, measure)
            yield measured(f"{part}.{name}.{measure}", [*values.ravel()], "points" if measure == "forgetting" else "%")
            alone = crossed(values)
            for word, value in (("seeds", alone.of_seeds), ("orders", alone.of_orders)):
                yield measured(f"{part}.{name}.{measure}.spread_of_{word}", [value], "points")
            if name != reference:
                gap = crossed(values - _grid(whole[reference], measure), max(len(whole) - 1, 1)).gap
                for word, value in (("", gap.value), (".low", gap.low), (".high", gap.high)):
                    yield measured(f"{part}.{name}.{measure}.over_{reference}{word}", [value], "points")


def _grid(rows: Sequence[CellOutcome], measure: str) -> Floats:
    """[S, O]; the pairs come seed by seed."""
    return np.array([one.values[measure] for one in rows]).reshape(-1, len(ORDERS))
