"""How much of an answer passes by the concepts: what a side channel changes, and its share of the margin.

Yuksekgonul et al., "Post-hoc Concept Bottleneck Models", ICLR 2023, warn that a residual may take over what concepts
were to explain; Havasi et al., "Addressing Leakage in Concept Bottleneck Models", NeurIPS 2022, call it a side channel.
The logits are the sum of both, whole = concepts + side, and both figures only need the two.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Bools, Floats


def changed_answers(whole: Floats, concepts: Floats) -> Bools:
    """Of each image whether its answer would be another without the side channel, [N].

    Args:
        whole: logits of the model, [N, C].
        concepts: logits without the side channel, [N, C].
    """
    changed: Bools = whole.argmax(1) != concepts.argmax(1)
    return changed


def side_shares(whole: Floats, concepts: Floats) -> Floats:
    """Of each image the side channel's share of the margin between the answer and the runner-up, [N] in 0..1.

    The margin m is a sum, m = m_concepts + m_side, and either part may oppose the other. The share is
    |m_side| / (|m_concepts| + |m_side|): 0, the side channel adds nothing; 1, the concepts say nothing. NaN where both
    are zero, and where there is only one class.

    Args:
        whole, concepts: as for `changed_answers`.
    """
    if whole.shape[1] < 2:
        return np.full(len(whole), np.nan)
    order = np.argsort(-whole, axis=1, kind="stable")[:, :2]  # the answer and the runner-up
    said, rest = (np.take_along_axis(part, order, axis=1) for part in (concepts, whole - concepts))
    mine, beside = (np.abs(part[:, 0] - part[:, 1]) for part in (said, rest))
    total = mine + beside
    return np.asarray(np.divide(beside, total, out=np.full(len(whole), np.nan), where=total > 0), np.float64)
