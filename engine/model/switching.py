"""Experts of a stream whose tasks are not announced: when the loss jumps, another expert takes over.

Zhu et al., "TAME: Task Agnostic Continual Learning using Multiple Experts", 2022, arXiv 2210.03869. The loss of the
expert at work is smoothed; where it exceeds the mean of the last ones by three standard deviations, an older expert
whose own limit the new images stay under takes over, or else a new one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from engine.model.course import Labelled


@dataclass(frozen=True, slots=True)
class SwitchRule:
    """When an expert is relieved.

    Attributes:
        newest: share of the newest loss in the smoothed one.
        window: smoothed losses of which mean and deviation are taken; nothing is noticed before there are as many.
        deviations: by how many standard deviations the mean must be exceeded.
        most: experts there may be.
    """

    newest: float
    window: int
    deviations: float
    most: int


@dataclass(slots=True)
class Switching:
    """All experts and what is remembered of the stream; changes as it goes on.

    Attributes:
        weights, biases: [E, C, D] and [E, C] of the E experts.
        lessons: images that each expert learnt of each class, int64 [E, C].
        limits: the loss up to which images count as an expert's own, float64 [E]; of the time when it was last at work.
        active: the expert at work.
        recent: its smoothed losses, the last at the end.
        losses: the smoothed loss at each step so far.
        bounds: what it was compared with; infinite where the window was not full.
        switches: step of each switch, and the expert that took over.
    """

    weights: Tensor
    biases: Tensor
    lessons: Tensor
    limits: list[float]
    active: int = 0
    recent: deque[float] = field(default_factory=deque)
    losses: list[float] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)
    switches: list[tuple[int, int]] = field(default_factory=list)

    def widened(self, classes: int) -> None:
        """Give every expert rows of zeros for classes that are new."""
        more = classes - self.weights.shape[1]
        experts, _, width = self.weights.shape
        self.weights = torch.cat([self.weights, self.weights.new_zeros(experts, more, width)], 1)
        self.biases = torch.cat([self.biases, self.biases.new_zeros(experts, more)], 1)
        self.lessons = torch.cat([self.lessons, self.lessons.new_zeros(experts, more)], 1)

    def step(self, batch: Labelled, rule: SwitchRule, rate: float) -> tuple[float, int]:
        """See a batch: switch if the loss says so, and let the expert at work learn it by one step of gradient descent.

        Returns:
            The loss before the step, and how many images the expert got right.
        """
        loss = self._loss(self.active, batch)
        smoothed = rule.newest * loss + (1 - rule.newest) * self.recent[-1] if self.recent else loss
        bound = self._bound(rule)
        if smoothed > bound:
            self._relieve(batch, rule)
            loss = smoothed = self._loss(self.active, batch)
        self.recent.append(smoothed)
        while len(self.recent) > rule.window:
            self.recent.popleft()
        self.losses.append(smoothed)
        self.bounds.append(bound)
        return loss, self._learn(batch, rate)

    def _bound(self, rule: SwitchRule) -> float:
        if len(self.recent) < rule.window:
            return float("inf")
        recent = np.array(self.recent)
        return float(recent.mean() + rule.deviations * recent.std())

    def _relieve(self, batch: Labelled, rule: SwitchRule) -> None:
        """Another expert takes over: the older one that fits best, or a new one."""
        self.limits[self.active] = self._bound(rule)
        losses = {e: self._loss(e, batch) for e in range(len(self.limits)) if e != self.active}
        fitting = {e: loss for e, loss in losses.items() if loss <= self.limits[e]}
        if fitting:
            self.active = min(fitting, key=lambda e: fitting[e])
        elif len(self.limits) < rule.most:
            self._add()
        self.recent.clear()
        self.switches.append((len(self.losses), self.active))

    def _add(self) -> None:
        self.weights = torch.cat([self.weights, torch.zeros_like(self.weights[:1])])
        self.biases = torch.cat([self.biases, torch.zeros_like(self.biases[:1])])
        self.lessons = torch.cat([self.lessons, torch.zeros_like(self.lessons[:1])])
        self.limits.append(float("inf"))
        self.active = len(self.limits) - 1

    def _logits(self, expert: int, features: Tensor) -> Tensor:
        return torch.addmm(self.biases[expert], features, self.weights[expert].T)

    def _loss(self, expert: int, batch: Labelled) -> float:
        return cross_entropy(self._logits(expert, batch.features), batch.labels).item()

    def _learn(self, batch: Labelled, rate: float) -> int:
        """One step of the expert at work; its gradient is (softmax - one-hot)' x / n."""
        logits = self._logits(self.active, batch.features)
        right = int((logits.argmax(1) == batch.labels).sum())
        errors = logits.softmax(1)
        errors[torch.arange(len(errors)), batch.labels] -= 1
        errors.mul_(rate / len(errors))
        self.weights[self.active] -= errors.T @ batch.features
        self.biases[self.active] -= errors.sum(0)
        self.lessons[self.active] += torch.bincount(batch.labels, minlength=self.lessons.shape[1])
        return right


def fresh(width: int) -> Switching:
    """A stream's beginning: one expert that knows no class."""
    one = torch.zeros(1, 0, width), torch.zeros(1, 0), torch.zeros(1, 0, dtype=torch.int64)
    return Switching(*one, [float("inf")])
