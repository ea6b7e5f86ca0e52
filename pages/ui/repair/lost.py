"""All forgotten images of the run together: which part of the model lost them, task by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.missing import Missing
from engine.exhibits.repair import lost as exhibits
from pages.ui import laboratory, panels
from pages.ui.context import Context

if TYPE_CHECKING:
    from engine.exhibits.repair.lost import Lost
    from engine.session.lab import Lab


def show(here: Context) -> None:
    """Bars by task, the whole run in the headline."""
    assert here.view is not None and here.moment is not None  # the page has checked
    lost = _lost(here.view.id, here.moment, laboratory.open(here.view, here.moment))
    found = lost if isinstance(lost, Missing) else exhibits.exhibit(lost)
    if not isinstance(found, Missing):
        panels.show(found, chart="forgotten-bars")
        return
    with panels.panel(
        exhibits.FORGOTTEN.name,
        found.headline,
        found.why,
        terms=exhibits.FORGOTTEN.terms,
        lesson=exhibits.FORGOTTEN.lesson,
    ):
        pass


@st.cache_resource(show_spinner=False, max_entries=32)
def _lost(run: str, moment: int, _lab: Lab) -> Lost | Missing:
    return exhibits.lost(_lab, moment)
