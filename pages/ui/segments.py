"""One of several, kept in the address: side by side where they are few, in a list where they are many."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.exhibits.words import SPLITS
from engine.store.view import RunView
from pages.ui import address

SPLIT = "split"
"""Name in the address of the choice between the test splits."""


def asked(key: str, options: Mapping[str, str]) -> str:
    """What `choose` shows, wherever on the page it is drawn."""
    found = address.value(key)
    return found if found is not None and found in options else next(iter(options))


def choose(label: str, key: str, options: Mapping[str, str], hidden: bool = False) -> str:
    """Draw the choice and return what is chosen.

    Args:
        options: words by value.
        hidden: leave the label to those who cannot see the page.
    """
    chosen, widget = asked(key, options), f"{key}-choice"
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
        wrap=True,  # else a phone cuts off the last ones
    )
    address.settle(key, chosen, default=next(iter(options)))
    return chosen


def listed(label: str, key: str, options: Mapping[str, str], chosen: str, width: int, note: str | None = None) -> None:
    """Draw a list of many options; whoever asks what is chosen reads the address and checks it.

    Args:
        options: words by value.
        chosen: what is shown, one of the options.
        note: behind a question mark.
    """
    widget = f"{key}-choice"
    st.session_state[widget] = chosen
    st.selectbox(
        label,
        list(options),
        format_func=lambda option: options[option],
        key=widget,
        width=width,
        on_change=address.take,
        args=(key, widget),
        help=note,
    )


def split(view: RunView) -> str:
    """Which test images are meant; nothing is drawn where there is only one kind."""
    options = {name: SPLITS.get(name, name) for name in view.splits}
    return choose("Test images", SPLIT, options) if len(options) > 1 else next(iter(options))
