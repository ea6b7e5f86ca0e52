"""Square's own rules: how large the squares are, and what a candidate may change."""

from itertools import pairwise

import torch

from engine.attacks.base import trace
from engine.attacks.objectives import Mislabel
from engine.attacks.square import Square, halvings
from tests.attacks.small import bent


def test_squares_shrink_as_in_the_authors_code():
    assert [halvings(done, 10_000) for done in (0, 10, 11, 51, 201, 501, 1001, 2001, 4001, 6001, 8001)] == [
        0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]  # fmt: skip
    assert [halvings(done, 100) for done in (0, 1, 2, 10, 99)] == [0, 2, 2, 4, 9]


def test_every_step_repaints_at_most_one_square():
    victim, images, labels = bent()
    looks, _ = trace(Square(eps=4.0, steps=40, share=0.3).run(victim, images, Mislabel(labels), 1, whole=True))
    eps, changed = 4 / 255, 0
    for before, after in pairwise(looks[1:]):
        for image in range(len(images)):
            moved = (before.images[image] != after.images[image]).any(0)  # [S, S]
            if not moved.any():
                continue
            changed += 1
            rows, columns = moved.any(1).nonzero(), moved.any(0).nonzero()
            assert rows.max() - rows.min() < 3 and columns.max() - columns.min() < 3
            step = (after.images[image] - images[image])[:, moved]
            inside = (images[image] > eps) & (images[image] < 1 - eps)
            torch.testing.assert_close(step.abs()[inside[:, moved]], torch.full_like(step, eps)[inside[:, moved]])
    assert changed > 10
