"""How many numbers a model is made of: what an answer needs, and what is kept beside it to learn the next task.

A method that keeps a matrix a class, or a large one of its own, buys its accuracy with them; so they stand beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from engine.model.snapshot import ClassStatistics, Snapshot


@dataclass(frozen=True, slots=True)
class ModelSize:
    """Counts of numbers, whatever their precision.

    Attributes:
        parameters: what an answer is computed from: bottleneck, head, bias and side channel. Weights that are exactly
            zero need no keeping and count nothing, so that a sparse head is smaller than a dense one.
        stored: these, and what is carried to the next task: means and covariances of the classes (of a symmetric matrix
            one triangle) and the method's own memory. Embeddings of texts count nothing: the backbone gives them again.
    """

    parameters: int
    stored: int


def size_of(model: Snapshot) -> ModelSize:
    """Count a model's numbers; what it has twice (class means that are its rows too) counts once."""
    side = sum(tensor.numel() for tensor in model.side.tensors.values()) if model.side is not None else 0
    head = sum(int(tensor.count_nonzero()) for tensor in (model.head, model.bias))
    parameters = model.bottleneck.numel() + head + side
    memory = sum(tensor.numel() for tensor in model.memory.values())
    return ModelSize(parameters, parameters + _statistics(model.classes, model) + memory)


def _statistics(classes: ClassStatistics, model: Snapshot) -> int:
    means = 0 if torch.equal(classes.means, model.bottleneck) else classes.means.numel()
    return means + classes.covariances.numbers
