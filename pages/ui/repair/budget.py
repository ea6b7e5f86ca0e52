"""The budget planner: how many clicks bring back how much of what was forgotten."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.repair import budget as exhibits
from engine.exhibits.repair.curves import CurveSet
from pages.ui.panels import show as shown
from pages.ui.text import finding


def show(curves: CurveSet) -> None:
    """Draw the planner; choosing a budget redraws only this part."""
    st.fragment(_planner)(curves)


def _planner(curves: CurveSet) -> None:
    if not curves.forgotten:
        why = "Every image that was right when its class was learnt still is: no click is needed to bring it back."
        st.html(finding("Nothing was forgotten", why))
        return
    policy, clicks = _choices(curves)
    exhibit = exhibits.exhibit(curves, policy, clicks)
    if exhibit is not None:
        shown(exhibit, chart="budget-lines")


def _choices(curves: CurveSet) -> tuple[str, int]:
    """Whose line, and how many clicks."""
    first, least = exhibits.first(curves)
    with st.container(horizontal=True, vertical_alignment="bottom", key="budget-choices"):
        policy = st.selectbox(
            "Clicks go where it is asked by",
            curves.names,
            index=curves.names.index(first),
            key="budget-policy",
            format_func=lambda name: curves.titles[name],
            width=330,
            persist_state="session",
        )
        clicks = st.select_slider(
            "Clicks in all",
            exhibits.budgets(curves),
            value=least,
            key="budget-clicks",
            format_func=lambda count: f"{count:,}",
            persist_state="session",
        )
    return str(policy), int(clicks)
