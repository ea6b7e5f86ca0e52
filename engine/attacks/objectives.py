"""What an attacker wants: a loss to raise for every image, and when it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import torch
import torch.nn.functional as F

from engine.errors import BadInput, NotApplicable

if TYPE_CHECKING:
    from collections.abc import Sequence

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

    def rivals(self, logits: Tensor, most: int, kind: Loss) -> Sequence[Objective]:
        """What may be tried one after the other with a loss: the same aim by way of each of the `most` likeliest
        classes, where any would do; else the aim itself.

        Args:
            logits: [B, C], of the clean images.
        """

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

    def rivals(self, logits: Tensor, most: int, kind: Loss) -> Sequence[Toward]:
        """Toward each of the other classes with the highest logits, the highest first."""
        others = logits.scatter(1, self.labels[:, None], float("-inf")).argsort(dim=1, descending=True, stable=True)
        return [Toward(self.labels, others[:, place], kind) for place in range(min(most, logits.shape[1] - 1))]

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Labels are positions of classes seen."""
        check_classes(self.labels, snapshot, count, "label", _CLASSES_FOR[self.kind])


@dataclass(frozen=True, slots=True)
class Toward:
    """Untargeted, by way of one class: any class but the true one wins, and the loss looks at one of them.

    Attributes:
        labels: [B], positions of the true classes.
        way: [B], positions of the classes that are tried.
        kind: `margin` the lead of the tried class over the true one; `dlr` that lead over the spread of the best four
            logits (the targeted loss of Croce & Hein 2020, equation 7).
    """

    labels: Tensor
    way: Tensor
    kind: Loss = "dlr"

    def loss(self, answer: VictimOutput) -> Tensor:
        """[B]."""
        own, other = (answer.logits.gather(1, classes[:, None])[:, 0] for classes in (self.labels, self.way))
        if self.kind == "margin":
            return other - own
        return (other - own) / _best_four(answer.logits)

    def won(self, answer: VictimOutput) -> Tensor:
        """Another class than the true one has the highest logit."""
        return answer.logits.argmax(1) != self.labels

    def of(self, rows: Tensor) -> Toward:
        """Some images."""
        return Toward(self.labels.to(rows.device)[rows], self.way.to(rows.device)[rows], self.kind)

    def with_kind(self, kind: Loss) -> Toward:
        """Another loss, `margin` or `dlr`."""
        return Toward(self.labels, self.way, kind)

    def rivals(self, logits: Tensor, most: int, kind: Loss) -> Sequence[Toward]:
        """Itself."""
        return [self.with_kind(kind)]

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Both are positions of classes seen."""
        least = 4 if self.kind == "dlr" else 2
        check_classes(self.labels, snapshot, count, "label", least)
        check_classes(self.way, snapshot, count, "target class", least)


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
        return lead / _best_four(answer.logits)

    def won(self, answer: VictimOutput) -> Tensor:
        """The target has the highest logit."""
        return answer.logits.argmax(1) == self.targets

    def of(self, rows: Tensor) -> Target:
        """Some images."""
        return Target(self.targets.to(rows.device)[rows], self.kind)

    def with_kind(self, kind: Loss) -> Target:
        """Another loss."""
        return Target(self.targets, kind)

    def rivals(self, logits: Tensor, most: int, kind: Loss) -> Sequence[Target]:
        """Itself: there is one class to reach."""
        return [self.with_kind(kind)]

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Targets are positions of classes seen."""
        check_classes(self.targets, snapshot, count, "target class", 4 if self.kind == "dlr" else 2)


def _best_four(logits: Tensor) -> Tensor:
    """Spread that a targeted ratio of logit differences is measured by, [B], above 0."""
    order = logits.sort(1, descending=True).values
    return order[:, 0] - (order[:, 2] + order[:, 3]) / 2 + _NEVER_ZERO


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
