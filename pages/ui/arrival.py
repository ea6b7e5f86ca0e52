"""Where a link leads: an address may name an exhibit (`exhibit=reliability`), and the page brings it into view.

The panel is framed and says that it was meant; its heading takes the focus, so that keys and screen readers go on from
there. What is drawn above it afterwards may push it away: until the reader scrolls, types or clicks, it is followed.
"""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from engine.findings.base import EXHIBIT
from pages.ui import assets

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
"""Characters of an exhibit's name; anything else in an address is nobody's."""
_lead = assets.component("arrival", assets.HIDDEN)
_PATIENCE = 8000
"""Milliseconds for which late charts above may move it."""


def wanted() -> str | None:
    """The exhibit that the address names, or None."""
    asked = st.query_params.get(EXHIBIT)
    return asked if asked and set(asked) <= _SAFE else None


def mark(names: Collection[str], panel: str) -> str:
    """Lead to a panel if it is the one that the address names, once; call it inside of the panel.

    Args:
        names: by which an address may mean it: of its kind, and its own.
        panel: key of the panel's container.

    Returns:
        words that stand above its heading, or nothing.
    """
    if wanted() not in names:
        return ""
    shown = "outline: 3px solid var(--st-primary-color, #3f8f78); outline-offset: 3px; scroll-margin-top: 4.5rem"
    st.html(f"<style>.st-key-{panel} {{ {shown} }}</style>")
    _lead(key=f"arrival-{panel}", data={"key": panel, "patience": _PATIENCE})
    return "The link led here"
