"""The budget planner: how many clicks bring back how much of what was forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.figures.budget import budget_lines, budget_table, sentence
from engine.figures.look import CONFIG
from pages.ui.panels import panel

if TYPE_CHECKING:
    from engine.runs.analyses import Result

_STEPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
_FIRST_POLICY, _FIRST_BUDGET = "ectp", 1000


def show(found: Result, names: tuple[str, ...], titles: Mapping[str, str]) -> None:
    """Draw the planner; choosing a budget redraws only this part."""
    st.fragment(_planner)(found, names, titles)


def _planner(found: Result, names: tuple[str, ...], titles: Mapping[str, str]) -> None:
    forgotten = int(found["forgotten"])
    if not forgotten:
        st.html("<div class='pl-finding'><h2>Nothing was forgotten</h2></div>")
        st.caption(
            "Every image that was right when its class was learnt still is: no click is needed to bring it back."
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="budget-choices"):
        first = names.index(_FIRST_POLICY) if _FIRST_POLICY in names else 0
        policy = st.selectbox(
            "Clicks go where it is asked by",
            names,
            index=first,
            key="budget-policy",
            format_func=lambda name: titles[name],
            width=330,
            persist_state="session",
        )
        most = int(found["budget"].max())
        steps = [step for step in _STEPS if step < most] + [most]
        budget = st.select_slider(
            "Clicks in all",
            steps,
            value=_FIRST_BUDGET if _FIRST_BUDGET in steps else steps[len(steps) // 2],
            key="budget-clicks",
            format_func=lambda count: f"{count:,}",
            persist_state="session",
        )
    mine = names.index(policy)
    parts = (found["budget"][mine], found["recovered"][mine], found["broken"][mine], forgotten)
    told = sentence(*parts, int(budget))
    note = "Recovered share of what was forgotten, by clicks over all images; the dotted orange line is what breaks"
    with panel("budget", told, note, lambda: budget_table(*parts), ("recovered",)):
        figure = budget_lines(
            found["budget"].astype(np.int64),
            found["recovered"],
            found["broken"],
            forgotten,
            names,
            titles,
            str(policy),
            int(budget),
        )
        st.plotly_chart(figure, key="budget-lines", config=CONFIG, alt=told)
