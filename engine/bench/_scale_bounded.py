"""`scale.bounded`: what a bound on the steps of a task saves, and what it costs in accuracy.

CLG-CBM with published settings on a mixture whose classes overlap (noise of 4 times a mean's length, 20,000 x 512, 100
classes, 10 tasks), without a bound and with several. Accuracy is that on further samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.bench._scale_mixture import Size, draw_test, learnt
from engine.bench.figure import Figure, measured
from engine.methods.clg_cbm_published import CLGCBMPublished
from engine.model.snapshot import Snapshot
from engine.model.trainer import accuracy

NAME = "scale.bounded"
BOUNDS = (0, 4000, 1000)
"""Most steps a task; 0 is none, and comes first, because the others are held against it."""
OVERLAPPING = Size(samples=20_000, noise=4.0)


@dataclass(frozen=True, slots=True)
class _Trained:
    """Seconds of a run, and the share of test samples of all classes so far that is right after each task."""

    seconds: float
    right: tuple[float, ...]

    @property
    def last(self) -> float:
        return 100 * self.right[-1]

    @property
    def average(self) -> float:
        return 100 * float(np.mean(self.right))


def figures(seeds: Sequence[int], size: Size = OVERLAPPING) -> Iterator[Figure]:
    """Seconds and accuracies with each bound, and how far they are from those without."""
    runs = {bound: [_train(bound, size, seed) for seed in seeds] for bound in BOUNDS}
    whole = runs[BOUNDS[0]]
    for bound, own in runs.items():
        name = f"{NAME}.{bound or 'unbounded'}"
        yield measured(f"{name}.seconds", [one.seconds for one in own], "s")
        for word in ("last", "average"):
            values = [getattr(one, word) for one in own]
            yield measured(f"{name}.{word}", values, "%")
            if bound:
                gaps = [value - getattr(one, word) for value, one in zip(values, whole, strict=True)]
                yield measured(f"{name}.{word}.over_unbounded", gaps, "points")
        if bound:
            pairs = zip(own, whole, strict=True)
            yield measured(f"{name}.quicker", [one.seconds / each.seconds for each, one in pairs], "x")


def _train(bound: int, size: Size, seed: int) -> _Trained:
    learner = CLGCBMPublished(most_steps=bound)
    seconds, right = 0.0, list[float]()
    for task, (took, model) in enumerate(learnt(learner, size, seed)):
        seconds += took
        right.append(_right(model, size, task, seed))
    return _Trained(seconds, tuple(right))


def _right(model: Snapshot, size: Size, task: int, seed: int) -> float:
    """Over the classes of all tasks so far, which have equally many samples."""
    each = [accuracy(model.bottleneck, model.head, draw_test(size, earlier, seed)) for earlier in range(task + 1)]
    return float(np.mean(each))
