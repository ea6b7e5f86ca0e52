"""What a model says of drawn birds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.data.aviary.bird import Bird
from engine.data.aviary.render import render
from engine.model.probabilities import softmax

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab


@dataclass(frozen=True, eq=False)
class BirdAnswer:
    """The model's answer to one picture.

    Attributes:
        bird: what was drawn.
        feature: its embedding [D].
        scores: of the concepts, [K].
        logits: [C], in the order of learning.
        probabilities: softmax of the logits, [C].
    """

    bird: Bird
    feature: Tensor
    scores: Floats
    logits: Floats
    probabilities: Floats

    @property
    def predicted(self) -> int:
        """Position of the class it is taken for."""
        return int(self.logits.argmax())

    @property
    def sure(self) -> float:
        """The probability of that class, 0..1."""
        return float(self.probabilities.max())


def answered(snapshot: Snapshot, birds: Sequence[Bird], features: Tensor) -> list[BirdAnswer]:
    """Answers to birds whose embeddings [n, D] are known."""
    import torch

    with torch.inference_mode():
        out = snapshot.from_features(features)
    scores, logits = out.scores.double().numpy(), out.logits.double().numpy()
    shares = softmax(logits)
    return [BirdAnswer(bird, features[i], scores[i], logits[i], shares[i]) for i, bird in enumerate(birds)]


def asked(lab: Lab, snapshot: Snapshot, birds: Sequence[Bird]) -> list[BirdAnswer]:
    """Answers to some birds, drawn and embedded together."""
    images = np.stack([render(bird, lab.image_size) for bird in birds])
    return answered(snapshot, birds, lab.embed(images, snapshot.task))
