"""Whether a heat map points where it should: the pointing game (Zhang et al. 2018, Top-down Neural Attention)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch.nn.functional as F
from torch import Tensor

Bools = npt.NDArray[np.bool_]

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
