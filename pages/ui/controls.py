"""The buttons that steer a run. Every one is the same call that the command line makes."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from engine.jobs import control
from engine.params import parameters_of
from engine.runs.catalog import catalog
from engine.runs.config import RunConfig
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import context, notices, widgets
from pages.ui.reading import Reading

_BUTTONS = (
    ("pause", "Pause", ":material/pause:"),
    ("resume", "Resume", ":material/play_arrow:"),
    ("step", "Step one task", ":material/skip_next:"),
    ("stop", "Stop", ":material/stop:"),
)
"""Names of functions in `engine.jobs.control`, with label and icon."""
_HELP = {
    "pause": "Waits after the current epoch.",
    "resume": "Goes on from the last finished task, with the same result as if it had never stopped.",
    "step": "Learns one more task, then pauses.",
    "stop": "Ends the process; the run can be resumed later.",
}


def few(view: RunView, status: str) -> None:
    """Only what makes sense now, for a page that tells the story; the Run page has them all."""
    possible = control.can(status) & {"pause", "resume", "stop"}
    if possible:
        with st.container(horizontal=True, key="controls", gap="small"):
            _steer(view, possible)


def buttons(view: RunView, status: str) -> None:
    """One row of what can be done now."""
    can = control.can(status)
    with st.container(horizontal=True, key="controls", gap="small", width="content", wrap=False):
        _steer(view, can)
        fork = "fork" in can and view.tasks_done > 0
        if fork and st.button(
            "Fork",
            key="do-fork",
            icon=":material/fork_right:",
            help="A new run that keeps the first tasks and goes on differently.",
        ):
            _fork(view.id)


def _steer(view: RunView, shown: Collection[str]) -> None:
    for action, label, icon in _BUTTONS:
        if action in shown:
            st.button(
                label,
                key=f"do-{action}",
                icon=icon,
                help=_HELP[action],
                type="primary" if action == "resume" else "secondary",
                on_click=_do,
                args=(action, view.id),
            )


def _do(action: str, run: str) -> None:
    notices.attempt(lambda: getattr(control, action)(run))


@st.dialog("Fork this run", width="large", icon=":material/fork_right:")
def _fork(run: str) -> None:
    with notices.caught():
        view = Reading(RunStore(), run)
        config, done = view.config, view.tasks_done
        st.caption("The new run keeps what was learnt up to a task, and learns the later tasks with other settings.")
        with st.container(horizontal=True):
            after = st.selectbox("Keep tasks up to", list(range(1, done + 1)), index=max(done - 2, 0), width=180)
            name = st.text_input("Name (optional)", max_chars=80, width=240)
        own = catalog()[config.method].parameters
        scope = f"fork-{run}"
        seed = next(p for p in parameters_of(RunConfig) if p.name == "seed")
        widgets.fields([seed], scope, {"seed": config.seed})
        with st.expander(f"Settings of {catalog()[config.method].title}", icon=":material/tune:"):
            for heading, declared in widgets.groups(own).items():
                st.markdown(f"**{heading}**")
                widgets.fields(declared, scope, config.settings)
        if st.button("Fork", type="primary", key="fork-now", on_click=_start_fork, args=(run, after - 1, name, config)):
            st.rerun()


def _start_fork(run: str, after: int, name: str, config: RunConfig) -> None:
    def go() -> None:
        scope = f"fork-{run}"
        seed = widgets.changed([p for p in parameters_of(RunConfig) if p.name == "seed"], scope, {"seed": config.seed})
        own = catalog()[config.method].parameters
        changes = {**seed, "settings": widgets.changed(own, scope, config.settings)}
        context.select(control.fork(run, after, changes, name=name.strip()))

    notices.attempt(go)
