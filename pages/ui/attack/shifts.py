"""Where attention goes under attack: over the tasks, by group of concepts, and whether it goes with mistakes."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.exhibits.attack import shifts as exhibits
from engine.exhibits.attack.found import Found
from engine.findings.words import capital
from pages.ui import panels
from pages.ui.attack import choices, examples


def show(found: Found, at: int) -> None:
    """The choices, then five panels; where no map can be made, why."""
    if not found.has_maps:
        st.caption(
            "No image that was right could be followed: this backbone keeps no patch tokens, or does not know the "
            "words. Choose a run on a backbone with patch tokens, for example a vision transformer."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="ro-attention"):
        measure, guide = choices.measure(), choices.guide(found)
    left, right = st.columns(2)
    with left:
        panels.show(exhibits.shift(found, at, measure, guide), chart="shift-lines")
    with right:
        panels.show(exhibits.by_task(found, at, measure, guide), chart="shift-map")
    left, right = st.columns(2)
    with left:
        _by_group(found, at, measure)
        beside = exhibits.baseline(found, at, measure, guide)
        if beside is not None:
            panels.show(beside, chart="claim-baseline")
    with right:
        _claim(found, at, measure, guide)


def _by_group(found: Found, at: int, measure: str) -> None:
    exhibit = exhibits.by_group(found, at, measure)
    if exhibit is not None:
        panels.show(exhibit, chart="group-map")
        return
    with panels.panel("shift-groups", "No groups of concepts here", capital(exhibits.NO_GROUPS)):
        pass


def _claim(found: Found, at: int, measure: str, guide: str) -> None:
    exhibit = exhibits.claim(found, at, measure, guide)
    told, numbers = exhibits.claim_words(found, at, measure, guide)
    if exhibit is None:
        with panels.panel("shift-claim", told, numbers):
            return
    with panels.shown(exhibit, chart="claim-bars"):
        st.caption(numbers)
        _furthest(found, at, measure, guide)


def _furthest(found: Found, at: int, measure: str, guide: str) -> None:
    """The image whose attention moved most, to be looked at."""
    here = found.shift(at, measure)[found.moment, :, found.guides.index(guide)]
    if np.isfinite(here).any():
        ref = f"test:{int(found.result['rows'][int(np.nanargmax(here))])}"
        examples.link("See the image whose attention moved furthest", ref, found, at, "ro-furthest")
