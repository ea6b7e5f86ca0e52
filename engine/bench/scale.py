"""CLG-CBM on embeddings of CIFAR-100's size: 50,000 x 512, 100 classes, 10 tasks, published settings.

The embeddings are not CIFAR-100's: they are drawn from a Gaussian mixture. Each class has a mean, uniform on the
sphere, and samples are that mean plus isotropic noise of 0.9 times its length, brought to unit length. Each class lists
20 concept candidates: its mean plus noise, at unit length. Speed does not depend on what the numbers mean.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from engine.bench import _scale_classes, _scale_covariances
from engine.bench._scale_mixture import around, class_means
from engine.bench.figure import Figure, measured
from engine.concepts.bank import Concept, ConceptBank
from engine.methods.base import METHODS, Method, TaskData
from engine.model.snapshot import Snapshot
from engine.rng import torch_stream
from engine.steps import finish

TITLE = "CLG-CBM on 50,000 x 512 embeddings, 100 classes, 10 tasks"
_TARGET_SECONDS = 300.0
_VALIDATION = 50  # of each class's samples
_CANDIDATES = 20  # per class


PARTS: Mapping[str, Callable[[Sequence[int]], Iterator[Figure]]] = {
    _scale_covariances.NAME: _scale_covariances.figures,
    _scale_classes.NAME: _scale_classes.figures,
}
"""What is measured where it is asked for by name."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the drawn world is."""

    samples: int = 50_000
    width: int = 512
    classes: int = 100
    tasks: int = 10


def run(
    seeds: Sequence[int], size: Size | None = None, method: str = "clg_cbm_published", only: str = ""
) -> Iterator[Figure]:
    """Seconds, seconds per task and peak memory of one whole run per seed; and what is asked for by name: `PARTS`."""
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
    yield Figure("scale.peak_memory_mb", peak_memory_mb(), None, "MB", "", None)


def measure(learner: Method, size: Size, seed: int) -> list[float]:
    """Seconds of each task of one run; drawing the embeddings is not counted."""
    previous: Snapshot | None = None
    seconds = []
    for task in range(size.tasks):
        data = draw_task(size, task, seed, previous)
        start = time.perf_counter()
        previous = finish(learner.learn(data))
        seconds.append(time.perf_counter() - start)
    return seconds


def draw_task(size: Size, task: int, seed: int, previous: Snapshot | None) -> TaskData:
    """One task of the mixture: features, candidates and names of its classes."""
    stream = torch_stream(seed, "scale", task)
    count, each = size.classes // size.tasks, size.samples // size.classes
    first = task * count
    means = class_means(count, size.width, stream)
    labels = torch.arange(count).repeat_interleave(each)
    features = around(means[labels], stream)  # [count * each, width]
    held = torch.arange(len(labels)) % each < min(_VALIDATION, each // 10)
    owners = torch.arange(count).repeat_interleave(_CANDIDATES)
    concepts = tuple(Concept(f"candidate {first}-{i}", "", task, first + c) for i, c in enumerate(owners.tolist()))
    return TaskData(
        task,
        tuple(range(first, first + count)),
        features[~held],
        labels[~held] + first,
        features[held],
        labels[held] + first,
        around(means, stream),
        ConceptBank(concepts, around(means[owners], stream)),
        previous,
        seed,
    )


def peak_memory_mb() -> float:
    """The most memory this process has had so far, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6  # bytes on macOS, kilobytes elsewhere
