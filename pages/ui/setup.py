"""Starting a run: the first visit's one button, and the form for everybody else."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from engine.params import parameters_of
from engine.runs import control
from engine.runs.catalog import MethodInfo
from engine.runs.config import PRESETS, RunConfig, configure, preset
from engine.runs.view import RunView
from pages.ui import context, methods, notices, ribbon, widgets
from pages.ui.text import safe, title, unmarked

PITCH = "Watch a model that explains itself in plain concepts learn new birds task by task, and see what it forgets."
_CHOSEN = ("method", "seed")
"""Run parameters that stand outside of "All settings"."""


def welcome() -> None:
    """What a first visit sees: one sentence, one button, and the birds that will be learnt."""
    st.html(f"<div class='pl-hero'><h1>{safe(PITCH)}</h1></div>")
    demo_button()
    with st.container(key="preview"), st.skeleton(height=420):
        methods.known()
        st.html(ribbon.preview(preset("demo")))


def ready(here: context.Context, head: str, note: str, later: str) -> RunView | None:
    """The chosen run if a task of it is finished; else say what is missing and how to get it.

    Args:
        head, note: the page's heading and words where there is no run at all.
        later: what will be here after the first task.
    """
    if here.view is not None and here.moment is not None:
        return here.view
    if here.view is None:
        title(head, note)
        demo_button()
        return None
    title("No task is finished yet", f"This run is {here.view.status}. {later}")
    st.page_link("pages/train.py", label="Look at it on the Train page", icon=":material/school:")
    return None


def demo_button() -> None:
    """The one button."""
    note = PRESETS["demo"].help
    st.button(
        "Train the demo", key="train-demo", type="primary", icon=":material/play_arrow:", help=note, on_click=_demo
    )


def form() -> None:
    """Preset, method, name and seed in sight; everything else behind "All settings"."""
    title("Train a new run", "It trains in a process of its own: close this page whenever you like.")
    rest = st.container()
    with rest.skeleton(height=320):
        known = methods.known()
    with rest:
        _fields(known)


def _fields(known: Mapping[str, MethodInfo]) -> None:
    chosen = st.segmented_control(
        "Start from", list(PRESETS), default="demo", required=True, format_func=lambda p: PRESETS[p].title, key="preset"
    )
    st.caption(PRESETS[chosen].help)
    with st.container(horizontal=True, vertical_alignment="top", key="essentials"):
        names = list(known)
        default = preset(chosen).method
        method = st.selectbox(
            "Method",
            names,
            index=names.index(default),
            format_func=lambda m: known[m].title,
            key="method",
            width=420,
            persist_state="session",
        )
        st.text_input("Name (optional)", key="run-name", max_chars=80, width=260, persist_state="session")
        start = configure(chosen, {}, method=method)
        seed = next(p for p in parameters_of(RunConfig) if p.name == "seed")
        with st.container(width=160):
            widgets.field(seed, _scope(chosen), start.seed)
    st.caption(_first_sentence(known[method].help))
    _all_settings(chosen, method, start)
    reason = _why_not(chosen, method)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Start training",
            key="start",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_start,
            args=(chosen, method),
            disabled=reason is not None,
        )
        st.button("Cancel", key="cancel", type="tertiary", on_click=_cancel)
        if reason:
            st.caption(unmarked(f"Not possible here: {reason}"))


def _all_settings(chosen: str, method: str, start: RunConfig) -> None:
    box = st.expander("All settings", key="all-settings", icon=":material/tune:", on_change="rerun")
    if not box.open:
        return
    with box:
        run = [p for p in parameters_of(RunConfig) if p.name not in _CHOSEN]
        for heading, declared in widgets.groups(run).items():
            st.markdown(f"**{heading}**")
            widgets.fields(declared, _scope(chosen), start.to_mapping())
        own = methods.known()[method]
        for paragraph in own.help.split("\n\n")[1:]:  # the first stands below the method's name
            st.caption(paragraph.replace("\n", " "))
        for heading, declared in widgets.groups(own.parameters).items():
            st.markdown(f"**{heading}** of the method")
            widgets.fields(declared, _scope(chosen, method), start.settings)


def _config(chosen: str, method: str) -> RunConfig:
    start = configure(chosen, {}, method=method)
    run = [p for p in parameters_of(RunConfig) if p.name != "method"]
    changes = widgets.changed(run, _scope(chosen), start.to_mapping())
    own = methods.known()[method].parameters
    return start.changed(**changes, settings=widgets.changed(own, _scope(chosen, method), start.settings))


def _start(chosen: str, method: str) -> None:
    name = str(st.session_state.get("run-name") or "").strip()
    notices.attempt(lambda: context.select(control.start(_config(chosen, method), name=name)))


def _demo() -> None:
    def go() -> None:
        methods.known()
        context.select(control.start(preset("demo")))

    notices.attempt(go)


def _cancel() -> None:
    st.session_state[context.COMPOSING] = False


def _scope(*parts: str) -> str:
    return "-".join(parts)


def _why_not(chosen: str, method: str) -> str | None:
    """What can be said before the data is opened: the Aviary lists candidates, of a folder only the worker knows."""
    data = next(p for p in parameters_of(RunConfig) if p.name == "dataset")
    if st.session_state.get(widgets.key_of(data, _scope(chosen))) == "folder":
        return None
    return methods.why_not(method, has_candidates=True)


def _first_sentence(text: str) -> str:
    return text.partition("\n\n")[0].replace("\n", " ")
