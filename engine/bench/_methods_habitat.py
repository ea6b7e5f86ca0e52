"""`methods.habitat`: why closed forms lean on the habitat, in numbers.

A discriminant divides by how much images of one class differ along a direction. Species keep to their habitat, so along
the directions in which habitats differ, images of one class hardly do: such a direction looks as if it told classes
apart perfectly, and gets a large weight. A nearest class mean divides by nothing.

The directions are known here exactly: the moved split shows the very birds of the test split elsewhere, so that the
difference of the two embeddings is the habitat and nothing else. They explain; nothing is chosen by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.bench._methods_exact import Embedded
from engine.bench._methods_independent import (
    SHRINKAGE,
    Doubles,
    Part,
    Scorer,
    class_means,
    discriminant_weights,
    ranpac,
    scatter,
    shrunk,
)
from engine.bench.figure import Figure, measured
from engine.data.aviary.palette import HABITATS
from engine.session.lab import Lab

CURVE = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Shrinkages of the covariance, from that of SLDA to the identity, which is a nearest class mean."""
RIDGES = (1.0, 10.0, 100.0, 1000.0)
"""Of RanPAC: what its choice decides of the habitat."""
_DIRECTIONS = len(HABITATS) - 1


@dataclass(frozen=True)
class HabitatSpan:
    """Where habitats lie among embeddings.

    Attributes:
        axes: [H, D], orthonormal.
        covariance: [D, D], second moments of what moving a bird does to its embedding.
    """

    axes: Doubles
    covariance: Doubles

    @staticmethod
    def between(here: Doubles, elsewhere: Doubles) -> HabitatSpan:
        """From embeddings [N, D] of the same birds in two places: the directions of most change."""
        change = elsewhere - here
        moments = change.T @ change / len(change)
        return HabitatSpan(np.linalg.eigh(moments)[1][:, ::-1][:, :_DIRECTIONS].T, moments)

    def share(self, matrix: Doubles) -> float:
        """Per cent of the trace of a matrix [D, D] of second moments that lies in the span."""
        return 100 * float(np.einsum("hd,de,he->", self.axes, matrix, self.axes) / np.trace(matrix))

    def margin(self, weights: Doubles, means: Doubles) -> float:
        """Per cent of the margins w_c (m_c - m) of class means over the mean of all that is owed to the span."""
        apart, own = means - means.mean(0), weights - weights.mean(0)  # [C, D] each
        inside = ((own @ self.axes.T) * (apart @ self.axes.T)).sum()
        return 100 * float(inside / (own * apart).sum())


def figures(labs: Sequence[Lab]) -> Iterator[Figure]:
    """After the last task of every seed."""
    told = [_of(Embedded(lab)) for lab in labs]
    for name in told[0]:
        yield measured(f"methods.habitat.{name}", [one[name] for one in told], "%")


def _of(embedded: Embedded) -> Mapping[str, float]:
    last = embedded.tasks - 1
    train, test, moved = (embedded.part(split, last) for split in ("train", "test", "moved"))
    span, means, within = HabitatSpan.between(test[0], moved[0]), class_means(train), scatter(train)
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)
    between = np.cov(means.T, bias=True)
    discriminating = discriminant_weights(train, shrunk(within, SHRINKAGE))[0]
    found = {
        "moving.span": span.share(span.covariance),
        "between_classes.span": span.share(between),
        "within_classes.span": span.share(within),
        "margin.ncm": span.margin(unit, means),
        "margin.slda": span.margin(discriminating, means),
    }
    for one in CURVE:
        found |= _accuracies(f"shrinkage_{one:g}", train, shrunk(within, one), test, moved)
    for ridge in RIDGES:
        found |= _right(f"ranpac_ridge_{ridge:g}", ranpac(train, embedded.part("val", last), (ridge,)), test, moved)
    return found | _accuracies("told_of_moving", train, shrunk(within + span.covariance, SHRINKAGE), test, moved)


def _accuracies(name: str, train: Part, covariance: Doubles, test: Part, moved: Part) -> dict[str, float]:
    weights, bias = discriminant_weights(train, covariance)
    return _right(name, lambda features: features @ weights.T + bias, test, moved)


def _right(name: str, score: Scorer, test: Part, moved: Part) -> dict[str, float]:
    splits = {"last": test, "last_moved": moved}
    right = {word: (score(x).argmax(1) == y).mean() for word, (x, y) in splits.items()}
    return {f"{name}.{word}": 100 * float(value) for word, value in right.items()}
