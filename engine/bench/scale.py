"""CLG-CBM on embeddings of CIFAR-100's size: 50,000 x 512, 100 classes, 10 tasks, published settings.

The embeddings are not CIFAR-100's: they are drawn from a Gaussian mixture. Each class has a mean, uniform on the
sphere, and samples are that mean plus isotropic noise of 0.9 times its length, brought to unit length. Each class lists
20 concept candidates: its mean plus noise, at unit length. Speed does not depend on what the numbers mean.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from engine.bench import _scale_authors, _scale_bounded, _scale_classes, _scale_covariances, _scale_growth
from engine.bench._scale_mixture import Size, learnt
from engine.bench.figure import Figure, measured
from engine.methods.base import METHODS, Method
from engine.methods.bottleneck import BottleneckMethod
from engine.methods.clg_cbm import CLGCBM

TITLE = "CLG-CBM on 50,000 x 512 embeddings, 100 classes, 10 tasks"
_TARGET_SECONDS = 300.0
_SHORT_SECONDS = 60.0
_STEPS = CLGCBM.most_steps

PARTS: Mapping[str, Callable[[Sequence[int]], Iterator[Figure]]] = {
    _scale_bounded.NAME: _scale_bounded.figures,
    _scale_covariances.NAME: _scale_covariances.figures,
    _scale_classes.NAME: _scale_classes.figures,
    _scale_growth.NAME: _scale_growth.figures,
    _scale_authors.NAME: _scale_authors.figures,
}
"""What is measured where it is asked for by name."""


def run(
    seeds: Sequence[int], size: Size | None = None, method: str = "clg_cbm_published", only: str = ""
) -> Iterator[Figure]:
    """Seconds, seconds per task and peak memory of one whole run per seed, and seconds in fewer steps (`short`); and
    what is asked for by name: `PARTS`."""
    part = next((part for name, part in PARTS.items() if only.startswith(name)), None)
    if part is not None:
        yield from part(seeds)
        return
    size = size or Size()
    learner = METHODS.get(method)()
    tasks = [measure(learner, size, seed) for seed in seeds]
    totals = [sum(one) for one in tasks]
    yield measured("scale.seconds", totals, "s", most=_TARGET_SECONDS)
    for task in range(size.tasks):
        yield measured(f"scale.seconds.task_{task + 1}", [one[task] for one in tasks], "s")
    if isinstance(learner, BottleneckMethod):
        short = [sum(measure(replace(learner, most_steps=_STEPS), size, seed)) for seed in seeds]
        yield measured("scale.short.seconds", short, "s", most=_SHORT_SECONDS)
        yield measured("scale.short.quicker", [whole / own for whole, own in zip(totals, short, strict=True)], "x")
    yield Figure("scale.peak_memory_mb", peak_memory_mb(), None, "MB", "", None)


def measure(learner: Method, size: Size, seed: int) -> list[float]:
    """Seconds of each task of one run; drawing the embeddings is not counted."""
    return [took for took, _ in learnt(learner, size, seed)]


def peak_memory_mb() -> float:
    """The most memory this process has had so far, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # bytes on macOS, kilobytes elsewhere
