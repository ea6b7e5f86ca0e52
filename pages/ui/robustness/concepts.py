"""Concepts under attack: which cross their threshold most easily, and which hold."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.figures import fooled as charts
from engine.figures.look import CONFIG
from engine.figures.robustness import strength
from engine.runs.view import RunView
from pages.ui import address
from pages.ui.panels import panel
from pages.ui.robustness import choices
from pages.ui.robustness.found import Found
from pages.ui.text import unmarked

_TOP = 10
_CONCEPT = "concept"
"""Key in the address, shared with the Concepts page."""
_GO = "robustness-concept"


def lead() -> None:
    """Go to the Concepts page where a bar was chosen."""
    if st.session_state.pop(_GO, False):
        st.switch_page("pages/concepts.py")


def show(view: RunView, found: Found, at: int) -> None:
    """The easiest and the hardest, on one scale."""
    if not found.to_the_end:
        return
    names, flips, moved = found.concepts(at)
    order = charts.order(flips, moved)
    st.html("<div class='pl-finding pl-large ro-part'><h2>Which concepts are fooled</h2></div>")
    if not order:
        st.caption("The rows of this model are no concepts with thresholds: nothing to fool.")
        return
    groups = _groups(view, found, names)
    if len(set(groups)) > 1:
        chosen = choices.group(sorted(set(groups)))
        order = [k for k in order if chosen is None or groups[k] == chosen]
    left, right = st.columns(2)
    value = strength(float(found.strengths[at]))
    later = f", after task {found.tasks}" if found.moment + 1 < found.tasks else ""
    note = f"Attacks at {value} on the class{later}; in brackets how far the score moved, in standard deviations"
    each = max(1, min(_TOP, len(order) // 2))
    with left:
        told = charts.easiest_words(names, flips, order)
        _bars("easiest", told, note, (names, flips, moved), order[:each], False)
    with right:
        if len(order) > 1:
            told = charts.hardest_words(names, flips, order)
            _bars("hardest", told, note, (names, flips, moved), order[: -each - 1 : -1], True)


def _groups(view: RunView, found: Found, names: tuple[str, ...]) -> list[str]:
    """The group of every concept; the same for all where the run does not say."""
    known = view.concept_metrics(found.tasks - 1) if found.tasks <= view.tasks_done else None
    of = {} if known is None else dict(zip(known.text, known.group, strict=True))
    return [str(of.get(name, "")).replace("_", " ") or "no group" for name in names]


def _bars(
    key: str,
    told: str,
    note: str,
    numbers: tuple[tuple[str, ...], np.ndarray, np.ndarray],
    shown: list[int],
    hard: bool,
) -> None:
    names, flips, moved = numbers
    terms = ("easiest_to_fool", "moved_score")
    with panel(key, told, note, lambda: charts.fooled_table(names, flips, moved), terms):
        st.plotly_chart(
            charts.fooled_bars(names, flips, moved, shown, hard),
            key=f"{key}-bars",
            config=CONFIG,
            on_select=lambda: _clicked(f"{key}-bars", [names[k] for k in shown]),
            selection_mode="points",
            alt=told,
        )
        st.caption(unmarked("A click on a bar follows its concept through the tasks."))


def _clicked(key: str, names: list[str]) -> None:
    points = (st.session_state.get(key) or {}).get("selection", {}).get("points", [])
    if points and 0 <= int(points[0]["y"]) < len(names):
        address.choose(_CONCEPT, names[int(points[0]["y"])])
        address.choose("view", "timeline")
        st.session_state[_GO] = True
