"""Text first: on a session's first page, words are on the screen before the browser loads megabytes of chart code."""

from __future__ import annotations

import streamlit as st

_PAINTED, _LOOKED = "text-painted", "text-looked"
_SOON = 0.2
"""Seconds after the text is on the screen at which the browser asks for the rest."""


def text(height: int = 420) -> None:
    """Call between a page's words and its charts. The first time in a session it ends the run here, with a placeholder
    of `height` pixels, and lets the browser ask again as soon as it has drawn the words."""
    if st.session_state.get(_PAINTED):
        return
    st.session_state[_PAINTED] = True
    st.skeleton(height=height)
    st.fragment(_again, run_every=_SOON)()
    st.stop()


def _again() -> None:
    if st.session_state.get(_LOOKED):
        st.rerun()
    st.session_state[_LOOKED] = True
