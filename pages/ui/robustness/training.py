"""Training the run that is looked at once more, on another backbone."""

from __future__ import annotations

import streamlit as st

from engine.backbone.presets import DEFAULT, SHIPPED
from engine.figures.backbones import short
from engine.jobs import backbones, control
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, context, notices
from pages.ui.robustness import choices
from pages.ui.text import unmarked

_GO = "robustness-train"
"""Session: the next run leads to the Run page."""


def lead() -> None:
    """Go to the Run page where a run was started or chosen; callbacks cannot do so themselves."""
    if st.session_state.pop(_GO, False):
        st.switch_page("pages/run.py")


def offers(view: RunView) -> None:
    """One button for every backbone that is there and is not this run's own."""
    own = view.config.backbone
    made = [one.spec for one in backbones.listed(RunStore()) if one.complete]
    others = [spec for spec in (*SHIPPED, *made) if spec != own]
    with st.container(horizontal=True, key="twin-offers"):
        for spec in others:
            button(view, spec, f"Train the same run on {short(spec)}", primary=spec == others[0])
        st.button(
            "Make a backbone that holds",
            key="make-one",
            type="secondary" if others else "primary",
            icon=":material/shield:",
            on_click=address.choose,
            args=(choices.VIEW, "defence"),
        )
    st.caption(
        f"It trains in the background, about as long as this run did. This run is on {unmarked(short(own))}"
        f"{', the plain one' if own == DEFAULT else ''}."
    )


def button(view: RunView, spec: str, label: str, primary: bool = False) -> None:
    """Train a twin of this run on a backbone."""
    st.button(
        unmarked(label),
        key=f"twin-{'shipped-' if spec in SHIPPED else ''}{short(spec)}",  # a name made here may be a shipped one too
        type="primary" if primary else "secondary",
        icon=":material/play_arrow:",
        on_click=notices.attempt,
        args=(lambda: _start(view, spec),),
    )


def look_at(run: str) -> None:
    """Choose a run and go to the Run page; for callbacks."""
    context.select(run)
    st.session_state[_GO] = True


def _start(view: RunView, spec: str) -> None:
    name = f"{view.name or view.id} on {short(spec)}"
    run = control.start(view.config.changed(backbone=spec), name=name)
    address.choose(choices.TWIN, run)
