"""A new experiment: where its runs start from, what varies, how many runs that makes and how long they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from engine.errors import PlumageError
from engine.experiments.base import common_of
from engine.experiments.cells import Cell, cells, count
from engine.experiments.estimate import estimate
from engine.experiments.experiment import GRID, SEARCHES, Experiment
from engine.experiments.search import known
from engine.experiments.standing import standing
from engine.experiments.where import Where
from engine.jobs import experiments
from engine.params import parameters_of
from engine.runs.config import PRESETS, RunConfig
from engine.store.experiments import KeptExperiments
from engine.store.store import RunStore
from pages.ui import notices, where
from pages.ui.context import Context
from pages.ui.experiments import choosing, fields
from pages.ui.text import title, unmarked

_RUN = "this run"


def draw(here: Context) -> None:
    """Draw it; Start keeps the experiment and looks at it."""
    title(
        "A new experiment",
        "Many runs from one declaration. Each is an ordinary run; those that are done already are found again.",
    )
    start, config = _start(here)
    name = st.text_input("Name", key="experiment-name", max_chars=120, placeholder="What people call it", width=420)
    typed = fields.draw(config)
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-options"):
        options = _options()
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-place"):
        place = where.asked("experiment")
    _foot(here.store, bool(name.strip()), lambda: _declared(name, start, config, typed, options), place)


def _start(here: Context) -> tuple[str, RunConfig | None]:
    words = {key: one.title for key, one in PRESETS.items()}
    if here.view is not None:
        words = {_RUN: f"As “{unmarked(here.view.name or here.view.id)}”", **words}
    chosen = st.segmented_control(
        "Start from",
        list(words),
        default=next(iter(words)),
        required=True,
        format_func=words.__getitem__,
        key="experiment-start",
        wrap=True,
    )
    if chosen == _RUN and here.view is not None:
        st.caption("All its settings: data, tasks, backbone; its method's own where that method learns.")
        return "demo", here.view.config
    st.caption(unmarked(PRESETS[str(chosen)].help))
    return str(chosen), None


def _options() -> dict[str, Any]:
    declared = {p.name: p for p in parameters_of(Experiment)}
    search = st.selectbox(
        "Which are tried", list(SEARCHES), key="experiment-search", format_func=SEARCHES.__getitem__, width=260
    )
    found: dict[str, Any] = {"search": search}
    if search != GRID:
        found["trials"] = st.number_input(
            "Settings", 1, 10_000, 20, key="experiment-trials", help=declared["trials"].help, width=140
        )
    found["at_once"] = st.number_input(
        "At once", 0, 256, 0, key="experiment-at-once", help=declared["at_once"].help, width=140
    )
    found["hours"] = st.number_input(
        "Hours", 0.0, 10_000.0, 0.0, key="experiment-hours", help=declared["hours"].help, width=140
    )
    found["watching"] = st.toggle("Film every run", value=False, key="experiment-film", help=declared["watching"].help)
    return found


def _declared(
    name: str, start: str, config: RunConfig | None, typed: fields.TypedAxes, options: Mapping[str, Any]
) -> Experiment:
    axes, usual = typed.axes(), RunConfig.method if config is None else config.method
    varied = {part for one in axes for part in one.names}
    common = {**(common_of(config, start) if config is not None else {}), **typed.common(usual)}
    common = {key: value for key, value in common.items() if key not in varied}
    return Experiment(name=name.strip() or "unnamed", preset=start, common=common, axes=axes, **options)


def _foot(store: RunStore, named: bool, declare: Callable[[], Experiment], place: Where | None) -> None:
    """How many runs that is, what is wrong with it, and Start.

    Args:
        place: where they are trained; None where what was typed names no place.
    """
    declared: Experiment | None = None
    try:
        declared = declare()
        found = cells(declared, known(declared, ()))
        st.info(unmarked(_told(store, declared, found, place is None or place.here)), icon=":material/functions:")
    except PlumageError as error:
        declared = None
        st.error(unmarked(str(error)), icon=":material/error:")
    st.button(
        "Start",
        key="experiment-begin",
        type="primary",
        icon=":material/play_arrow:",
        disabled=declared is None or place is None or not named,
        help=None if named else "Give it a name first.",
        on_click=notices.attempt,
        args=(lambda: _begin(store, declared, place),),
    )


def _told(store: RunStore, declared: Experiment, found: Sequence[Cell], here: bool) -> str:
    total, arithmetic = count(declared)
    differ = f", of which {len(found):,} differ" if declared.search == GRID and len(found) < total else ""
    return f"{arithmetic} runs{differ}. {estimate(store, declared, standing(store, found), here).words}"


def _begin(store: RunStore, declared: Experiment | None, place: Where | None) -> None:
    assert declared is not None and place is not None  # else there is nothing to press
    number = KeptExperiments(store.database).save(declared.name, declared.to_mapping())
    experiments.start(store, number, where=place.to_arguments())
    choosing.look_at(number)
