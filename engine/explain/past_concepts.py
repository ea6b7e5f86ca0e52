"""How much of an answer comes past the concepts: the answer's lead over its strongest rival, in three parts.

The lead is the logit of the class that the model takes an image for less the largest other logit (with a single class,
the logit itself). It is the sum of what the concepts add, of the biases, and of what the side channel adds (Havasi et
al., "Addressing Leakage in Concept Bottleneck Models", NeurIPS 2022). The plainest question is which answer the model
would give without it. What is measured of all test images (`engine.metrics.residual`) is the mean of the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats, Ints

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot


@dataclass(frozen=True, eq=False, slots=True)
class PastConcepts:
    """The leads of N answers, in parts that add up.

    Attributes:
        answers, without: the class each image is taken for, and would be without the side channel, [N].
        rivals: the class of the largest other logit, [N]; the answer itself where there is no other.
        concepts, bias, side: what each adds to the lead, [N], in units of the logit.
    """

    answers: Ints
    without: Ints
    rivals: Ints
    concepts: Floats
    bias: Floats
    side: Floats

    @property
    def lead(self) -> Floats:
        """[N]."""
        return np.asarray(self.concepts + self.bias + self.side)

    @property
    def share(self) -> Floats:
        """The side channel's share of the lead, [N] in 0..1: by size, against concepts and biases together."""
        own, beside = np.abs(self.concepts + self.bias), np.abs(self.side)
        return np.asarray(beside / np.where(own + beside > 0, own + beside, 1.0))

    @property
    def changes(self) -> Bools:
        """Whether the answer would be another without it, [N]."""
        return np.asarray(self.answers != self.without)


def past_concepts(snapshot: Snapshot, features: Tensor) -> PastConcepts:
    """Take the leads of images [N, D] apart; without a side channel its part is 0."""
    out = snapshot.from_features(features)
    logits = _array(out.logits)  # [N, C]
    side = np.zeros(logits.shape) if snapshot.side is None else _array(snapshot.side.logits(features, out.scores))
    answers = logits.argmax(1)
    others = logits.copy()
    others[np.arange(len(logits)), answers] = -np.inf
    rivals = others.argmax(1) if logits.shape[1] > 1 else answers
    bias = np.broadcast_to(_array(snapshot.bias), logits.shape)
    concepts = _array(out.scores) @ _array(snapshot.head).T
    return PastConcepts(
        answers,
        (concepts + bias).argmax(1),
        rivals,
        *(_lead(part, answers, rivals) for part in (concepts, bias, side)),
    )


def _lead(part: Floats, answers: Ints, rivals: Ints) -> Floats:
    """By how much a part of the logits [N, C] is larger for the answer than for its rival, [N]."""
    rows = np.arange(len(part))
    return np.asarray(part[rows, answers] - np.where(answers == rivals, 0.0, part[rows, rivals]))


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().cpu().double().numpy()
    return array
