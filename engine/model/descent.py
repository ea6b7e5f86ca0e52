"""Training of whatever a loss can be written for: Adam over shuffled batches of samples, its rate falling to zero."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.concepts.adam import Adam
from engine.device import fixed_threads

Objective = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Rows of a batch [n] to its loss, a scalar, and its logits [n, C]."""


@dataclass(frozen=True, slots=True)
class Descent:
    """How long and how fast.

    Attributes:
        epochs: passes over the samples.
        learning_rate: Adam's step size at first; it falls along half a cosine and would be 0 after the last epoch.
        batch_size: samples per step.
    """

    epochs: int
    learning_rate: float
    batch_size: int

    def rate(self, epoch: int) -> float:
        """The step size of an epoch, counted from 0."""
        return self.learning_rate * (1 + math.cos(math.pi * epoch / self.epochs)) / 2


@dataclass(frozen=True, slots=True)
class Passed:
    """One finished epoch: its number from 1, mean loss over samples, and share of them predicted right, 0..1."""

    number: int
    loss: float
    accuracy: float


def leaf(*start: Tensor) -> list[Tensor]:
    """Copies to be trained."""
    return [tensor.detach().clone().requires_grad_() for tensor in start]


def descend(
    weights: Sequence[Tensor],
    labels: Tensor,
    objective: Objective,
    plan: Descent,
    stream: torch.Generator,
    after: Callable[[float], None] = lambda rate: None,
) -> Iterator[Passed]:
    """Train `weights` in place, one epoch a turn.

    Args:
        weights: made by `leaf`.
        labels: [M], the class of each sample; batches are rows of it.
        objective: loss and logits of a batch.
        plan: how long and how fast.
        stream: shuffles.
        after: called with the step size after each step, for what is no gradient step (soft thresholding).
    """
    adam = Adam([tensor.detach() for tensor in weights])  # the same memory, without a history
    for epoch in range(plan.epochs):
        rate = plan.rate(epoch)
        loss = right = 0.0
        with fixed_threads(1):
            for rows in torch.split(torch.randperm(len(labels), generator=stream), plan.batch_size):
                with torch.enable_grad():
                    value, logits = objective(rows)
                    gradients = torch.autograd.grad(value, list(weights))
                adam.step([gradient.contiguous() for gradient in gradients], rate)  # the fused kernel walks memory
                after(rate)
                loss += value.item() * len(rows)
                right += (logits.argmax(1) == labels[rows]).sum().item()
        yield Passed(epoch + 1, loss / len(labels), right / len(labels))


def soft_threshold(weights: Tensor, by: float) -> None:
    """Pull every weight towards zero by `by`, in place; those nearer become exactly zero (the proximal step of l1)."""
    with torch.no_grad():
        weights.copy_(weights.sign() * (weights.abs() - by).clamp_min(0.0))
