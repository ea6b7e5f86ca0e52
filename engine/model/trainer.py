"""Training of bottleneck and head on a pool of features: Adam, shuffled batches, selection on validation only."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from torch import Tensor

from engine.device import fixed_threads
from engine.model.course import Course, Labelled, Schedule
from engine.model.objective import Terms
from engine.model.shards import ShardPool


@dataclass(frozen=True, slots=True)
class Epoch:
    """One finished epoch: its number from 1, mean loss, training accuracy, and validation accuracy if looked at.

    `weights` copies bottleneck and head as they are until the next epoch begins.
    """

    number: int
    loss: float
    train_accuracy: float
    val_accuracy: float | None
    weights: Callable[[], tuple[Tensor, Tensor]] = field(compare=False, repr=False)


def accuracy(bottleneck: Tensor, head: Tensor, sample: Labelled) -> float:
    """Share of `sample` that is predicted right, 0..1; NaN for an empty one."""
    predicted = (sample.features @ bottleneck.T @ head.T).argmax(1)
    return (predicted == sample.labels).float().mean().item()


def fit(
    bottleneck: Tensor, head: Tensor, course: Course, terms: Terms, schedule: Schedule
) -> Generator[Epoch, None, tuple[Tensor, Tensor]]:
    """Train bottleneck [K, D] and head [C, K]; returns those of the kept epoch and leaves its arguments alone."""
    best, kept = -1.0, None
    with ShardPool(bottleneck, head, course, terms, schedule) as shards:
        for number in range(schedule.epochs):
            loss, train_accuracy = shards.epoch(number)
            val_accuracy = None
            if schedule.checks(number) and len(course.validation.labels):
                with fixed_threads(1):
                    val_accuracy = accuracy(*shards.weights(), course.validation)
            if val_accuracy is not None and schedule.improves(val_accuracy, best):
                best, kept = val_accuracy, shards.weights()
            yield Epoch(number + 1, loss, train_accuracy, val_accuracy, shards.weights)
        return kept or shards.weights()
