"""Training of a map from frozen embeddings to classes by Adam: the core that trained black boxes share.

`engine.model.trainer` trains the two factors of a bottleneck under its texts; a black box has neither. What it
minimises is an objective of its own, whose gradients PyTorch finds; which samples an epoch's batches have is a function
of its number, so that what is replayed or drawn anew each epoch is put together like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from engine.concepts.adam import Adam
from engine.device import fixed_threads
from engine.model.course import Labelled, Schedule
from engine.rng import torch_stream

Epochs = Callable[[int], Iterator[Labelled]]
"""The batches of an epoch, counted from 0."""


@dataclass(frozen=True, slots=True)
class ProbeEpoch:
    """One finished epoch: its number from 1, mean loss, training accuracy, and validation accuracy if looked at.

    `parameters` copies what is trained as it is until the next epoch begins.
    """

    number: int
    loss: float
    train_accuracy: float
    val_accuracy: float | None
    parameters: Callable[[], list[Tensor]] = field(compare=False, repr=False)


class ProbeObjective:
    """What is minimised, as a function of the parameters."""

    def logits(self, parameters: Sequence[Tensor], features: Tensor) -> Tensor:
        """What the parameters answer, [N, C]."""
        raise TypeError(f"{type(self).__name__} does not define this")

    def loss(self, parameters: Sequence[Tensor], batch: Labelled) -> tuple[Tensor, Tensor]:
        """The loss of a batch, a scalar to be differentiated, and its logits [n, C]."""
        raise TypeError(f"{type(self).__name__} does not define this")


@dataclass(frozen=True)
class LinearObjective(ProbeObjective):
    """Cross-entropy of W x + b; the parameters are W [C, D] and b [C].

    Attributes:
        first: classes before this one do not compete in the softmax, so that nothing is learnt about them.
    """

    first: int = 0

    def logits(self, parameters: Sequence[Tensor], features: Tensor) -> Tensor:
        """W x + b."""
        weights, bias = parameters
        return torch.addmm(bias, features, weights.T)

    def loss(self, parameters: Sequence[Tensor], batch: Labelled) -> tuple[Tensor, Tensor]:
        """The mean over the batch."""
        logits = self.logits(parameters, batch.features)
        return cross_entropy(logits[:, self.first :], batch.labels - self.first), logits


def shuffled(pool: Labelled, size: int, seed: int, task: int, role: str = "shuffle") -> Epochs:
    """A pool in batches of at most `size`, in a new order each epoch."""

    def batches(number: int) -> Iterator[Labelled]:
        order = torch.randperm(len(pool.labels), generator=torch_stream(seed, role, task, number))
        for rows in torch.split(order, size):
            yield Labelled(pool.features[rows], pool.labels[rows])

    return batches


def steps_of(pool: Labelled, size: int) -> int:
    """How many batches of at most `size` an epoch over a pool has."""
    return -(-len(pool.labels) // size)


def followed(epochs: Epochs, extras: Epochs) -> Epochs:
    """Each batch with one of `extras` behind it."""

    def batches(number: int) -> Iterator[Labelled]:
        for own, more in zip(epochs(number), extras(number), strict=True):
            yield Labelled(torch.cat([own.features, more.features]), torch.cat([own.labels, more.labels]))

    return batches


def fit(
    start: Sequence[Tensor], objective: ProbeObjective, epochs: Epochs, validation: Labelled, schedule: Schedule
) -> Generator[ProbeEpoch, None, list[Tensor]]:
    """Train from `start`; returns the parameters of the kept epoch and leaves its arguments alone."""
    own = [parameter.detach().clone() for parameter in start]
    optimiser = Adam(own)
    best, kept = -1.0, None

    def copies() -> list[Tensor]:
        return [parameter.clone() for parameter in own]

    for number in range(schedule.epochs):
        with fixed_threads(1):  # how sums are split over threads would change their last bits
            loss, right = _epoch(own, objective, epochs(number), optimiser, schedule.rate(number))
            looked = schedule.checks(number) and len(validation.labels) > 0
            val_accuracy = _accuracy(objective.logits(own, validation.features), validation) if looked else None
        if val_accuracy is not None and schedule.improves(val_accuracy, best):
            best, kept = val_accuracy, copies()
        yield ProbeEpoch(number + 1, loss, right, val_accuracy, copies)
    return kept or copies()


def _epoch(
    own: list[Tensor], objective: ProbeObjective, batches: Iterator[Labelled], optimiser: Adam, rate: float
) -> tuple[float, float]:
    """One pass; its mean loss and the share predicted right on the way."""
    losses, right, count = [], [], 0
    for batch in batches:
        with torch.enable_grad():
            live = [parameter.detach().requires_grad_() for parameter in own]
            loss, logits = objective.loss(live, batch)
            gradients = torch.autograd.grad(loss, live)
        optimiser.step(gradients, rate)
        losses.append(loss.detach())
        right.append((logits.detach().argmax(1) == batch.labels).sum())
        count += len(batch.labels)
    return torch.stack(losses).mean().item(), torch.stack(right).sum().item() / count


def _accuracy(logits: Tensor, sample: Labelled) -> float:
    return (logits.argmax(1) == sample.labels).float().mean().item()
