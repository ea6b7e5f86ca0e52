"""Popovers for those who have no mouse: the focus goes into one that opens, and back to its button afterwards.

Streamlit draws a popover at the very end of the page and leaves the focus on its button, so that Tab would lead through
the whole page first.
"""

from __future__ import annotations

from pages.ui import assets

_component = assets.component("popovers", assets.HIDDEN)


def by_keyboard() -> None:
    """Watch the page's popovers; draws nothing."""
    _component(key="popovers")
