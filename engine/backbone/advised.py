"""Which backbone is taken for photographs where nobody chose one. Torch is not needed to ask."""

from __future__ import annotations

from engine.backbone import catalogue
from engine.backbone.known import local
from engine.backbone.presets import DEFAULT, LOCAL, PHOTO_CLIP, vocabulary_of
from engine.home import backbones_folder, home

PLAIN, PROMPT = "{}", "a photo of a {}"
"""Sentences around a class name: none; what backbones of photographs were trained on, or did better with (photo-clip:
docs/results/photoclip.md)."""

_UNKNOWN = 10**12
"""Parameters of one whose size is not known: more than of any other."""


def advised() -> str:
    """The best default for photographs on this machine, by one rule: `photo-clip` if it was made here, since somebody
    did that for this; else, of open_clip's models whose weights are here, the one with the fewest parameters; else the
    shipped one, which knows birds only and is said to.
    """
    if photo_clip() in {one.spec for one in local()}:
        return photo_clip()
    fetched = [one for one in catalogue.named() or () if one.here]
    return min(fetched, key=lambda one: one.parameters or _UNKNOWN).spec if fetched else DEFAULT


def photo_clip() -> str:
    """Spec of the one for photographs, whether or not it was made."""
    return f"{LOCAL}{backbones_folder(home()) / PHOTO_CLIP}"


def prompt_for(spec: str) -> str:
    """The sentence around class names to begin with.

    Raises:
        MissingWeights: its list of words cannot be read.
    """
    return PROMPT if vocabulary_of(spec) is None else PLAIN
