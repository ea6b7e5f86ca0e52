"""Another run on the same time bar: a fork, another method, a defended twin, of the same classes in the same tasks."""

from __future__ import annotations

import streamlit as st

from engine.errors import PlumageError
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, notices, segments
from pages.ui.reading import Reading

BESIDE = "beside"
"""Key in the address."""
_MOST = 40
"""Runs that are looked at, the newest first."""


def popover(view: RunView) -> None:
    """The button; the list is made when it is open."""
    box = st.popover("Beside", icon=":material/compare_arrows:", type="tertiary", key="beside-open", on_change="rerun")
    if box.open:
        with box, notices.caught():
            names = {other.id: _named(other) for other in possible(view)}
            if not names:
                st.caption("No other run has learnt the same classes in the same tasks. A fork of this one would have.")
                return
            asked = address.value(BESIDE)
            shown = asked if asked in names else None
            segments.listed("A run on the same time bar", BESIDE, names, shown, 420, empty="None")
            st.caption("Accuracy becomes the difference in points; its lines are dashed.")


def chosen(view: RunView) -> RunView | None:
    """The run that the address asks for, or None; what cannot stand beside this one is taken out of the address."""
    asked = address.value(BESIDE)
    other = _fitting(view, asked) if asked else None
    address.settle(BESIDE, other.id if other else None)
    return other


def possible(view: RunView) -> list[RunView]:
    """Runs with the same classes in the same tasks, newest first."""
    runs = [run.id for run in RunStore().runs() if run.tasks_total == view.tasks_total]
    return [other for run in runs[:_MOST] if (other := _fitting(view, run)) is not None]


def _fitting(view: RunView, run: str) -> RunView | None:
    """A run, if it is another one of the same classes in the same tasks."""
    try:
        other = Reading(RunStore(), run)
        same = (other.class_names, other.task_classes) == (view.class_names, view.task_classes)
    except PlumageError:  # it is gone or damaged
        return None
    return other if same and other.id != view.id else None


def _named(view: RunView) -> str:
    config = view.config
    return f"{view.name or view.id}, {config.method}, seed {config.seed}"
