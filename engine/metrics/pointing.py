"""Whether a heat map points where it should: the pointing game (Zhang et al. 2018, Top-down Neural Attention).

Three controls say what a share of hits is worth: the middle of the image, which photographs and drawings put their
subject in; a point at random, which hits as often as the part is large; and the map of a wrong value of the same
attribute ("blue crown" on a red one), which hits wherever the map knows the part and not what is true of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch.nn.functional as F
from torch import Tensor

from engine.array_types import Bools, Floats

LARGE = 0.02
"""Share of an image from which a part is large enough to be pointed at."""


def pointing_hits(heat: Tensor, masks: Bools) -> Bools:
    """Whether each map's highest point, brought to the image's size bilinearly, lies in its mask, [N].

    Args:
        heat: [N, g, g].
        masks: [N, S, S], where the thing is; none is empty.
    """
    size = masks.shape[1]
    fine = F.interpolate(heat[:, None], size=(size, size), mode="bilinear", align_corners=False)  # [N, 1, S, S]
    peaks = fine.flatten(1).argmax(1).numpy()  # [N]
    return np.asarray(masks.reshape(len(masks), -1)[np.arange(len(masks)), peaks], np.bool_)


def centre_hits(masks: Bools) -> Bools:
    """Whether the middle of the image lies in each mask [N, S, S], [N]."""
    return np.asarray(masks[:, masks.shape[1] // 2, masks.shape[2] // 2], np.bool_)


def random_hits(masks: Bools) -> Floats:
    """How often a point anywhere on the image lies in each mask [N, S, S], 0..1, [N]: the share that it covers."""
    return np.asarray(masks.mean((1, 2)), np.float64)


def wrong_value(concept: int, groups: Sequence[str], true: Bools) -> int | None:
    """Another concept of the same group that is not true of an image: the next in the bank, from its start after its
    end. None where all that the group says is true, or the concept has no group.

    Args:
        concept: place in the bank.
        groups: [K], of every concept.
        true: [K], what the image shows.
    """
    count = len(groups)
    others = ((concept + step) % count for step in range(1, count))
    return next((k for k in others if groups[concept] and groups[k] == groups[concept] and not true[k]), None)
