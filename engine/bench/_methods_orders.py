"""`methods.orders`: does the rank that class means foretell for an order of classes agree with what is measured?

Orders of the demo's classes are drawn, and scored by `engine.data.order_ranking` on the class means of the training
images, before anything is learnt in them. Some are improved by exchanges, so that both ends of the scale are there. All
else is the same for all. A method that adds up statistics ends in the same model whatever the order, so its last
accuracy cannot be foretold by it; the average over the tasks can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.array_types import Floats
from engine.bench._methods_cells import BenchCell, CellOutcome
from engine.bench._methods_data import DEMO
from engine.bench._methods_exact import Embedded
from engine.bench._methods_independent import class_means
from engine.bench.demo import configured
from engine.bench.figure import Figure, measured
from engine.data.order_ranking import Order, OrderRanking
from engine.rng import numpy_stream
from engine.session.lab import Lab

METHODS = ("ncm", "gda", "ranpac", "clg_cbm")
MEASURES = ("average", "last", "forgetting")
DRAWN, IMPROVED = 20, 4
"""Random orders, and how many of them are improved, and made worse, beside."""
_RESAMPLES = 2000
_SEED = 1993

Ask = Callable[[Sequence[BenchCell]], list[CellOutcome]]


def ranking(lab: Lab) -> OrderRanking:
    """Of the classes as the data number them."""
    means = class_means(Embedded(lab).part("train", lab.view.tasks_done - 1))
    numbered = np.empty_like(means)
    numbered[list(lab.stream.class_order)] = means
    return OrderRanking.of(numbered)


def orders(ranked: OrderRanking) -> list[Order]:
    """Those that are measured: random ones, and some improved and turned to the worse by exchanges."""
    drawn = ranked.sampled(DRAWN, _SEED)
    worse = OrderRanking(1 - ranked.distances, 1 - ranked.spreads)
    spread = drawn[:: DRAWN // IMPROVED][:IMPROVED]
    return [*drawn, *map(ranked.improved, spread), *map(worse.improved, spread)]


def figures(lab: Lab, ask: Ask, methods: Sequence[str]) -> Iterator[Figure]:
    """Spearman's correlation of score and measure over the orders, with its interval, method by method.

    Args:
        lab: a finished run on the demo of the bench's first seed.
        methods: those asked for; of `METHODS`, the ones that exist.
    """
    ranked = ranking(lab)
    measured_orders = orders(ranked)
    scores = np.array([ranked.score(order) for order in measured_orders])
    yield measured("methods.orders.orders", [float(len(scores))], "orders")
    for method in (one for one in METHODS if one in methods):
        outcomes = ask([_cell(lab.config.seed, method, order) for order in measured_orders])
        if any(one.reason for one in outcomes):
            continue
        for measure in MEASURES:
            values = np.array([one.values[measure] for one in outcomes])
            yield from _told(f"methods.orders.{method}.{measure}", scores, values)


def _cell(seed: int, method: str, order: Order) -> BenchCell:
    given = {"order": "given", "class_order": ", ".join(map(str, order))}
    return BenchCell(DEMO, configured(seed, method=method, **given), change="order " + given["class_order"][:20])


def _told(name: str, scores: Floats, values: Floats) -> Iterator[Figure]:
    yield measured(f"{name}.range", [float(values.max() - values.min())], "points")
    found = spearman(scores, values)
    for word, value in zip(("", ".low", ".high"), found, strict=True):
        yield measured(f"{name}.spearman{word}", [value], "")


def spearman(one: Floats, other: Floats) -> tuple[float, float, float]:
    """Rank correlation, -1..1, and the ends of its 95 % interval by resampling pairs; 0 where one does not vary.

    Ranks of equal values are shared. Args: [N] each.
    """
    rng = numpy_stream(_SEED, "bench spearman")
    picked = rng.integers(0, len(one), (_RESAMPLES, len(one)))
    low, high = np.quantile(_correlations(one[picked], other[picked]), (0.025, 0.975))
    return float(_correlations(one[None], other[None])[0]), float(low), float(high)


def _correlations(one: Floats, other: Floats) -> Floats:
    """Row by row, [R] of [R, N] each."""
    from scipy.stats import rankdata

    ranks = [rankdata(each, axis=1) for each in (one, other)]
    first, second = (each - each.mean(1, keepdims=True) for each in ranks)
    lengths = np.sqrt((first**2).sum(1) * (second**2).sum(1))
    return np.asarray((first * second).sum(1) / np.where(lengths > 0, lengths, 1.0), np.float64)
