"""Whether attention that moved says more of who is fooled than the clean margin does.

An image that is barely right is easily fooled, and its map may move further for the same reason. So the margin before
the attack, which costs nothing to know, is the baseline of the claim that moved attention goes with mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats
from engine.metrics.robustness import NAN, auc, interval, resamples


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the clean margin says of who is fooled, and what the shift says beyond it.

    Attributes:
        margin: probability that a fooled image's clean margin is smaller than that of one that held, 0..1.
        margin_low, margin_high: 95 % interval of it.
        adjusted: the same of what the margin leaves unexplained of the shift (see `baseline`); 0.5 is nothing.
        adjusted_low, adjusted_high: 95 % interval of it.
    """

    margin: float
    margin_low: float
    margin_high: float
    adjusted: float
    adjusted_low: float
    adjusted_high: float

    @property
    def adds(self) -> bool:
        """Whether the shift says more than the margin: the interval of `adjusted` lies above 0.5."""
        return self.adjusted_low > 0.5


def baseline(shift: Floats, margin: Floats, wrong: Bools, seed: int) -> Baseline:
    """The margin's own AUC, and the shift's with the margin taken out.

    Taken out by ranks: shift and margin are replaced by their ranks among the images (ties share theirs), the ranks of
    the shift are regressed on those of the margin by least squares, and the AUC is of the residuals. Ranks, because
    neither a map's change nor a logit has a scale of its own. Each of the resamples is regressed anew. A shift that
    depends on nothing but the margin and noise is left with 0.5, or up to 0.53 where the margin separates the two
    almost fully (AUC 0.95, in simulation: residuals are skewed at the ends of the ranks). Intervals: percentile
    bootstrap over images, the resamples of `association`.

    Args:
        shift: [N], larger for more; NaN where unknown.
        margin: [N], logit of the true class minus the largest other one, before the attack.
        wrong: [N], whether the image was fooled.
        seed: of the resamples.

    Returns:
        NaN throughout where all known images were fooled or none.
    """
    known = ~np.isnan(shift)
    fooled = np.asarray(wrong, np.bool_)[known]
    if not 0 < fooled.sum() < len(fooled):
        return Baseline(NAN, NAN, NAN, NAN, NAN, NAN)
    moved, sure = (ranks(np.asarray(one, np.float64)[known]) for one in (shift, margin))
    weights = resamples(len(fooled), seed)
    alone = auc(-sure, fooled, weights)
    rest = residuals(moved, sure, weights)
    left = np.concatenate([auc(one, fooled, weight[None]) for one, weight in zip(rest, weights, strict=True)])
    return Baseline(float(alone[0]), *interval(alone[1:]), float(left[0]), *interval(left[1:]))


def ranks(values: Floats) -> Floats:
    """Ranks from 1, [N]; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place], np.float64)


def residuals(y: Floats, x: Floats, weights: Floats) -> Floats:
    """What a weighted least-squares line leaves of y [N] given x [N], by each row of weights, [R, N].

    Rounded to 1e-9 of a rank, so that what is equal stays equal.
    """
    share = weights / weights.sum(1, keepdims=True)  # [R, N]
    apart_x, apart_y = (one - (share @ one)[:, None] for one in (x, y))
    spread = (share * apart_x**2).sum(1)
    slope = np.divide((share * apart_x * apart_y).sum(1), spread, out=np.zeros(len(weights)), where=spread > 0)
    return np.asarray(np.round(apart_y - slope[:, None] * apart_x, 9), np.float64)
