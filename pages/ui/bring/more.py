"""What few people change: the method with its settings, and the seed."""

from __future__ import annotations

import streamlit as st

from engine.runs.catalog import catalog
from pages.ui import widgets
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.steps import STEPS

TITLE = "Method and everything else"
_KEY = "bring-more"
_METHOD = "method"
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
        draft.fields(*(p.name for p in draft.declared if p.name not in elsewhere | {_METHOD}))
        own = catalog()[draft.method]
        for heading, declared in widgets.groups(own.parameters).items():
            st.markdown(f"**{heading}** of the method")
            widgets.fields(declared, draft.own_scope, draft.start_settings, problem=draft.problem)


def lead() -> None:
    """Open it in the next run of the script: what is wrong is in here."""
    st.session_state[_LEAD] = True


def _method(draft: OpenDraft) -> None:
    known = catalog()
    names = list(known)
    st.selectbox(
        "Method",
        names,
        index=names.index(str(draft.start[_METHOD])),
        format_func=lambda name: known[name].title,
        key=draft.key(_METHOD),
        width=420,
        persist_state="session",
    )
    st.caption(known[draft.method].help.partition("\n\n")[0].replace("\n", " "))
    if draft.problem is not None and draft.problem.field == _METHOD:
        widgets.wrong(draft.problem)
