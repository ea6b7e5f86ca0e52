"""A new experiment: where its runs start from, what varies, how many runs that makes and how long they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from engine.errors import BadParameter, PlumageError
from engine.experiments.axes import ExperimentAxis, axis
from engine.experiments.base import common_of
from engine.experiments.cells import cells, count
from engine.experiments.estimate import estimate
from engine.experiments.experiment import GRID, SEARCHES, Experiment
from engine.experiments.search import known
from engine.experiments.standing import standing
from engine.jobs import experiments
from engine.params import parameters_of
from engine.runs.catalog import catalog
from engine.runs.config import PRESETS, RunConfig, parameters_for
from engine.store.experiments import KeptExperiments
from engine.store.labels import method_title
from engine.store.store import RunStore
from pages.ui import notices
from pages.ui.context import Context
from pages.ui.experiments import choosing
from pages.ui.text import title, unmarked

_RUN = "this run"
_SEEDS, _ORDERS = "seed + world_seed", "order_seed"
_ELSEWHERE = {"method", "seed", "world_seed", "order_seed", "dataset"}
"""Parameters that have a field of their own, or that decide which parameters there are."""


def draw(here: Context) -> None:
    """Draw it; Start keeps the experiment and looks at it."""
    title(
        "A new experiment",
        "Many runs from one declaration. Each is an ordinary run; those that are done already are found again.",
    )
    start, config = _start(here)
    name = st.text_input("Name", key="experiment-name", max_chars=120, placeholder="What people call it", width=420)
    axes = _axes(config)
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-options"):
        options = _options()
    _foot(here.store, lambda: _declared(name, start, config, axes(), options))


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


def _axes(config: RunConfig | None) -> Any:
    """Draw what may vary; returns what works the axes out, which raises where a field cannot be read."""
    known_ = catalog()
    usual = config.method if config is not None else RunConfig.method
    with st.container(horizontal=True, vertical_alignment="top", key="experiment-axes"):
        methods = st.multiselect(
            "Methods", list(known_), [usual], key="experiment-methods", format_func=method_title, width=420
        )
        seeds = st.text_input(
            "Seeds",
            "1993, 7, 11",
            key="experiment-seeds",
            width=200,
            help="Every setting is trained with each; with birds of its own.",
        )
        orders = st.text_input(
            "Orders of classes",
            "",
            key="experiment-orders",
            width=200,
            placeholder="as the run has it",
            help="Seeds by which classes are shuffled; every setting is trained in each order.",
        )
    dataset = config.dataset if config is not None else RunConfig.dataset
    names = [p.name for p in parameters_for(dataset) if p.name not in _ELSEWHERE]
    names += [f"{method}.{p.name}" for method in methods for p in known_[method].parameters]
    st.caption(
        "More that varies, one a row: values by commas, such as 50, 100; or for a search a range, such as 0.001 to 0.1."
    )
    rows = st.data_editor(
        {"parameter": [""], "values": [""]},
        num_rows="dynamic",
        hide_index=True,
        key=f"experiment-more-{hash(tuple(names))}",
        column_config={
            "parameter": st.column_config.SelectboxColumn("Parameter", options=names, width="medium"),
            "values": st.column_config.TextColumn("Values", width="large"),
        },
    )
    birds = dataset == RunConfig.dataset

    def work_out() -> list[ExperimentAxis]:
        found = [axis("method", methods)] if len(methods) > 1 else []
        if _split(seeds):
            found.append(axis(_SEEDS if birds else "seed", _split(seeds)))
        if _split(orders):
            found.append(axis(_ORDERS, _split(orders)))
        return found + [_more(name, values) for name, values in _typed(rows) if name]

    st.session_state["experiment-one-method"] = methods[0] if len(methods) == 1 else usual
    return work_out


def _typed(rows: Any) -> list[tuple[str, str]]:
    """Parameter and values of each row of the table."""
    return [
        (str(name or ""), str(values or "")) for name, values in zip(rows["parameter"], rows["values"], strict=True)
    ]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _more(name: str, text: str) -> ExperimentAxis:
    low, to, high = text.partition(" to ")
    if not to:
        return axis(name, _split(text))
    try:
        ends = [float(low), float(high)]
    except ValueError as error:
        raise BadParameter(f"{name}: {text}", "a range has two numbers", "Write 0.001 to 0.1") from error
    whole = all(end.is_integer() and "." not in part for end, part in zip(ends, (low, high), strict=True))
    numbers = [int(end) for end in ends] if whole else ends
    return axis(name, {"low": numbers[0], "high": numbers[1], "log": not whole and ends[0] > 0})


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
    name: str, start: str, config: RunConfig | None, axes: Sequence[ExperimentAxis], options: dict[str, Any]
) -> Experiment:
    common = common_of(config, start) if config is not None else {}
    common["method"] = str(st.session_state["experiment-one-method"])
    varied = {part for one in axes for part in one.names}
    if "order_seed" in varied:
        common["order"] = "seed"
    common = {key: value for key, value in common.items() if key not in varied}
    return Experiment(name=name or "unnamed", preset=start, common=common, axes=tuple(axes), **options)


def _foot(store: RunStore, declare: Any) -> None:
    """How many runs that is, what is wrong with it, and Start."""
    try:
        declared: Experiment = declare()
        found = cells(declared, known(declared, ()))
        told, problem = _told(store, declared, found), ""
    except PlumageError as error:
        declared, told, problem = None, "", str(error)  # type: ignore[assignment]
    if problem:
        st.error(unmarked(problem), icon=":material/error:")
    else:
        st.info(unmarked(told), icon=":material/functions:")
    named = bool(str(st.session_state.get("experiment-name") or "").strip())
    st.button(
        "Start",
        key="experiment-begin",
        type="primary",
        icon=":material/play_arrow:",
        disabled=bool(problem) or not named,
        help=None if named else "Give it a name first.",
        on_click=notices.attempt,
        args=(lambda: _begin(store, declared),),
    )


def _told(store: RunStore, declared: Experiment, found: Sequence[Any]) -> str:
    total, arithmetic = count(declared)
    differ = f", of which {len(found):,} differ" if declared.search == GRID and len(found) < total else ""
    return f"{arithmetic} runs{differ}. {estimate(store, declared, standing(store, found)).words}"


def _begin(store: RunStore, declared: Experiment) -> None:
    number = KeptExperiments(store.database).save(declared.name, declared.to_mapping())
    experiments.start(store, number)
    choosing.look_at(number)
