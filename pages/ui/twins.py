"""A run's twins: the same settings on another backbone; which there could be, and training one."""

from __future__ import annotations

import streamlit as st

from engine.backbone.presets import SHIPPED
from engine.figures.backbones import short
from engine.jobs import backbones, control
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, context, notices
from pages.ui.text import unmarked

TWIN = "twin"
"""Key in the address: the run to compare with."""
HARDEN = "harden"
"""Key of the fold in the form of a new run in which a backbone is hardened."""


def train(run: str, backbone: str) -> None:
    """Callback: start it, and compare with it from now on."""

    def start() -> None:
        view = RunView(RunStore(), run)
        name = f"{view.name or view.id} on {short(backbone)}"
        address.choose(TWIN, control.start(view.config.changed(backbone=backbone), name=name))

    notices.attempt(start)


def offers(view: RunView) -> None:
    """One button for every backbone that is there and is not this run's own, and the way to one that holds."""
    own = view.config.backbone
    made = [one.spec for one in backbones.listed(RunStore()) if one.complete]
    others = [spec for spec in (*SHIPPED, *made) if spec != own]
    with st.container(horizontal=True, vertical_alignment="center", key="twin-offers"):
        for spec in others:
            st.button(
                unmarked(f"Train the same run on {short(spec)}"),
                key=f"twin-{'shipped-' if spec in SHIPPED else ''}{short(spec)}",  # a name made here may be theirs too
                type="primary" if spec == others[0] else "secondary",
                icon=":material/play_arrow:",
                on_click=train,
                args=(view.id, spec),
            )
        harden()
    st.caption("It trains in the background, about as long as this run did.")


def harden() -> None:
    """The way to the form of a new run, where a backbone is hardened."""
    if st.button("Harden a CLIP first", key="make-one", icon=":material/shield:", on_click=_compose):
        st.switch_page("pages/run.py")


def _compose() -> None:
    context.compose()
    st.session_state[HARDEN] = True


def look(run: str) -> None:
    """A link to a twin that has not come as far."""
    words, icon = "Look at it on the Run page", ":material/school:"
    st.page_link("pages/run.py", label=words, icon=icon, query_params={context.RUN: run})
