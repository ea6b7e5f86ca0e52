"""Traces as arrays, and the order in which concepts gave way."""

import numpy as np
import torch

from engine.attacks.base import trace
from engine.attacks.objectives import Mislabel, margin
from engine.attacks.pgd import PGD
from engine.attacks.traces import Crossing, Trace, flipped, traced
from engine.attacks.victim import Victim
from tests.attacks.small import bent


def test_a_trace_holds_what_the_looks_hold():
    victim, images, labels = bent()
    watching = Victim(victim.backbone, victim.snapshot, torch.eye(6)[:1])
    looks, _ = trace(PGD(steps=3).run(watching, images, Mislabel(labels), 1, whole=True))
    told = traced(looks, labels, images=True)
    assert told.loss.shape == told.margin.shape == told.won.shape == (4, 7)
    assert told.scores.shape == (4, 7, 6) and told.logits.shape == (4, 7, 5) and told.maps.shape == (4, 7, 1, 2, 2)
    assert told.step.tolist() == [0, 1, 2, 3] and told.flat.shape == (4,)
    assert told.images.dtype == np.uint8 and told.images.shape == (4, 7, 4, 4, 3)
    np.testing.assert_array_equal(told.images[0, 2, 1, 3], (images[2, :, 1, 3] * 255).round().byte().numpy())
    np.testing.assert_allclose(told.margin[2], margin(looks[2].answer.logits, labels).numpy())
    bare = traced(trace(PGD(steps=1).run(victim, images, Mislabel(labels), 1))[0], labels)
    assert bare.maps is None and bare.images is None


def test_concepts_are_listed_in_the_order_of_their_last_crossing():
    scores = np.array(
        [  # concepts: stays, leaves at 3, comes at 1, wavers and comes at 2, goes and comes back, unknown
            [0.9, 0.9, 0.1, 0.1, 0.9, 0.1],
            [0.9, 0.9, 0.8, 0.6, 0.1, 0.9],
            [0.9, 0.6, 0.8, 0.4, 0.1, 0.9],
            [0.9, 0.4, 0.8, 0.6, 0.9, 0.9],
        ],
        np.float32,
    )
    nothing = np.zeros((4, 2), np.float32)
    both = np.stack([scores, scores[:1].repeat(4, 0)], axis=1)
    told = Trace(np.arange(4), nothing, nothing, both, nothing, nothing > 0, nothing[:, 0], None, None)
    thresholds = np.array([0.5, 0.5, 0.5, 0.5, 0.5, np.nan])
    assert flipped(told, thresholds) == [Crossing(2, 1, True), Crossing(1, 3, False), Crossing(3, 3, True)]
    assert flipped(told, thresholds, image=1) == []
