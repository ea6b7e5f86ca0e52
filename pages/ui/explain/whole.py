"""All forgotten images of the run together: which part of the model lost them, task by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.explain import whole as exhibits
from engine.exhibits.explain.missing import Missing
from pages.ui import panels
from pages.ui.explain.case import SharedCase

if TYPE_CHECKING:
    from engine.exhibits.explain.whole import Lost
    from engine.session.lab import Lab


def show(case: SharedCase) -> None:
    """Bars by task, the whole run in the headline."""
    lost = _lost(case.lab.view.id, case.moment, case.lab)
    found = lost if isinstance(lost, Missing) else exhibits.exhibit(lost)
    if not isinstance(found, Missing):
        panels.show(found, chart="forgotten-bars")
        return
    with panels.panel(exhibits.FORGOTTEN.name, found.headline, found.why, lesson=exhibits.FORGOTTEN.lesson):
        pass


@st.cache_resource(show_spinner=False, max_entries=32)
def _lost(run: str, moment: int, _lab: Lab) -> Lost | Missing:
    return exhibits.lost(_lab, moment)
