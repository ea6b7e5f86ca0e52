"""Below every step, always in reach: the run's name, Start, undo, and the same as one command."""

from __future__ import annotations

import streamlit as st

from engine.runs.recipe import command
from pages.ui import address
from pages.ui.bring.drafting import DRAFT, OpenDraft, anew
from pages.ui.bring.steps import STEPS, choose
from pages.ui.run import launch
from pages.ui.text import unmarked


def show(draft: OpenDraft) -> None:
    """Draw it."""
    slot = st.empty()
    with st.container(horizontal=True, vertical_alignment="bottom", key="bring-foot"):
        draft.name_field()
        icon = ":material/play_arrow:"
        go = st.button("Start training", key="bring-start", type="primary", icon=icon, on_click=launch.try_it)
        off = not draft.can_undo
        st.button("Undo", key="bring-undo", icon=":material/undo:", type="tertiary", on_click=draft.undo, disabled=off)
        _as_command(draft)
        st.button("Begin anew", key="bring-anew", type="tertiary", on_click=anew)
        if draft.problem is not None:
            st.caption(f"Not yet: {unmarked(_where(draft))}")
    if go and draft.config is not None and draft.problem is None:
        _start(draft, slot)
    elif go:
        _lead(draft)


def _as_command(draft: OpenDraft) -> None:
    with st.popover("As a command", icon=":material/terminal:", key="bring-command", disabled=draft.config is None):
        if draft.config is not None:
            st.code(command(draft.config), language="bash", wrap_lines=True)


def _start(draft: OpenDraft, slot: st.delta_generator.DeltaGenerator) -> None:
    draft.keep()
    config = draft.config
    assert config is not None  # asked before
    if launch.start(config, draft.name, slot):
        draft.discard()
        address.settle(DRAFT, None)
        st.switch_page("pages/run.py")
    _lead(draft)


def _lead(draft: OpenDraft) -> None:
    """Go to the step where something is wrong."""
    problem = draft.problem
    step = next((name for name, step in STEPS.items() if problem and problem.field in step.holds), None)
    if step is not None:
        choose(step)
    draft.keep()
    st.rerun()


def _where(draft: OpenDraft) -> str:
    assert draft.problem is not None
    step = next((step.title for step in STEPS.values() if draft.problem.field in step.holds), None)
    return f"look at “{step}”." if step else str(draft.problem.error)
