"""Which maps there are, and which of them are impossible for a backbone and an aim."""

from __future__ import annotations

from engine.backbone.clip import Backbone
from engine.explain.attention.base import ATTENTION, Aim

_ORDER = ("row_guided", "text_guided", "complementary", "grad_cam", "relevance", "integrated_gradients", "rollout")
"""From the plainest that can change with the tasks to the one that does not follow the aim; what is not named here
comes behind. The first that is possible is shown first: by the words alone a frozen backbone sees the same after every
task."""


def titles() -> dict[str, str]:
    """On-screen title of every map by its name, in the order in which to offer them."""
    names = sorted(ATTENTION, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    return {name: ATTENTION.title(name) for name in names}


def impossible(backbone: Backbone, aim: Aim) -> dict[str, str]:
    """Why maps cannot be made, by name, with their usual settings; maps that can be made are left out."""
    reasons = {name: ATTENTION.get(name)().why_not(backbone, aim) for name in titles()}
    return {name: reason for name, reason in reasons.items() if reason}
