"""Small choices of the Concepts page, kept in the address."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.runs.view import RunView
from pages.ui import address

VIEW, CONCEPT, SPLIT = "view", "concept", "split"
"""Names of the choices in the address; the split is the Tasks page's too."""
SPLITS = {"test": "Ordinary test", "moved": "Habitats moved"}


def segmented(label: str, key: str, options: Mapping[str, str], hidden: bool = False) -> str:
    """One of a few; the first is the default."""
    asked, widget = address.value(key), f"{key}-choice"
    chosen = asked if asked in options else next(iter(options))
    st.session_state[widget] = chosen
    st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=lambda option: options[option],
        key=widget,
        on_change=address.take,
        args=(key, widget),
        label_visibility="collapsed" if hidden else "visible",
    )
    address.settle(key, chosen, default=next(iter(options)))
    return str(chosen)


def split(view: RunView) -> str:
    """Which test images AUC and accuracy are of; nothing is drawn where there is only one kind."""
    options = {name: SPLITS.get(name, name) for name in view.splits}
    return segmented("Test images", SPLIT, options) if len(options) > 1 else next(iter(options))


def look_at(concept: str) -> None:
    """Show one concept's timeline from now on; for callbacks."""
    address.choose(CONCEPT, concept)
    address.choose(VIEW, "timeline")
