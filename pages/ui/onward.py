"""Where to go from a finished run: one line each, in the reader's words."""

from __future__ import annotations

import streamlit as st

_WAYS = (
    ("pages/concepts.py", "Which concepts does it use?", ":material/category:"),
    ("pages/picture.py", "Why did it say that?", ":material/search:"),
    ("pages/repair.py", "Put it right", ":material/tune:"),
    ("pages/attack.py", "Fool it", ":material/visibility:"),
)


def links() -> None:
    """Draw the links side by side."""
    with st.container(horizontal=True, key="onward", gap="medium"):
        for page, label, icon in _WAYS:
            st.page_link(page, label=label, icon=icon)
