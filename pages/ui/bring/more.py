"""What few people change: the method with its settings, and the seed."""

from __future__ import annotations

import streamlit as st

from engine.methods.base import Setup
from engine.runs.catalog import catalog
from engine.training.preflight import setup_of
from pages.ui import methods, widgets
from pages.ui.bring import looking
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.steps import STEPS

TITLE = "Method and everything else"
_KEY = "bring-more"
_LEAD = "bring-more-open"
"""Session: that the reader is to be led here."""


def show(draft: OpenDraft) -> None:
    """Draw it, closed, unless what is wrong is in here."""
    elsewhere = frozenset[str]().union(*(step.holds for step in STEPS.values()))
    if st.session_state.pop(_LEAD, False):
        st.session_state[_KEY] = True
    box = st.expander(TITLE, key=_KEY, icon=":material/tune:", on_change="rerun")
    if not box.open:
        return
    with box:
        _method(draft)
        draft.fields(*(p.name for p in draft.declared if p.name not in elsewhere | {methods.METHOD}))
        own = catalog()[draft.method]
        for heading, declared in widgets.groups(own.parameters).items():
            st.markdown(f"**{heading}** of the method")
            widgets.fields(declared, draft.own_scope, draft.start_settings, problem=draft.problem)


def lead() -> None:
    """Open it in the next run of the script: what is wrong is in here."""
    st.session_state[_LEAD] = True


def _method(draft: OpenDraft) -> None:
    key, start = draft.key(methods.METHOD), str(draft.start[methods.METHOD])
    methods.choose(key, start, draft.config, lambda: _setup(draft), draft.store, draft.problem)


def _setup(draft: OpenDraft) -> Setup | None:
    """What methods are asked about the run, once its data were looked at."""
    config, whole = draft.config, looking.known(draft)
    return None if config is None or whole is None else setup_of(config, whole)
