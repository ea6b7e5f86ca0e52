"""Interventions on a model part of whose answer passes by the concepts."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from engine.interventions.base import Head
from engine.interventions.curves import answered, everything
from engine.model.side_channel import SideChannel
from engine.model.side_channels.linear import LinearSide


@dataclass(frozen=True)
class _Squares(SideChannel):
    """Squared scores, so that a set concept acts through it."""

    axes: ClassVar[dict[str, int]] = {"weights": 2}
    through_concepts: ClassVar[bool] = True

    weights: torch.Tensor

    def logits(self, features, scores):
        return scores**2 @ self.weights.T


def test_what_depends_on_the_image_alone_stays_and_follows_its_image():
    head = Head(np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2))
    features, scores = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    beside = head.of(LinearSide(torch.tensor([[0.0, 0.0], [0.0, 3.0]])), features)
    assert beside.logits(scores).tolist() == [[1, 0], [1, 3]] and beside.predicted(scores).tolist() == [0, 1]
    assert beside.some(np.array([1])).logits(scores[1]).tolist() == [1, 3]
    assert head.of(None, features) is head


def test_curves_and_probabilities_ask_it_too(small):
    images = small.world()
    size, width = images.scores.shape[0], 3
    features = torch.from_numpy(np.random.default_rng(4).normal(size=(size, width))).float()
    push = LinearSide(torch.tensor([[0.0] * 3, [40.0, 0, 0], [0.0] * 3, [0.0] * 3]))
    pushed = replace(images, head=images.head.of(push, features))
    told = answered(images, np.ones_like(images.answers))
    logits = told @ images.head.weights.T
    logits[:, 1] += 40 * features[:, 0].numpy()
    assert np.array_equal(everything(pushed), logits.argmax(1) == images.labels)
    assert np.array_equal(everything(pushed.some(slice(5, 9))), everything(pushed)[5:9])


def test_what_a_concept_changes_through_it_is_counted(small):
    scores, weights = np.array([[0.5, -0.5]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    side = _Squares(torch.tensor([[0.0, 0.0], [0.0, 2.0]]))
    state = small.state(scores, weights)
    head = state.head.of(side, torch.zeros(1, 4))
    after = replace(state, head=head).after
    moved = np.array([0.5, 1.0])  # the second concept said to be present
    expected = np.exp([moved[0], moved[1] + 2 * moved[1] ** 2])
    np.testing.assert_allclose(after[0, 1, 1], expected / expected.sum(), rtol=1e-5)
