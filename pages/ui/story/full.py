"""The browser's full screen: a small button of our own, because only a click in the page may ask for it. It also knows
how large the window is, and so how large the letters of a chart must be."""

from __future__ import annotations

import streamlit as st

from pages.ui import assets

_KEY = "full-screen"
_LARGE = (1600, 860)
"""Width and height in pixels from which a window is called large."""

_full = assets.component("full", "<button type='button'>Full screen</button>")


def button() -> bool:
    """Draw the button, which hides itself where the browser has no full screen.

    Returns:
        Whether the window is a large one, as far as it has told.
    """
    large = bool((st.session_state.get(_KEY) or {}).get("large"))
    data = {"width": _LARGE[0], "height": _LARGE[1], "large": large}
    _full(data=data, key=_KEY, height="content", on_large_change=lambda: None)
    return large
