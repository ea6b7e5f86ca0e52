"""Embeddings drawn from a Gaussian mixture, for benches of speed and memory, which do not depend on what they mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

from engine.concepts.bank import Concept, ConceptBank
from engine.methods.base import Method, TaskData
from engine.model.course import Labelled
from engine.model.snapshot import Snapshot
from engine.rng import torch_stream
from engine.steps import finish

_VALIDATION = 50  # of each class's samples
_TESTED = 50  # further samples per class


_NOISE = 0.9


@dataclass(frozen=True, slots=True)
class Size:
    """How large the drawn world is, and how hard: `noise` is a sample's, in lengths of its class's mean.

    `candidates` are concepts to choose from, of each class.
    """

    samples: int = 50_000
    width: int = 512
    classes: int = 100
    tasks: int = 10
    noise: float = _NOISE
    candidates: int = 20

    @property
    def per_task(self) -> int:
        """Classes of a task."""
        return self.classes // self.tasks


def class_means(count: int, width: int, stream: torch.Generator) -> Tensor:
    """Uniform on the sphere, [count, width]."""
    return normalize(torch.randn(count, width, generator=stream), dim=1)


def around(means: Tensor, stream: torch.Generator, noise: float = _NOISE) -> Tensor:
    """A sample around each of the means [N, D]: that mean plus isotropic noise, at unit length."""
    drawn = torch.randn(means.shape, generator=stream) * (noise / means.shape[1] ** 0.5)
    return normalize(means + drawn, dim=1)


def learnt(
    learner: Method, size: Size, seed: int, clock: Callable[[], float] = time.perf_counter
) -> Iterator[tuple[float, Snapshot]]:
    """Seconds and model of each task of one run; drawing the embeddings is not counted."""
    previous: Snapshot | None = None
    for task in range(size.tasks):
        data = draw_task(size, task, seed, previous)
        began = clock()
        previous = finish(learner.learn(data))
        yield clock() - began, previous


def draw_task(size: Size, task: int, seed: int, previous: Snapshot | None) -> TaskData:
    """One task of the mixture: features, candidates and names of its classes."""
    stream = _stream(seed, task)
    count, each = size.per_task, size.samples // size.classes
    first = task * count
    means = class_means(count, size.width, stream)
    labels = torch.arange(count).repeat_interleave(each)
    features = around(means[labels], stream, size.noise)  # [count * each, width]
    held = torch.arange(len(labels)) % each < min(_VALIDATION, each // 10)
    owners = torch.arange(count).repeat_interleave(size.candidates)
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


def draw_test(size: Size, task: int, seed: int) -> Labelled:
    """Further samples of a task's classes."""
    means = class_means(size.per_task, size.width, _stream(seed, task))
    labels = torch.arange(size.per_task).repeat_interleave(_TESTED)
    features = around(means[labels], torch_stream(seed, "scale-test", task), size.noise)
    return Labelled(features, labels + task * size.per_task)


def _stream(seed: int, task: int) -> torch.Generator:
    return torch_stream(seed, "scale", task)
