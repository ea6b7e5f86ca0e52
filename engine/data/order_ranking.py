"""Which order of classes should be learnt well: scored by how far apart the classes' means lie, before any training.

Singh et al., "Learning to Learn: How to Continuously Teach Humans and Machines" (ICCV 2023, arXiv 2211.15470), call it
the Curriculum Designer: an order is good that starts with a class about as far from all others, ends with classes like
the first ones, so that these are met again before the end, and goes in steps between unlike classes.

Ours: distances are 1 - cosine of class means on the run's own backbone, not of another network's features; the spread
of a class's distances is put on a scale on which the most uneven class has 1, because the spread of normalised rows is
tiny beside the other terms. The paper ranks all orders of few classes; of many, orders are sampled and improved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints
from engine.rng import numpy_stream

Order = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OrderRanking:
    """What decides the score of an order of C classes.

    Attributes:
        distances: [C, C], each row from 0 (the class itself) to 1 (the class farthest from it).
        spreads: [C], variance of each class's distances to the others, in units of the largest.
    """

    distances: Floats
    spreads: Floats

    @staticmethod
    def of(means: Floats) -> OrderRanking:
        """From class means [C, D], C >= 2, none of length 0. Equal means are at distance 0."""
        unit = np.asarray(means, np.float64)
        unit = unit / np.linalg.norm(unit, axis=1, keepdims=True)
        apart = np.clip((1 - unit @ unit.T).round(12), 0, None)  # rounded so that equal means are at distance 0
        np.fill_diagonal(apart, 0)
        distances = apart / np.maximum(apart.max(1, keepdims=True), np.finfo(float).tiny)
        others = distances[~np.eye(len(unit), dtype=bool)].reshape(len(unit), -1)  # [C, C - 1]
        spreads = others.var(1)
        return OrderRanking(distances, spreads / max(float(spreads.max()), np.finfo(float).tiny))

    def score(self, order: Order) -> float:
        """Higher for an order that should be learnt better: 1 - v[c_1] + the sum over places i of (1 - D[c_i, c_-i]),
        c_-i standing as far from the end as c_i from the beginning, and of D[c_i, c_i+1]."""
        places = np.array(order)
        mirrored = (1 - self.distances[places, places[::-1]]).sum()
        return float(1 - self.spreads[places[0]] + mirrored + self.distances[places[:-1], places[1:]].sum())

    def sampled(self, count: int, seed: int) -> list[Order]:
        """Random orders, the best first; every order of equally many classes is as likely."""
        rng = numpy_stream(seed, "class orders")
        drawn = [_order(rng.permutation(len(self.spreads))) for _ in range(count)]
        return sorted(drawn, key=lambda order: -self.score(order))

    def improved(self, order: Order, most: int = 100) -> Order:
        """The order after exchanges of two classes, each the best there is, until none helps; at most `most` of them.

        The score of the result is never below that of the order given.
        """
        best, reached = order, self.score(order)
        for _ in range(most):
            near = [_exchanged(best, i, j) for i in range(len(best)) for j in range(i)]
            scores = [self.score(one) for one in near]
            place = int(np.argmax(scores)) if near else 0
            if not near or scores[place] <= reached + 1e-12:
                return best
            best, reached = near[place], scores[place]
        return best


def _order(places: Ints) -> Order:
    return tuple(int(place) for place in places)


def _exchanged(order: Order, i: int, j: int) -> Order:
    changed = list(order)
    changed[i], changed[j] = changed[j], changed[i]
    return tuple(changed)
