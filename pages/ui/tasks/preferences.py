"""What each preference for old or new would reach, for runs whose method takes any without training."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.missing import Missing
from engine.exhibits.tasks import preferences as exhibits
from engine.jobs.analyses import Result
from engine.store.view import RunView
from pages.ui import address, analysis, panels

PREFERENCE = "preference"
"""Key in the address: how much the newest task counts, in percent."""


def show(view: RunView, split: str, moment: int) -> None:
    """The front with its slider; nothing for other methods, and before anything is old."""
    if view.config.method != exhibits.METHOD or not moment:
        return
    words = "what each preference for old or new would reach"
    found = analysis.wanted(view, moment, exhibits.ANALYSIS, words=words, auto=not view.active)
    if found is not None:
        st.fragment(_draw)(found, split)


def _draw(found: Result, split: str) -> None:
    """Moving the slider redraws only this."""
    options, own = [f"{100 * value:g}" for value in found["preference"].round(4)], exhibits.own(found)
    chosen = address.among(PREFERENCE, options, options[own])
    place = options.index(chosen)
    exhibit = exhibits.exhibit(found, split, None if place == own else place)
    assert not isinstance(exhibit, Missing)  # something is old
    with panels.shown(exhibit, chart="preference-points"):
        st.select_slider(
            "Old \N{LEFT RIGHT ARROW} new: how much the newest task counts",
            options,
            format_func=lambda share: f"{share} %",
            **address.bound(PREFERENCE, chosen),
        )
        address.settle(PREFERENCE, chosen, default=options[own])
        st.markdown(exhibits.reached(found, split, place))
