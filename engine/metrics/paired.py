"""Whether one method is better than another: both asked about the same images, over several seeds or orders.

Two things are chance in such a difference: which images the test holds, and which seeds (or orders of the classes) were
trained. An interval over seeds alone leaves out the images, and where all seeds are tested on the same images it is
far too narrow (on simulated data with 15 seeds a 95 % interval held the truth one time in four). One over images alone
leaves out the seeds. So `paired_bootstrap` draws both. `tests/metrics/test_paired.py` measures how often it holds.

Who compares many pairs and tells of the clearest finds something even where there is nothing: intervals take
`comparisons`, p-values are adjusted with `holm` or `benjamini_hochberg`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.metrics.chance import RISK
from engine.metrics.differences import NAN, Interval
from engine.rng import numpy_stream

DRAWS = 4000
"""Resamples: they give a standard error to about one per cent of itself."""
SEED = 1993
_HALVINGS = 50  # of a search for a p-value: down to the last bit that matters


@dataclass(frozen=True, slots=True)
class Tested:
    """A difference with its interval, and how likely one so large is where there is none.

    Attributes:
        gap: the difference; its interval is for all comparisons together (Bonferroni).
        p: two-sided, 0..1, of this comparison alone; NaN where it is not known.
        runs: seeds or orders behind it.
    """

    gap: Interval
    p: float
    runs: int


NOTHING = Tested(Interval(NAN, NAN, NAN, 0), NAN, 0)
"""Where there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Discordant:
    """On which images two models disagree.

    Attributes:
        lost, gained: right in the first only, right in the second only.
        p: two-sided, exact, 0..1: how likely a division so uneven is where both are equally good.
    """

    lost: int
    gained: int
    p: float


def paired_bootstrap(
    changes: Sequence[Floats], *, shared: bool, comparisons: int = 1, seed: int = SEED, draws: int = DRAWS
) -> Tested:
    """Mean of what changed from one method to another, over images and seeds, -1..1.

    Seeds are drawn with replacement, and images within each; where all seeds were tested on the same images, one draw
    of the images serves them all, because then an image that happens to be hard is hard in every seed.

    Percentiles of the draws are far too narrow with three or five seeds. So the standard error of the draws (the spread
    of S drawn seeds, sqrt((S-1)/S) of the true one, put right) is divided into what seeds and what images make of it;
    each gets its own quantile, Student's with S-1 degrees of freedom and the normal one, and their halves are added in
    squares (Graybill & Wang 1980). So it holds at least as often as it says. A single seed tells of the images only.

    Davison & Hinkley 1997, Bootstrap methods and their application, section 3.8.

    Args:
        changes: of each seed [N_s], -1..1: how much more often each image was right in the second (see
            `engine.metrics.differences.mean_difference`).
        shared: whether all seeds have the same images in the same order.
        comparisons: how many pairs are compared beside this one, itself included; the risk is shared among them.
        seed, draws: of the resamples.

    Raises:
        ValueError: images are shared, but seeds have different numbers of them.
    """
    some = [np.asarray(each, np.float64) for each in changes if len(each)]
    if not some:
        return NOTHING
    if shared and len({len(each) for each in some}) > 1:
        raise ValueError(f"shared images, but {[len(each) for each in some]} of them")
    rng, runs = numpy_stream(seed, "paired bootstrap"), len(some)
    picked = rng.integers(0, runs, (draws, runs))
    drawn = (_shared if shared else _own)(some, picked, rng)  # [draws, S]
    means = np.array([each.mean() for each in some])
    wider = math.sqrt(runs / (runs - 1)) - 1 if runs > 1 else 0.0
    whole = float((drawn + wider * (means - means.mean())[picked]).mean(1).std())
    of_seeds = _error(means) if runs > 1 else 0.0
    of_images = math.sqrt(max(whole**2 - of_seeds**2, 0.0))
    images = len(some[0]) if shared else sum(map(len, some))
    found = _tested(float(means.mean()), _Chance(of_seeds, of_images, runs), comparisons, images)
    within = replace(found.gap, low=max(-1.0, found.gap.low), high=min(1.0, found.gap.high))
    return replace(found, gap=within)


def _shared(changes: Sequence[Floats], picked: Ints, rng: np.random.Generator) -> Floats:
    """Means of the picked seeds on the same drawn images, [draws, S]. Images with equal changes are drawn at once."""
    kinds, counts = np.unique(np.stack(changes, axis=1), axis=0, return_counts=True)  # [kinds, S]
    total = int(counts.sum())
    means = rng.multinomial(total, counts / total, size=len(picked)) @ kinds / total
    return np.asarray(np.take_along_axis(means, picked, 1), np.float64)


def _own(changes: Sequence[Floats], picked: Ints, rng: np.random.Generator) -> Floats:
    """The same where each seed has images of its own, drawn anew for each time that it was picked."""
    found = np.empty(picked.shape)
    for place, each in enumerate(changes):
        kinds, counts = np.unique(each, return_counts=True)
        here = picked == place
        found[here] = rng.multinomial(len(each), counts / len(each), size=int(here.sum())) @ kinds / len(each)
    return found


def paired_t(values: Sequence[float] | Floats, comparisons: int = 1) -> Tested:
    """Mean of a difference over seeds or orders, with Student's interval; without width and p where there is one value.

    For what is no share of images: forgetting, average accuracy, seconds. Of a share of images that all seeds have in
    common it is too narrow: use `paired_bootstrap`.

    Args:
        values: [S], one difference a seed (any unit); NaNs are left out.
    """
    known = np.asarray(values, np.float64)
    known = known[~np.isnan(known)]
    runs = len(known)
    if not runs:
        return NOTHING
    value = float(known.mean())
    if runs == 1:
        return Tested(Interval(value, NAN, NAN, 1), NAN, 1)
    return _tested(value, _Chance(_error(known), 0.0, runs), comparisons, runs)


def _error(values: Floats) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values))


@dataclass(frozen=True, slots=True)
class _Chance:
    """Standard errors of a mean, that of the seeds and that of the images."""

    seeds: float
    images: float
    runs: int

    def half(self, risk: float) -> float:
        """Half an interval that misses with this chance: Student's for the seeds, the normal one for the images."""
        from scipy.special import ndtri, stdtrit  # 0.15 s

        student = float(stdtrit(self.runs - 1, 1 - risk / 2)) if self.seeds else 0.0
        return math.hypot(student * self.seeds, float(ndtri(1 - risk / 2)) * self.images)

    def p(self, value: float) -> float:
        """Two-sided: the risk at which the interval just reaches zero."""
        if not self.seeds and not self.images:
            return float(value == 0)
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.half(middle) < abs(value) else (middle, high)
        return high


def _tested(value: float, chance: _Chance, comparisons: int, count: int) -> Tested:
    half = chance.half(RISK / comparisons)
    return Tested(Interval(value, value - half, value + half, count), chance.p(value), chance.runs)


def mcnemar(first: Bools, second: Bools) -> Discordant:
    """Two models on the same images: only those on which they disagree tell them apart. Exact (binomial), two-sided.

    McNemar 1947, Note on the sampling error of the difference between correlated proportions. For one pair of models;
    images of several seeds must not be thrown together, since they are not independent.

    Args:
        first, second: [N], which images are right.

    Raises:
        ValueError: the lengths differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"pairs are needed, not {first.shape} and {second.shape}")
    lost, gained = int((first & ~second).sum()), int((~first & second).sum())
    if not lost + gained:
        return Discordant(0, 0, 1.0)
    from scipy.special import bdtr

    return Discordant(lost, gained, min(1.0, 2 * float(bdtr(min(lost, gained), lost + gained, 0.5))))


def holm(ps: Sequence[float] | Floats) -> Floats:
    """Adjusted p-values, [M]: told at a limit, the chance of a single false finding among all is at most that limit.

    Holm 1979, A simple sequentially rejective multiple test procedure. NaN stays NaN and counts as no comparison.
    """
    values, order = _ordered(ps)
    left = np.arange(len(order), 0, -1)
    return _put_back(values, order, np.maximum.accumulate(values[order] * left))


def benjamini_hochberg(ps: Sequence[float] | Floats) -> Floats:
    """Adjusted p-values, [M]: of all findings told at a limit, at most that share is false on average.

    Benjamini & Hochberg 1995, Controlling the false discovery rate. NaN stays NaN and counts as no comparison.
    """
    values, order = _ordered(ps)
    scaled = values[order] * len(order) / np.arange(1, len(order) + 1)
    return _put_back(values, order, np.minimum.accumulate(scaled[::-1])[::-1])


def _ordered(ps: Sequence[float] | Floats) -> tuple[Floats, Ints]:
    """(p-values, where those that are known stand, the smallest first)."""
    values = np.asarray(ps, np.float64)
    order = np.argsort(values, kind="stable")  # NaNs come last
    return values, order[: int((~np.isnan(values)).sum())]


def _put_back(values: Floats, order: Ints, adjusted: Floats) -> Floats:
    found = np.full(values.shape, NAN)
    found[order] = np.minimum(adjusted, 1.0)
    return found
