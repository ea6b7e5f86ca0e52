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
    """What `choose` and `pick` show, wherever on the page they are drawn."""
    return address.among(key, options, next(iter(options)))


def choose(
    label: str, key: str, options: Mapping[str, str], hidden: bool = False, default: str = "", plain: str = ""
) -> str:
    """Draw the choice side by side and return what is chosen.

    Args:
        options: words by value.
        hidden: leave the label to those who cannot see the page.
        default: shown where nothing is chosen; the first if not given.
        plain: what is not spelt out in the address, if not the default.
    """
    default = default or next(iter(options))
    chosen = address.among(key, options, default)
    st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=lambda option: options[option],
        label_visibility="collapsed" if hidden else "visible",
        wrap=True,  # else a phone cuts off the last ones
        **address.bound(key, chosen),
    )
    address.settle(key, chosen, default=plain or default)
    return chosen


def pick(label: str, key: str, options: Mapping[str, str], width: int = 150) -> str:
    """Draw the choice as a list and return what is chosen; the first is the default."""
    chosen = asked(key, options)
    listed(label, key, options, chosen, width)
    address.settle(key, chosen, default=next(iter(options)))
    return chosen


def listed(
    label: str, key: str, options: Mapping[str, str], chosen: str | None, width: int, note: str = "", empty: str = ""
) -> None:
    """Draw a list of many options; whoever asks what is chosen reads the address and checks it.

    Args:
        options: words by value.
        chosen: what is shown, one of the options.
        note: behind a question mark.
        empty: shown in place of no choice; such a list can be cleared.
    """
    st.selectbox(
        label,
        list(options),
        index=None if empty else 0,
        format_func=lambda option: options[option],
        placeholder=empty or None,
        width=width,
        help=note or None,
        **address.bound(key, chosen),
    )


def toggle(label: str, key: str, default: bool, note: str = "") -> bool:
    """Draw a switch and return whether it is on."""
    yes, words = {True: "yes", False: "no"}, {"yes", "no"}
    chosen = address.among(key, words, yes[default]) == "yes"
    tied = address.bound(key, chosen)
    tied["on_change"] = lambda key, widget: address.choose(key, yes[bool(st.session_state[widget])])
    st.toggle(label, help=note or None, **tied)
    address.settle(key, yes[chosen], default=yes[default])
    return chosen


def split(view: RunView) -> str:
    """Which test images are meant; nothing is drawn where there is only one kind."""
    options = {name: SPLITS.get(name, name) for name in view.splits}
    return choose("Test images", SPLIT, options, hidden=True) if len(options) > 1 else next(iter(options))
