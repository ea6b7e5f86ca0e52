"""What an energy-based bottleneck expects of concepts and classes: p(c | y), p(c_j | c_i), p(y | c), by the model.

Xu et al., "Energy-Based Concept Bottleneck Models", ICLR 2024, section 3.4. Their propositions sum over all sets of
concepts; here the model is asked image by image, and the images are averaged. For an image x the model gives p(y | x),
and for each class, held, the concepts that settle with it, p(c_k | x, y). Given both, concepts are independent (mean
field). So

    p(y, c_k)    = mean over x of p(y | x) p(c_k | x, y)
    p(c_i, c_j)  = mean over x of sum over y of p(y | x) p(c_i | x, y) p(c_j | x, y)

and the conditionals are quotients of these: they belong to one joint distribution and obey Bayes's rule exactly. Their
released code instead counts predictions, a frequency in place of each probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from engine.array_types import Floats
from engine.device import fixed_threads
from engine.errors import NotApplicable
from engine.model.side_channels.energies import Energies

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot

_AT_ONCE = 4_000_000
"""Numbers held at once: images x classes x concepts."""


@dataclass(frozen=True, slots=True)
class Conditionals:
    """Probabilities that concepts are there and of classes, over some images.

    Attributes:
        classes: p(y), [C].
        concepts: p(c_k = 1), [K].
        joint: p(y, c_k = 1), [C, K].
        pairs: p(c_i = 1, c_j = 1), [K, K]; its diagonal is `concepts`.
    """

    classes: Floats
    concepts: Floats
    joint: Floats
    pairs: Floats

    @property
    def of_concepts_by_class(self) -> Floats:
        """p(c_k = 1 | y), [C, K]; NaN for a class that never is an answer."""
        return _over(self.joint, self.classes[:, None])

    @property
    def of_concepts_by_concept(self) -> Floats:
        """p(c_j = 1 | c_i = 1), [K, K]: row i is given; NaN where c_i never holds."""
        return _over(self.pairs, self.concepts[:, None])

    @property
    def of_classes_by_concept(self) -> Floats:
        """p(y | c_k = 1), [K, C]; NaN where c_k never holds."""
        return _over(self.joint.T, self.concepts[:, None])


def energies_of(model: Snapshot) -> Energies:
    """The model's energies.

    Raises:
        NotApplicable: it has none.
    """
    if not isinstance(model.side, Energies):
        raise NotApplicable(
            "conditional probabilities", "they are energies' to tell, and this model has none", "Train ECBM"
        )
    return model.side


def conditionals(model: Snapshot, features: Tensor) -> Conditionals:
    """Ask a model about images.

    Args:
        features: unit-length embeddings, [N, D], at least one; usually validation images.

    Raises:
        NotApplicable: the model has no energies.
    """
    side = energies_of(model)
    seen, concepts = len(model.class_ids), len(model.bank)
    classes, joint = torch.zeros(seen, dtype=torch.double), torch.zeros(seen, concepts, dtype=torch.double)
    pairs = torch.zeros(concepts, concepts, dtype=torch.double)
    with fixed_threads(1), torch.no_grad():
        for part in torch.split(features, max(1, _AT_ONCE // (seen * concepts))):
            given = model.from_features(part).logits.softmax(1).double()  # [n, C]
            held = concepts_by_class(model, side, part).double()  # [n, C, K]
            weighed = given.unsqueeze(2) * held
            classes += given.sum(0)
            joint += weighed.sum(0)
            pairs += weighed.flatten(0, 1).T @ held.flatten(0, 1)
    count = len(features)
    alone = joint.sum(0)
    pairs.diagonal().copy_(alone)  # a concept goes with itself
    return Conditionals(*(_numbers(part / count) for part in (classes, alone, joint, pairs)))


def concepts_by_class(model: Snapshot, side: Energies, features: Tensor) -> Tensor:
    """p(c_k = 1 | x, y): the concepts that settle with each class held, [N, D] -> [N, C, K]."""
    seen = len(model.class_ids)
    scores = (features @ model.bottleneck.T).repeat_interleave(seen, 0)  # [N C, K]
    each = torch.eye(seen).repeat(len(features), 1)  # [N C, C]
    odds = side.settled(features.repeat_interleave(seen, 0), scores, classes=each)
    return odds.sigmoid().view(len(features), seen, -1)


def _numbers(part: Tensor) -> Floats:
    return np.asarray(part.numpy(), np.float64)


def _over(joint: Floats, given: Floats) -> Floats:
    return np.asarray(np.divide(joint, given, out=np.full(joint.shape, np.nan), where=given > 0), np.float64)
