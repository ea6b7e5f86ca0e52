"""What the weights claim against what really happens, on one scale: changes of the evidence for a class.

The head is linear, so the concepts of one group (say, everything about the bill) add a definite amount to the evidence
for class c: u_cg(x) = sum over k in g of (w_ck - mean_c w_ck) s_k(x). Read over birds that show value v of the group's
attribute, its mean u_cg(v) is what the weights say that v is worth. So changing the attribute from a to b

    claims  u_cg(b) - u_cg(a)                        read off weights and scores, as people read a concept model
    uses    evidence_c(edited) - evidence_c(bird)    measured: the same bird, drawn again

Both are averaged in size over the class's own birds and the same changes a to b. For a single concept the claim is its
weight times how much higher it scores where its value shows, and the use is the mean change of evidence when a bird
really gets the value (or loses it, with the sign turned). They agree where concepts mean what
they are called and nothing else carries the attribute. A model may claim more than it uses (the scores differ between
birds for other reasons), and use more than it claims (the attribute leaks through concepts with other names).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.explain.effects import Edits, Means, grouped, per_class

_RESAMPLES = 1000
_INTERVAL = (2.5, 97.5)
"""Percentiles of a 95 % interval."""
_LEAST = 0.05
"""A gap of fewer logits is not worth a line, however certain."""
FEWEST = 4
"""With fewer edits a standard error says too little."""
_ENOUGH = 3
"""Fewer points than this have no correlation worth the name."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Claimed and used, of every attribute (or every value of one) by every class, in units of the logit.

    Attributes:
        claimed, used: [A, C]; NaN where nothing was measured.
        error: standard error of `used`, [A, C].
        count: edits behind each entry, [A, C].
    """

    claimed: Floats
    used: Floats
    error: Floats
    count: Ints


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One line of the ledger.

    Attributes:
        what, position: which attribute or value, which class (in the order of learning).
        claimed, used, error, count: as in `Ledger`.
    """

    what: int
    position: int
    claimed: float
    used: float
    error: float
    count: int


@dataclass(frozen=True, slots=True)
class Correlation:
    """Pearson's correlation with its 95 % interval (bootstrap over classes)."""

    value: float
    low: float
    high: float


def group_evidence(scores: Floats, head: Floats, groups: Ints, count: int) -> Floats:
    """What each group of concepts adds to the evidence for each class, [N, C, G].

    Args:
        scores: [N, K].
        head: [C, K].
        groups: group of each concept, [K]; below 0 for none of them.
        count: how many groups.
    """
    centred = head - head.mean(0)  # [C, K]
    parts = [scores[:, groups == g] @ centred[:, groups == g].T for g in range(count)]
    return np.stack(parts, -1)


def worth(evidence: Floats, codes: Ints, sizes: Ints) -> Floats:
    """Mean of each group's evidence over the images that show a value, [A, V, C]; NaN where no image does.

    Args:
        evidence: [N, C, A], group a being attribute a's.
        codes: [N, A].
        sizes: [A]; V is the largest.
    """
    most = int(sizes.max())
    return np.stack([grouped(evidence[:, :, a], codes[:, a], most).mean for a in range(len(sizes))])


def spread(scores: Floats, truth: Bools, columns: Ints) -> Floats:
    """How much higher a concept scores where its value shows than where not, [K]; NaN where that cannot be said.

    Args:
        scores: [N, K].
        truth: [N, V], which values show.
        columns: the value each concept speaks of, [K]; below 0 for none.
    """
    shows = truth[:, np.maximum(columns, 0)]  # [N, K]
    with np.errstate(invalid="ignore", divide="ignore"):
        gap: Floats = (scores * shows).sum(0) / shows.sum(0) - (scores * ~shows).sum(0) / (~shows).sum(0)
    return np.where(columns < 0, np.nan, gap)


def claims_of_values(head: Floats, spreads: Floats, columns: Ints, values: int) -> Floats:
    """What the weights say each value adds to the evidence for each class, [V, C]; 0 where no concept speaks of it.

    Weight times spread, summed over the concepts that speak of the value.

    Args:
        head: [C, K].
        spreads, columns: [K], as `spread` has them.
    """
    centred = (head - head.mean(0)) * np.nan_to_num(spreads)  # [C, K]
    known = columns >= 0
    return grouped(centred.T[known], columns[known], values).total


def by_attribute(edits: Edits, attributes: int, classes: int) -> Ledger:
    """Mean sizes of claims and uses on each class's own birds. Edits without a claim count for neither."""
    known = edits.where(np.isfinite(edits.claimed))
    used = per_class(np.abs(known.own), known, attributes, classes)
    claimed = per_class(np.abs(known.claimed), known, attributes, classes)
    return Ledger(claimed.mean, used.mean, used.error, used.count)


def by_value(claimed: Floats, shown: Means, removed: Means) -> Ledger:
    """Claims and real effects of every value on every class, signed; over birds of all classes.

    Args:
        claimed: [V, C], from `claims_of_values`.
        shown, removed: change of evidence [V, C] over the edits that gave birds the value, and took it away.
    """
    n, m = shown.count[:, None], removed.count[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        used = (np.nan_to_num(shown.mean) * n - np.nan_to_num(removed.mean) * m) / (n + m)
        error = np.hypot(np.nan_to_num(shown.error) * n, np.nan_to_num(removed.error) * m) / (n + m)
    return Ledger(claimed, used, error, np.broadcast_to(n + m, used.shape))


def used_not_claimed(book: Ledger, position: int | None = None, most: int = 10) -> list[ClaimLine]:
    """Where uses exceed claims most, beyond two standard errors; of one class, or of all."""
    return _largest(book, _beyond(book.used, book.claimed), position, most)


def claimed_not_used(book: Ledger, position: int | None = None, most: int = 10) -> list[ClaimLine]:
    """Where claims exceed uses most, beyond two standard errors; of one class, or of all."""
    return _largest(book, _beyond(book.claimed, book.used), position, most)


def correlation(book: Ledger, rng: np.random.Generator) -> Correlation | None:
    """How well claims foretell uses across attributes, each averaged over the classes; None where nothing varies."""
    classes = book.claimed.shape[1]
    picks = np.concatenate([np.arange(classes)[None], rng.integers(0, classes, (_RESAMPLES, classes))])  # [1 + R, C]
    values = _pearson(_over_classes(book.claimed, picks), _over_classes(book.used, picks))
    if not np.isfinite(values[0]):
        return None
    low, high = np.nanpercentile(values[1:], _INTERVAL)
    return Correlation(float(values[0]), float(low), float(high))


def _over_classes(values: Floats, picks: Ints) -> Floats:
    """Means [1 + R, A] over some classes [1 + R, C] of values [A, C], without those that are not known."""
    with np.errstate(invalid="ignore"):
        known = np.isfinite(values)
        sums = np.where(known, values, 0.0)[:, picks].sum(-1)  # [A, 1 + R]
        return np.asarray((sums / known[:, picks].sum(-1)).T)


def _pearson(x: Floats, y: Floats) -> Floats:
    """Correlation along the last axis; NaN with too few known points, or where nothing varies."""
    known = np.isfinite(x) & np.isfinite(y)
    n = known.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        dx, dy = (np.where(known, v - np.where(known, v, 0.0).sum(-1, keepdims=True) / n, 0.0) for v in (x, y))
        found = (dx * dy).sum(-1) / np.sqrt((dx**2).sum(-1) * (dy**2).sum(-1))
    return np.where((n[..., 0] >= _ENOUGH) & ((dx**2).sum(-1) > 0) & ((dy**2).sum(-1) > 0), found, np.nan)


def _beyond(a: Floats, b: Floats) -> Floats:
    """By how much `a` is larger than `b` in the direction of `a`; what points the other way counts as nothing."""
    return np.asarray(np.minimum(np.abs(a), np.abs(a) - np.sign(a) * b))


def _largest(book: Ledger, excess: Floats, position: int | None, most: int) -> list[ClaimLine]:
    clear: Bools = excess > np.maximum(2 * np.nan_to_num(book.error, nan=np.inf), _LEAST)
    clear &= book.count >= FEWEST
    if position is not None:
        clear &= np.arange(excess.shape[1]) == position
    found = np.argwhere(clear)
    order = np.argsort(-excess[clear], kind="stable")[:most]
    return [_entry(book, int(a), int(c)) for a, c in found[order]]


def _entry(book: Ledger, a: int, c: int) -> ClaimLine:
    return ClaimLine(
        a, c, float(book.claimed[a, c]), float(book.used[a, c]), float(book.error[a, c]), int(book.count[a, c])
    )
