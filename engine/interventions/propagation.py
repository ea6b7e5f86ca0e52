"""Setting one concept moves those that go with it.

Concept scores are taken as normally distributed with covariance S. Once scores I are set, the others are expected at

    c_U = c_U + S_UI S_II^-1 (set_I - c_I)       around the image's own scores (`keep_own`), or
    c_U = mu_U + S_UI S_II^-1 (set_I - mu_I)     the textbook form, which forgets what the image showed.

Three sources of S, best first:

*errors*: covariance of what each score is off, given the truth, on validation images. If "hooked bill" scored too high,
so probably did "bill with a hook", by as much. *statistics*: E (within + between classes) E^T from the stored class
statistics, without any image. *scores*: covariance of validation scores, for methods that store no covariances.

What goes with a class is no reason to move: in the second and third source two concepts correlate because the same
species has both, and correcting one on an odd bird then spoils the other. Hence a floor: only concepts correlated at
least that strongly move. The floors and the shrinkage were chosen on validation images by counting what setting one
concept improves and harms (`propagation_counts`).

The form is the closed one of Xu et al., "Energy-Based Concept Bottleneck Models", ICLR 2024, in our own terms: in their
released code concepts nobody set do not move at all. A model that has energies can be asked instead (`Settling`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.interventions.levels import Levels, called, said
from engine.interventions.settling import Settling

FLOORS = {"errors": 0.3, "statistics": 0.5, "scores": 0.5}
"""Least correlation, in size, at which a concept moves; by source."""
SHRINK = 0.5
"""Weight s of the diagonal in the shrunk covariance (1 - s) S + s diag(S): an estimate from a few hundred images is
trusted by half. The form is Ledoit & Wolf's (2004); the weight comes from validation."""
_LEAST = 1e-12


@dataclass(frozen=True, slots=True)
class Correlations:
    """How concept scores move together.

    Attributes:
        mean: [K], mean score.
        shrunk: [K, K], covariance, shrunk towards its diagonal.
        reach: [K, K], the same without pairs below the floor and without the diagonal: who moves whom.
        source: `"errors"`, `"statistics"` or `"scores"`.
        floor: least correlation, in size, at which a concept moves, 0..1.
    """

    mean: Floats
    shrunk: Floats
    reach: Floats
    source: str
    floor: float


def correlations(mean: Floats, covariance: Floats, source: str, floor: float, shrink: float = SHRINK) -> Correlations:
    """Prepare a covariance [K, K] for `propagate`."""
    spread = np.sqrt(np.maximum(np.diag(covariance), _LEAST))
    linked = np.abs(covariance / np.outer(spread, spread)) >= floor
    np.fill_diagonal(linked, False)
    # The floor is held against correlations before they are shrunk: it says who goes together, shrinking says how far.
    shrunk = (1 - shrink) * covariance
    np.fill_diagonal(shrunk, spread**2)
    return Correlations(mean, shrunk, np.where(linked, shrunk, 0.0), source, floor)


@dataclass(frozen=True, slots=True)
class Followed:
    """How often setting one concept left the others better, worse, or as they were."""

    improved: int
    harmed: int
    unchanged: int


def from_errors(scores: Floats, truth: Bools, known: Bools) -> Correlations:
    """From validation images [N, K]; a concept whose truth is not known, [K], counts with its plain deviation."""
    # What truth explains is taken out, else a species would tie together all that it has (see the module).
    split = np.where(truth, _mean_where(scores, truth), _mean_where(scores, ~truth))
    expected = np.where(known, split, scores.mean(0))
    return correlations(scores.mean(0), _covariance(scores - expected), "errors", FLOORS["errors"])


def from_scores(scores: Floats) -> Correlations:
    """From validation images [N, K] alone."""
    mean = scores.mean(0)
    return correlations(mean, _covariance(scores - mean), "scores", FLOORS["scores"])


def from_statistics(bottleneck: Floats, means: Floats, within: Floats) -> Correlations:
    """From the stored class statistics; every class counts alike.

    Args:
        bottleneck: [K, D].
        means: [C, D].
        within: mean covariance of a class, [D, D].
    """
    centre = means.mean(0)
    total = within + _covariance(means - centre)  # [D, D], within + between
    spread = bottleneck @ total @ bottleneck.T  # [K, K]
    return correlations(bottleneck @ centre, spread, "statistics", FLOORS["statistics"])


def propagate(
    known: Correlations | Settling, scores: Floats, changed: Bools, targets: Floats, keep_own: bool = True
) -> Floats:
    """The scores of one image after some were set and the others followed, [K].

    Args:
        known: how concepts go together in general, or how this image's settle.
        scores, targets: [K], before, and what the set ones are set to.
        changed: [K], which are set.
        keep_own: around the image's own scores; else around the mean image. Settling always keeps the image's own.
    """
    if isinstance(known, Settling):
        return known.moved(scores, changed, targets)
    start = scores if keep_own else known.mean
    moved = np.where(changed, targets, start)
    chosen, rest = np.flatnonzero(changed), np.flatnonzero(~changed)
    if len(chosen) and len(rest):
        # Among the set ones the whole covariance counts, below the floor too: two that say the same pull only once.
        pull = np.linalg.solve(known.shrunk[np.ix_(chosen, chosen)], (targets - start)[chosen])
        moved[rest] += known.reach[np.ix_(rest, chosen)] @ pull
    return moved


def propagation_counts(
    known: Correlations, scale: Levels, scores: Floats, truth: Bools, groups: Sequence[Ints]
) -> Followed:
    """Set one group of concepts at a time to what images show, and count images by what became of the other concepts.

    Only cases where the person's word changes a score count: a confirmation moves nothing.

    Args:
        scores, truth: [N, K], of images not used for the correlations.
        groups: the concepts set together, one group after another: single concepts, or all wordings of one.
    """
    told = said(scale, scores, truth)
    right = (called(scale, scores) == truth) & scale.known  # [N, K]
    better = worse = same = 0
    for group in groups:
        others = np.setdiff1d(np.flatnonzero(scale.known), group)
        changes = (told - scores)[:, group]  # [N, g]
        touched = (changes != 0).any(1)
        pull = np.linalg.solve(known.shrunk[np.ix_(group, group)], changes[touched].T)  # [g, n]
        moved = scores[touched] + (known.reach[:, group] @ pull).T  # [n, K]
        gain = ((called(scale, moved) == truth[touched])[:, others].sum(1)) - right[touched][:, others].sum(1)
        better, worse = better + int((gain > 0).sum()), worse + int((gain < 0).sum())
        same += int((gain == 0).sum())
    return Followed(better, worse, same)


def _mean_where(scores: Floats, rows: Bools) -> Floats:
    """Mean of each column's marked rows, [K]; 0 where there is none."""
    return np.asarray(np.where(rows, scores, 0.0).sum(0) / np.maximum(rows.sum(0), 1), np.float64)


def _covariance(centred: Floats) -> Floats:
    """[n, m] -> [m, m]."""
    return np.asarray(centred.T @ centred / max(len(centred), 1), np.float64)
