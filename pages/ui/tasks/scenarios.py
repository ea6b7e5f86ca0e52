"""Scenarios of one run side by side: edits of the same model, measured on the same images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.session.comparison import MOST
from engine.store.scenarios import Scenario, Scenarios
from pages.ui import address, firstly, laboratory, panels, setup
from pages.ui.context import Context
from pages.ui.text import title

if TYPE_CHECKING:
    from engine.session.lab import Lab

CHOSEN = "scenarios"
"""Name in the address: ids, separated by commas."""
_WIDGET = "scenarios-choice"


def show(here: Context) -> None:
    """The run chosen above and what was made of it."""
    view = setup.ready(
        here,
        "Nothing to compare yet",
        "A scenario keeps edits of a trained model. Train one first.",
        "Its model can be edited after the first task.",
    )
    if view is None or here.moment is None:
        return
    kept = {scenario.id: scenario for scenario in Scenarios(here.store).all(view.id)}
    if not kept:
        title(
            "This run has no scenarios", "A scenario keeps edits of the model under a name. Make one, then look again."
        )
        st.page_link("pages/repair.py", label="Edit the model", query_params={"run": view.id})
        return
    title("The run and its scenarios", f"All edits are made to the same model, the one after task {here.moment + 1}.")
    chosen = _choose(kept)
    firstly.text()
    _beside(laboratory.open(view, here.moment), here.moment, [kept[scenario] for scenario in chosen])


def _choose(kept: dict[str, Scenario]) -> list[str]:
    """The scenarios looked at: what the address asks for, else the newest."""
    asked = [scenario for scenario in (address.value(CHOSEN) or "").split(",") if scenario in kept]
    st.session_state[_WIDGET] = list(dict.fromkeys(asked))[:MOST] or list(kept)[:MOST]
    st.multiselect(
        f"Scenarios beside the run (1 to {MOST})",
        list(kept),
        format_func=lambda scenario: f"{kept[scenario].name}, after task {kept[scenario].task + 1}",
        key=_WIDGET,
        max_selections=MOST,
        on_change=lambda: address.choose(CHOSEN, ",".join(st.session_state[_WIDGET]) or None),
    )
    chosen: list[str] = st.session_state[_WIDGET]
    address.settle(CHOSEN, ",".join(chosen), default=",".join(list(kept)[:MOST]))
    return chosen


def _beside(lab: Lab, task: int, chosen: list[Scenario]) -> None:
    from engine.exhibits.repair import scenarios as side_by_side
    from engine.exhibits.repair.measured import HABITAT, names
    from pages.ui.repair.model_measure import measure, repaired

    away = repaired(lab, task, HABITAT)
    rows = [("The run", measure(lab, task, (), away))]
    rows += side_by_side.measurable(chosen, lambda edits: measure(lab, task, edits, away))
    exhibit = side_by_side.exhibit(rows, names(lab, str(away["how"]) if away else ""))
    panels.show(exhibit, chart="compare-scenarios")
    if exhibit.table is not None:
        with panels.panel("compare-scenario-numbers", "Every number", "Share right, by set of pictures"):
            panels.numbers("compare-scenarios", exhibit.table(), for_paper=True)
