"""Everything a run was asked for, as a table, and the command that makes it again."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from engine.errors import PlumageError
from engine.figures.tables import Table
from engine.runs.config import RunConfig
from engine.runs.recipe import command, settings
from engine.store.labels import labels
from engine.store.origin import origin
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import context, notices, panels
from pages.ui.home.changes import EVERYTHING
from pages.ui.text import unmarked

_OPEN = "settings-open"
"""Session: the run whose settings are shown."""


def open_for(run: str) -> None:
    """Callback: show a run's settings."""
    st.session_state[_OPEN] = run
    st.session_state[EVERYTHING] = True


def look_at(run: str) -> None:
    """Callback: tell of a run at the top of the page."""
    context.select(run)
    st.session_state[EVERYTHING] = True


def show(store: RunStore) -> None:
    """Draw the dialog where it is open."""
    run = st.session_state.get(_OPEN)
    if run is not None:
        _dialog(store, run)


def table(config: RunConfig) -> Table:
    """Every parameter: what differs from the default is marked."""
    every = settings(config)
    return {
        "part": [one.part for one in every],
        "setting": [one.declared.name for one in every],
        "value": [_text(one.value) for one in every],
        "changed": ["●" if one.changed else "" for one in every],
        "default": [_text(one.declared.default) for one in every],
        "unit": [one.declared.unit for one in every],
        "what it is": [one.declared.help for one in every],
    }


def beginnings(store: RunStore, view: RunView) -> Iterator[str]:
    """What the command alone does not repeat of a run; any text, so escape it."""
    if view.parent is None:
        return
    known = labels(store.runs())
    task = (view.parent_task or 0) + 1
    yield (
        f"Forked from {known.get(view.parent, view.parent)} after task {task}: tasks 1 to {task} were learnt there. "
        "The command trains a run of its own with the settings of the later tasks; to repeat the fork, fork that run."
    )
    came = origin(store, view.id)
    if came is not None:
        names = {one.id: one.name for one in Scenarios(store).all(came.run)}
        yield f"It began with the edits of “{names.get(came.scenario, came.scenario)}” after task {came.task + 1}."


def _closed() -> None:
    st.session_state.pop(_OPEN, None)


@st.dialog("Settings", width="large", on_dismiss=_closed)
def _dialog(store: RunStore, run: str) -> None:
    with notices.caught():
        view = RunView(store, run)
        config = view.config
        st.markdown(f"**{unmarked(labels(store.runs()).get(run, run))}**")
        st.code(command(config), language=None, wrap_lines=True)
        for words in _told(store, view):
            st.caption(unmarked(words))
        panels.numbers("settings", table(config), for_paper=True)


def _told(store: RunStore, view: RunView) -> list[str]:
    machine = f"Equal settings give equal weights on one machine; this run was made on: {view.machine}."
    try:
        return [*beginnings(store, view), machine]
    except PlumageError as error:
        return [f"{error.given}: {error.allowed}", machine]


def _text(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)
