"""Headlines about concepts worked out anew, from the concepts' scores on every image (see `_findings`).

Functions are called as the rules whose headlines they work out.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.array_types import Bools, Floats
from engine.bench._findings_answers import PERCENT, Told
from engine.data.streams import VAL
from engine.session.lab import Lab


def _scores(lab: Lab, split: str, moment: int) -> tuple[Floats, Bools, Bools]:
    """Scores and truth [N, K], and of which concepts the truth is known [K]."""
    sample, snapshot = lab.sample(split, moment), lab.snapshot(moment)
    truth, known = lab.truth(split, sample.rows, snapshot.bank)
    return (sample.features @ snapshot.bottleneck.T).numpy().astype(np.float64), truth, known


def _aucs(lab: Lab, moment: int) -> Floats:
    """AUC of every concept, pair by pair, [K]; NaN where it cannot be judged."""
    scores, truth, known = _scores(lab, "test", moment)
    found = np.full(scores.shape[1], np.nan)
    for k in np.flatnonzero(known & truth.any(0) & ~truth.all(0)):
        with_it, without = scores[truth[:, k], k][:, None], scores[~truth[:, k], k][None]
        found[k] = float((with_it > without).mean() + (with_it == without).mean() / 2)
    return found


def broken_concept(lab: Lab, moment: int) -> Told:
    rows = [_aucs(lab, t) for t in range(moment + 1)]
    falls = {}
    for k in range(len(rows[-1])):
        values = [row[k] for row in rows if k < len(row)]
        steps = [a - b for a, b in pairwise(values) if np.isfinite(a) and np.isfinite(b)]
        if not steps or max(steps) < 0.03:
            continue
        at = next(i for i in range(len(values) - 1) if abs(values[i] - values[i + 1] - max(steps)) < 1e-12)
        if values[at] - values[-1] >= 0.03:
            falls[k] = (max(steps), len(rows) - len(values) + at + 2)
    worst = max(falls, key=lambda k: falls[k][0])
    text = lab.snapshot(moment).bank.concepts[worst].text
    return Told(PERCENT * falls[worst][0], (text[1:], f"after task {falls[worst][1]}"))


def _seen(lab: Lab, moment: int) -> Floats:
    """Balanced accuracy of every concept on test images at the validation threshold, [K]."""
    val, val_truth, known = _scores(lab, VAL, moment)
    scores, truth, _ = _scores(lab, "test", moment)
    found = np.full(scores.shape[1], np.nan)
    for k in np.flatnonzero(known & truth.any(0) & ~truth.all(0) & val_truth.any(0) & ~val_truth.all(0)):
        called = scores[:, k] > _threshold(val[:, k], val_truth[:, k])
        found[k] = (called[truth[:, k]].mean() + (~called[~truth[:, k]]).mean()) / 2
    return found


def _threshold(scores: Floats, truth: Bools) -> float:
    """The lowest of the cuts, midway between neighbours, with the best balanced accuracy."""
    values = np.unique(scores)
    cuts = [values[0] - 1, *((values[1:] + values[:-1]) / 2), values[-1] + 1]
    worth = [round(float((scores[truth] > cut).mean() + (scores[~truth] <= cut).mean()), 10) for cut in cuts]
    return float(cuts[int(np.argmax(worth))])


def weakest_concept(lab: Lab, moment: int) -> Told:
    seen = _seen(lab, moment)
    worst = int(np.nanargmin(seen))
    return Told(float(seen[worst]), (lab.snapshot(moment).bank.concepts[worst].text,))


def concepts_seen(lab: Lab, moment: int) -> Told:
    mean = float(np.nanmean(_seen(lab, moment)))
    return Told(mean, ("do not mean" if mean < 0.75 else "concepts mean",))
