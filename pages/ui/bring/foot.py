"""Below every step, always in reach: the run's name, Start, undo, and the same as one command."""

from __future__ import annotations

import time

import streamlit as st

from engine.runs.recipe import command
from pages.ui import address
from pages.ui.bring import more
from pages.ui.bring.drafting import DRAFT, OpenDraft, anew, go_on
from pages.ui.bring.steps import STEPS, choose, chosen
from pages.ui.run import launch
from pages.ui.text import unmarked

_LISTED = 8
"""Other drafts that are offered."""


def show(draft: OpenDraft) -> None:
    """Draw it."""
    slot = st.empty()
    with st.container(horizontal=True, vertical_alignment="bottom", key="bring-foot"):
        draft.name_field()
        icon = ":material/play_arrow:"
        go = st.button("Start training", key="bring-start", type="primary", icon=icon, on_click=launch.try_it)
        _next()
        off = not draft.can_undo
        st.button("Undo", key="bring-undo", icon=":material/undo:", type="tertiary", on_click=draft.undo, disabled=off)
        _as_command(draft)
        _drafts(draft)
        if draft.problem is not None:
            st.caption(f"Not yet: {unmarked(_where(draft))}")
    if go and draft.config is not None and draft.problem is None:
        _start(draft, slot)
    elif go:
        _lead(draft)


def _next() -> None:
    names = list(STEPS)
    later = names[names.index(chosen()) + 1 :]
    if later:
        st.button(f"Next: {STEPS[later[0]].title}", key="bring-next", on_click=choose, args=(later[0],))


def _drafts(draft: OpenDraft) -> None:
    with st.popover("Drafts", icon=":material/inventory_2:", key="bring-drafts"):
        st.caption("What you type here is kept until its run is started.")
        st.button("Begin anew", key="bring-anew", icon=":material/add:", on_click=anew)
        st.button("Remove this draft", key="bring-discard", icon=":material/delete:", on_click=draft.discard)
        for other in draft.others()[:_LISTED]:
            st.button(_dated(other), key=f"bring-draft-{other}", type="tertiary", on_click=go_on, args=(other,))


def _dated(id: str) -> str:
    """What a draft is called: when it was begun."""
    return time.strftime("Begun %d %b %Y, %H:%M:%S", time.strptime(id[:13], "%y%m%d-%H%M%S"))


def _as_command(draft: OpenDraft) -> None:
    with st.popover("As a command", icon=":material/terminal:", key="bring-command", disabled=draft.config is None):
        if draft.config is not None:
            st.code(command(draft.config), language=None, wrap_lines=True)


def _start(draft: OpenDraft, slot: st.delta_generator.DeltaGenerator) -> None:
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
    elif problem is not None:
        more.lead()
    st.rerun()


def _where(draft: OpenDraft) -> str:
    assert draft.problem is not None
    step = next((step.title for step in STEPS.values() if draft.problem.field in step.holds), None)
    return f"look at “{step or more.TITLE}”."
