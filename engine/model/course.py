"""What one task's training works on and for how long."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor

from engine.model.gaussian_samples import GaussianSamples
from engine.model.guidance import Guidance
from engine.model.pool import TrainingPool

_DROP = 0.1  # the learning rate's factor at each milestone, as published


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to train.

    Attributes:
        epochs: passes over the pool.
        learning_rate: Adam's step size.
        milestones: epochs at which it falls to a tenth.
        batch_size: samples per batch.
        check_every: epochs between two looks at the validation set; the last epoch is always looked at.
        select_best: keep the epoch with the best validation accuracy instead of the last.
        earliest_best: of equally good epochs keep the earliest, not the latest, whose steps were smaller.
    """

    epochs: int
    learning_rate: float
    milestones: tuple[int, ...]
    batch_size: int
    check_every: int
    select_best: bool
    earliest_best: bool = False

    def within(self, most: int, samples: int) -> Schedule:
        """The same in at most so many steps on a pool of `samples`, but for the last epoch, which is made whole.

        The milestones keep their share of the whole, and the learning rate grows with the root of what is left out:
        Adam's steps are as long as the rate, whatever the gradient. There is one epoch at least; 0 steps are no bound.
        """
        fit = -(-most // -(-samples // self.batch_size)) if most and samples else self.epochs
        if fit >= self.epochs:
            return self
        share = fit / self.epochs
        milestones = tuple(max(1, round(at * share)) for at in self.milestones)
        return replace(self, epochs=fit, learning_rate=self.learning_rate / share**0.5, milestones=milestones)

    def rate(self, epoch: int) -> float:
        """The learning rate of `epoch`, counted from 0."""
        return self.learning_rate * _DROP ** sum(epoch >= milestone for milestone in self.milestones)

    def checks(self, epoch: int) -> bool:
        """Whether to look at the validation set after `epoch`, counted from 0."""
        return epoch % self.check_every == 0 or epoch == self.epochs - 1

    def improves(self, accuracy: float, best: float) -> bool:
        """Whether an epoch of this validation accuracy replaces the one kept, whose accuracy is `best`."""
        return self.select_best and (accuracy > best or (accuracy == best and not self.earliest_best))


@dataclass(frozen=True, slots=True)
class Labelled:
    """Features [N, D] with labels [N]."""

    features: Tensor
    labels: Tensor


@dataclass(frozen=True, slots=True)
class Course:
    """All that one task's training works on.

    Attributes:
        pool: training samples.
        extras: Gaussian samples to add to each batch, or None.
        texts: B, [K, D], what the bottleneck's rows are aligned with.
        validation: what epochs are selected on.
        seed, task: name the random streams.
        guidance: what else the logits shall agree with, or None.
    """

    pool: TrainingPool
    extras: GaussianSamples | None
    texts: Tensor
    validation: Labelled
    seed: int
    task: int
    guidance: Guidance | None = None
