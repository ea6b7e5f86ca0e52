"""What an edit did to a set of images: which it put right, which it broke, task by task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class Outcome:
    """A model before and after an edit, on N images of T tasks.

    Attributes:
        images: N.
        corrected: places among the N images that were wrong before and are right after, ascending.
        broken: places that were right before and are wrong after, ascending.
        before, after: share predicted right, 0..1; NaN without images.
        sizes: images of each task, [T].
        before_by_task, after_by_task: share right of each task's images, [T]; NaN for a task without images.
        corrected_by_task, broken_by_task: how many of each task's images, [T].
    """

    images: int
    corrected: Ints
    broken: Ints
    before: float
    after: float
    sizes: Ints
    before_by_task: Floats
    after_by_task: Floats
    corrected_by_task: Ints
    broken_by_task: Ints

    @property
    def gain(self) -> float:
        """After minus before, -1..1; higher is better."""
        return self.after - self.before


def outcome(before: Ints, after: Ints, labels: Ints, owners: Ints, tasks: int) -> Outcome:
    """Compare two predictions of the same images.

    Args:
        before, after: predicted classes, [N].
        labels: true classes, [N].
        owners: task of each class.
        tasks: T, how many tasks to report.
    """
    was, now = before == labels, after == labels
    task = owners[labels]  # [N]

    def counted(which: Bools) -> Ints:
        return np.bincount(task[which], minlength=tasks)[:tasks].astype(np.int64)

    sizes = counted(np.ones(len(labels), np.bool_))
    return Outcome(
        images=len(labels),
        corrected=np.flatnonzero(now & ~was),
        broken=np.flatnonzero(was & ~now),
        before=_share(was),
        after=_share(now),
        sizes=sizes,
        before_by_task=_divided(counted(was), sizes),
        after_by_task=_divided(counted(now), sizes),
        corrected_by_task=counted(now & ~was),
        broken_by_task=counted(was & ~now),
    )


def wrong_by_margin(logits: Floats, labels: Ints) -> Ints:
    """Places of the images that are predicted wrong, the narrowest mistakes first.

    Args:
        logits: [N, C].
        labels: [N].
    """
    lead = logits.max(1) - logits[np.arange(len(labels)), labels]  # [N], 0 where right
    wrong = np.flatnonzero(logits.argmax(1) != labels)
    return wrong[np.argsort(lead[wrong], kind="stable")].astype(np.int64)


def fix_effects(
    logits: Floats,
    scores: Floats,
    labels: Ints,
    true: int,
    predicted: int,
    half: float,
    strength: Floats,
) -> tuple[Ints, Ints]:
    """What fitting one image through each of K concepts would do to N others: (corrected [K], broken [K]).

    Args:
        logits: [N, C] now.
        scores: [N, K].
        labels: [N].
        true, predicted: columns that change.
        half: what the true class's logit of the fixed image rises by, and the predicted one's falls by.
        strength: the fixed image's scores, [K]; a concept whose score is 0 changes nothing.
    """
    rows = np.arange(len(labels))
    amount = np.divide(half, strength, out=np.zeros_like(strength), where=np.abs(strength) > 0)
    moved = scores * amount  # [N, K]
    others = logits.copy()
    others[:, [true, predicted]] = -np.inf
    best = others.argmax(1)
    high = others[rows, best][:, None]  # [N, 1]
    up, down = logits[:, [true]] + moved, logits[:, [predicted]] - moved
    choice = np.where(up >= np.maximum(down, high), true, np.where(down >= high, predicted, best[:, None]))  # [N, K]
    was, now = (logits.argmax(1) == labels)[:, None], choice == labels[:, None]
    return (now & ~was).sum(0).astype(np.int64), (was & ~now).sum(0).astype(np.int64)


def ranking(right: Bools) -> Ints:
    """Places of alternatives, the one to offer first at the front.

    By the mean accuracy on both versions of the validation images. In front comes, of those that cannot be told from
    the best one (their paired difference is within its standard error, after Breiman et al. 1984), the one that is
    right most often on the images as they are: of equals, the one that costs least.

    Args:
        right: which images each of R alternatives predicts right, [R, 2, N]: as they are, and moved elsewhere.
    """
    both = right.mean(1)  # [R, N]
    order = np.argsort(-both.mean(1), kind="stable")
    if not len(order) or both.shape[1] < 2:
        return np.asarray(order, np.int64)
    behind = both[order[0]] - both  # [R, N]
    error = behind.std(1, ddof=1) / np.sqrt(both.shape[1])
    equals = behind.mean(1) <= error
    first = int(np.argmax(np.where(equals, right[:, 0].mean(1), -1.0)))
    return np.array([first, *(place for place in order.tolist() if place != first)], np.int64)


def _share(right: Bools) -> float:
    return float(right.mean()) if len(right) else float("nan")


def _divided(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
