"""The attack step by step: pictures, maps and curves with one slider, which asks nothing of the server.

A component of our own: the pictures of all steps are on the page, and moving the slider shows others of them. Only
where it comes to rest is told to the server, which writes it into the address. Texts go in as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.ui import assets

_TIMES_MS = {"beat": 420, "calm": 220, "patience": 6000}
"""How long a step stays while it plays; how long the slider must be at rest before the server is told; and how long its
answer may take before others are listened to again."""

_reel = assets.component("reel", "<div class='reel'></div>")


def draw(key: str, data: Mapping[str, Any], on_step: Callable[[int], None]) -> None:
    """Draw the reel.

    Args:
        data: `name` of what is shown (another name draws it anew), `steps` and index `at` of the one shown first,
            `last` step, `says` a step, `plates` (title, note, alt, raw, frames) and `curves` (name, told, colour, unit,
            digits, zero, x, y).
        on_step: called with the step at which the slider came to rest.
    """

    def moved() -> None:
        step = (st.session_state.get(key) or {}).get("step")
        if isinstance(step, int | float):
            on_step(int(step))

    _reel(data={**data, **_TIMES_MS}, key=key, on_step_change=moved)
