"""What an attacker of concepts wants: a concept switched with the label held, or the label changed with concepts held.

Both raise a gain and pay for what must be held: a hinge that is 0 while it is safe and grows with every bit given up.
The default weights were measured on the demo run (PGD-10, eps 2 and 4): a switch succeeds equally often with any weight
from 0.1 to 10, a flip most often from 10 to 30; more forbids the label to change, less lets the concepts go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from engine.attacks.objectives import check_classes, margin
from engine.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from engine.attacks.objectives import Loss
    from engine.attacks.victim import VictimOutput
    from engine.model.snapshot import Snapshot

_ROOM = 0.1
"""Lead of logits below which a label that must be held is in danger."""
_CLOSE = 0.05
"""Distance to its threshold below which a concept that must be held is in danger, in typical distances of the image."""
_NEVER_ZERO = 1e-12


@dataclass(frozen=True, slots=True)
class Switch:
    """One concept of every image is switched on or off, with the label held.

    Attributes:
        concepts: int64 [B], rows of the bank.
        on: bool [B], True to lift the score above its threshold, False to push it below.
        thresholds: [K], above which a concept counts as present.
        labels: int64 [B], positions of the classes that must stay predicted.
        penalty: units of concept score paid for one unit of margin lost, once the margin is below a little room.
    """

    concepts: Tensor
    on: Tensor
    thresholds: Tensor
    labels: Tensor
    penalty: float = 1.0

    def loss(self, answer: VictimOutput) -> Tensor:
        """[B], the score beyond its threshold, less the penalty on the label's margin."""
        lost = (_ROOM - margin(answer.logits, self.labels)).clamp(min=0)
        return self._beyond(answer) - self.penalty * lost

    def won(self, answer: VictimOutput) -> Tensor:
        """The score is beyond its threshold and the label has the highest logit."""
        return (self._beyond(answer) > 0) & (answer.logits.argmax(1) == self.labels)

    def _beyond(self, answer: VictimOutput) -> Tensor:
        score = answer.scores.gather(1, self.concepts[:, None])[:, 0]
        way = score - self.thresholds[self.concepts]
        return torch.where(self.on, way, -way)

    def of(self, rows: Tensor) -> Switch:
        """Some images."""
        concepts, on, labels = (part.to(rows.device)[rows] for part in (self.concepts, self.on, self.labels))
        return Switch(concepts, on, self.thresholds.to(rows.device), labels, self.penalty)

    def with_kind(self, kind: Loss) -> Switch:
        """Itself: its loss is its own."""
        return self

    def rivals(self, logits: Tensor, most: int, kind: Loss) -> Sequence[Switch]:
        """Itself."""
        return [self]

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Labels are classes seen; concepts are rows of the model's bank, with a threshold each."""
        check_classes(self.labels, snapshot, count, "label")
        check_thresholds(self.thresholds, snapshot)
        if self.concepts.shape != (count,) or self.concepts.dtype != torch.int64 or self.on.shape != (count,):
            raise BadInput(
                f"concepts of shape {list(self.concepts.shape)} and on of shape {list(self.on.shape)}",
                f"an attack on {count} images takes one concept (int64) and one way an image",
                "Give one an image",
            )
        if self.on.dtype != torch.bool:
            raise BadInput(f"on of type {self.on.dtype}", "it says of every image True or False", "Give booleans")
        low, high, known = int(self.concepts.min()), int(self.concepts.max()), len(snapshot.bank)
        if low < 0 or high >= known:
            raise BadInput(
                f"concept {low if low < 0 else high}",
                f"the model after task {snapshot.task + 1} has {known} concepts, counted from 0",
                "Choose one of its own; another run or task has others",
            )
        if bool(self.thresholds[self.concepts].isnan().any()):
            raise BadInput("a concept without a threshold", "nobody knows when it is present", "Choose another concept")


@dataclass(frozen=True, slots=True)
class Flip:
    """The label changes with every concept on its side of its threshold.

    Attributes:
        labels: int64 [B], positions of the true classes.
        scores: [B, K], of the clean images; they say on which side each concept is.
        thresholds: [K], above which a concept counts as present; NaN for a concept that need not be held.
        penalty: units of logit paid for every concept that is one typical distance on the wrong side; the typical
            distance of an image is the mean over concepts of |clean score - threshold|, so that the scale of scores
            does not matter.
    """

    labels: Tensor
    scores: Tensor
    thresholds: Tensor
    penalty: float = 10.0

    def loss(self, answer: VictimOutput) -> Tensor:
        """[B], the negative margin less the penalty on concepts that are about to cross."""
        inside = self._inside(self.scores)  # [B, K]
        typical = inside.nanmean(1, keepdim=True).nan_to_num(1.0).clamp(min=_NEVER_ZERO)  # [B, 1]
        room = torch.minimum(inside, _CLOSE * typical)  # a concept that starts closer may stay there
        lost = (room - self._inside(answer.scores)).clamp(min=0) / typical
        return -margin(answer.logits, self.labels) - self.penalty * lost.where(self._held, 0.0).sum(1)

    def won(self, answer: VictimOutput) -> Tensor:
        """Another class has the highest logit, and no concept has crossed its threshold."""
        crossed = (answer.scores > self.thresholds) != (self.scores > self.thresholds)
        return (answer.logits.argmax(1) != self.labels) & ~(crossed & self._held).any(1)

    @property
    def _held(self) -> Tensor:
        return ~self.thresholds.isnan()

    def _inside(self, scores: Tensor) -> Tensor:
        """[B, K], distance to the threshold, negative once crossed."""
        return torch.where(self.scores > self.thresholds, 1.0, -1.0) * (scores - self.thresholds)

    def of(self, rows: Tensor) -> Flip:
        """Some images."""
        labels, scores = (part.to(rows.device)[rows] for part in (self.labels, self.scores))
        return Flip(labels, scores, self.thresholds.to(rows.device), self.penalty)

    def with_kind(self, kind: Loss) -> Flip:
        """Itself: its loss is its own."""
        return self

    def rivals(self, logits: Tensor, most: int, kind: Loss) -> Sequence[Flip]:
        """Itself."""
        return [self]

    def check(self, snapshot: Snapshot, count: int) -> None:
        """Labels are classes seen; scores and thresholds are of the model's concepts."""
        check_classes(self.labels, snapshot, count, "label")
        check_thresholds(self.thresholds, snapshot)
        if self.scores.shape != (count, len(snapshot.bank)):
            raise BadInput(
                f"clean scores of shape {list(self.scores.shape)}",
                f"{count} images and the model's {len(snapshot.bank)} concepts give [{count}, {len(snapshot.bank)}]",
                "Give the scores that this model has of these images",
            )


def check_thresholds(thresholds: Tensor, snapshot: Snapshot) -> None:
    """Refuse thresholds of other concepts.

    Raises:
        BadInput: not one a concept of the model's bank.
    """
    if thresholds.shape != (len(snapshot.bank),) or not thresholds.is_floating_point():
        raise BadInput(
            f"thresholds of shape {list(thresholds.shape)}",
            f"the model after task {snapshot.task + 1} has {len(snapshot.bank)} concepts",
            "Give one threshold a concept of this model; another run or task has others",
        )
