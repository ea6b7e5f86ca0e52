"""What an attacker wants: a loss to raise for every image, and when it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import torch
import torch.nn.functional as F

from engine.errors import BadInput, NotApplicable

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.victim import VictimOutput
    from engine.model.snapshot import Snapshot

Loss = Literal["ce", "margin", "dlr"]
_NEVER_ZERO = 1e-12  # of AutoAttack, added to the spread of logits below the line
_CLASSES_FOR: dict[Loss, int] = {"ce": 2, "margin": 2, "dlr": 3}
"""Classes that a loss compares."""


class Objective(Protocol):
    """Loss and success of every image of a batch; an objective holds one entry an image."""

    def loss(self, answer: VictimOutput) -> Tensor:
        """[B], what the attacker raises; one image's loss depends on that image alone."""

    def won(self, answer: VictimOutput) -> Tensor:
        """bool [B], whether the attacker has what it wants."""

    def of(self, rows: Tensor) -> Objective:
        """The objective of some images of the batch, indices or bools [B], on the device of `rows`."""

    def with_kind(self, kind: Loss) -> Objective:
        """The same aim with another loss, where the aim leaves a choice; for attacks that are defined by their loss."""

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Whether it fits a batch of `count` images and the model.

        Raises:
            BadInput: one entry an image is not given, or a class or concept is not of this model.
            NotApplicable: the model knows too few classes for it.
        """


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """Logit of the label minus the largest other one, [B]; below 0 another class is predicted."""
    own = logits.gather(1, labels[:, None])[:, 0]
    others = logits.scatter(1, labels[:, None], float("-inf"))
    return own - others.amax(1)


@dataclass(frozen=True, slots=True)
class Mislabel:
    """Untargeted: any class but the true one.

    Attributes:
        labels: [B], positions of the true classes.
        kind: `ce` cross-entropy (Madry et al. 2018), `margin` the negative margin (Carlini & Wagner 2017), `dlr` the
            difference of logits ratio (Croce & Hein 2020), which does not change when logits are shifted or scaled.
    """

    labels: Tensor
    kind: Loss = "ce"

    def loss(self, answer: VictimOutput) -> Tensor:
        """[B]."""
        if self.kind == "ce":
            return F.cross_entropy(answer.logits, self.labels, reduction="none")
        lead = margin(answer.logits, self.labels)
        if self.kind == "margin":
            return -lead
        order = answer.logits.sort(1, descending=True).values
        return -lead / (order[:, 0] - order[:, 2] + _NEVER_ZERO)

    def won(self, answer: VictimOutput) -> Tensor:
        """Another class has the highest logit."""
        return answer.logits.argmax(1) != self.labels

    def of(self, rows: Tensor) -> Mislabel:
        """Some images."""
        return Mislabel(self.labels.to(rows.device)[rows], self.kind)

    def with_kind(self, kind: Loss) -> Mislabel:
        """Another loss."""
        return Mislabel(self.labels, kind)

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Labels are positions of classes seen."""
        check_classes(self.labels, snapshot, count, "label", _CLASSES_FOR[self.kind])


@dataclass(frozen=True, slots=True)
class Target:
    """Targeted: one class of the attacker's choice.

    Attributes:
        targets: [B], positions of the wanted classes.
        kind: `ce` the negative cross-entropy of the target, `margin` its lead over the best other class, `dlr` that
            lead over the spread of the best four (the targeted loss of Croce & Hein 2020, against any other class).
    """

    targets: Tensor
    kind: Loss = "ce"

    def loss(self, answer: VictimOutput) -> Tensor:
        """[B]."""
        if self.kind == "ce":
            return -F.cross_entropy(answer.logits, self.targets, reduction="none")
        lead = margin(answer.logits, self.targets)
        if self.kind == "margin":
            return lead
        order = answer.logits.sort(1, descending=True).values
        return lead / (order[:, 0] - (order[:, 2] + order[:, 3]) / 2 + _NEVER_ZERO)

    def won(self, answer: VictimOutput) -> Tensor:
        """The target has the highest logit."""
        return answer.logits.argmax(1) == self.targets

    def of(self, rows: Tensor) -> Target:
        """Some images."""
        return Target(self.targets.to(rows.device)[rows], self.kind)

    def with_kind(self, kind: Loss) -> Target:
        """Another loss."""
        return Target(self.targets, kind)

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Targets are positions of classes seen."""
        check_classes(self.targets, snapshot, count, "target class", 4 if self.kind == "dlr" else 2)


def check_classes(classes: Tensor, snapshot: Snapshot, count: int, what: str, least: int = 2) -> None:
    """Refuse classes that the model does not know.

    Args:
        classes: [count], positions in the order of learning.
        what: what they are called, for messages.
        least: classes that the loss needs.

    Raises:
        BadInput: not one an image, not whole numbers, or a class not learnt yet.
        NotApplicable: the model knows fewer classes than `least`.
    """
    seen = len(snapshot.class_ids)
    if classes.shape != (count,) or classes.dtype != torch.int64:
        given = f"{what}es" if what.endswith("s") else f"{what}s"
        raise BadInput(
            f"{given} of shape {list(classes.shape)} and type {classes.dtype}",
            f"an attack on {count} images takes one {what} an image, as whole numbers (int64)",
            "Give one an image",
        )
    low, high = int(classes.min()), int(classes.max())
    if low < 0 or high >= seen:
        raise BadInput(
            f"{what} {low if low < 0 else high}",
            f"after task {snapshot.task + 1} the model has learnt {seen} classes, counted from 0",
            "Choose a class it has learnt, or a later task",
        )
    if seen < least:
        raise NotApplicable(
            f"an attack on a model of {seen} class{'es' if seen > 1 else ''}",
            f"this loss compares {least} classes",
            "Attack the model after a later task" + (", or choose the loss ce" if least > 2 and seen > 1 else ""),
        )


def chosen_targets(
    mode: Literal["least_likely", "random"], logits: Tensor, labels: Tensor, rng: torch.Generator
) -> Tensor:
    """Targets [B] other than the labels: the class with the lowest logit (Kurakin et al. 2017), or any.

    Args:
        logits: [B, C] of the clean images, C > 1.
    """
    if mode == "least_likely":
        return logits.scatter(1, labels[:, None], float("inf")).argmin(1)
    classes = logits.shape[1]
    return (labels + torch.randint(1, classes, labels.shape, generator=rng).to(labels)) % classes
