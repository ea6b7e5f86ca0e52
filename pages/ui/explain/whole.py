"""All forgotten images of the run together: which part of the model lost them, task by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.errors import NotApplicable
from engine.figures.attribution import forgotten_bars, forgotten_headline, forgotten_table
from engine.figures.look import CONFIG
from pages.ui.explain.case import Case
from pages.ui.explain.past import EYES_CHANGE
from pages.ui.panels import panel

if TYPE_CHECKING:
    from engine.explain.forgetting import Attribution, Forgotten
    from engine.runs.lab import Lab


def show(case: Case) -> None:
    """Bars by task, the whole run in the headline."""
    if case.moment == 0:
        with panel("forgotten", "Nothing can be forgotten before the second task", "Choose a later moment above"):
            return
    if case.lab.changes_eyes:
        with panel("forgotten", "What was lost cannot be divided", EYES_CHANGE):
            return
    whole, by_task = _forgotten(case.lab.view.id, case.moment, case.lab)
    tasks = list(range(len(by_task)))
    told = forgotten_headline(whole)
    note = (
        f"Test images right when their task was learnt and wrong after task {case.moment + 1}, counted by task. "
        "A part below zero worked against the loss."
    )
    with panel("forgotten", told, note, lambda: forgotten_table(by_task, tasks), ("forgetting_parts",)):
        if whole.lost:
            st.plotly_chart(forgotten_bars(by_task, tasks), key="forgotten-bars", config=CONFIG, alt=told)


@st.cache_resource(show_spinner=False, max_entries=32)
def _forgotten(run: str, moment: int, _lab: Lab) -> tuple[Forgotten, list[Forgotten]]:
    """All tasks together, and each earlier task by itself."""
    from engine.explain.forgetting import Attribution, together

    found = [_of_task(_lab, task, moment) for task in range(moment)]
    none = Attribution(np.zeros((0, 2, 2, 2)), np.zeros((0, 3)))
    kept = [f for f in found if f is not None] or [none]
    whole = Attribution(np.concatenate([f.corners for f in kept]), np.concatenate([f.values for f in kept]))
    return together(whole), [together(f if f is not None else none) for f in found]


def _of_task(lab: Lab, task: int, moment: int) -> Attribution | None:
    """The test images of a task, from when it was learnt to `moment`; None where it had one class and no margin."""
    from engine.explain.forgetting import attribute

    sample, start = lab.sample("test", task), len(lab.sample("test", task - 1).rows) if task else 0
    try:
        return attribute(
            lab.snapshot(task), lab.snapshot(moment), sample.features[start:], sample.labels[start:].numpy()
        )
    except NotApplicable:
        return None
