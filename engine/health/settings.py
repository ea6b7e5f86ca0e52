"""The rules by which data are looked over, all of them declared."""

from __future__ import annotations

from dataclasses import dataclass

from engine.params import Parameters, param

_GROUP = "Looking over the data"


@dataclass(frozen=True)
class HealthSettings(Parameters):
    """What counts as odd."""

    near: float = param(
        0.3,
        low=0.0,
        high=1.0,
        group=_GROUP,
        help="Two pictures count as nearly the same when their embeddings are nearer to each other than this share of "
        "the distance that a picture usually (median) has to its nearest neighbour.",
    )
    small: int = param(
        64, low=1, high=4096, unit="pixels", group=_GROUP, help="A picture with a shorter side than this is small."
    )
    long: float = param(
        3.0,
        low=1.0,
        high=100.0,
        group=_GROUP,
        help="A picture whose longer side is more than this many times the shorter loses most of itself, because the "
        "middle square is cut out.",
    )
    imbalance: float = param(
        5.0,
        low=1.0,
        high=10_000.0,
        group=_GROUP,
        help="Classes are uneven when the largest has more than this many times the training pictures of the smallest.",
    )
    folds: int = param(
        5,
        low=2,
        high=20,
        unit="folds",
        group=_GROUP,
        help="Parts of the training pictures; each is judged by a linear classifier that learnt from the others.",
    )
    seed: int = param(1993, low=0, high=2**31 - 1, group=_GROUP, help="Which picture is in which part.")
