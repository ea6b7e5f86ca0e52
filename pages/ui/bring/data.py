"""The first step: where the pictures are, and a look at what was found there."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from engine.data.sources.base import SOURCES
from engine.params import parameters_of
from pages.ui.bring import checking, kinds, looking, preview, protocols
from pages.ui.bring.drafting import OpenDraft

HOLDS = frozenset(
    {"dataset", looking.LEAVE_OUT} | {p.name for source in map(SOURCES.get, SOURCES) for p in parameters_of(source)}
)
_LONGEST = 40


def show(draft: OpenDraft) -> None:
    """Draw it."""
    kinds.show(draft)
    opening = looking.looked_at(draft)
    _more(draft)
    data = looking.left_of(draft, opening) if opening is not None else None
    if opening is not None and data is not None:
        preview.show(draft, opening, data)
        checking.show(draft, opening)


def told(draft: OpenDraft) -> str:
    """Where they are, and how many, once that is known."""
    place = str(draft.value(draft.source.place) or "") if draft.source.place else ""
    if not place:
        return "not chosen yet"
    data, out = looking.known(draft), looking.left_out(draft)
    many = [f"{looking.count(data):,} {'pictures' if data.vectors is None else 'embeddings'}"] if data else []
    return " · ".join([Path(place).name[-_LONGEST:], *many, *([f"{out:,} left out"] if out else [])])


def _more(draft: OpenDraft) -> None:
    """What most people leave as it is; open where something in it is wrong."""
    names = [*kinds.apart(draft.source), looking.LEAVE_OUT]
    wrong = draft.problem is not None and draft.problem.field in names
    if wrong:
        st.session_state["bring-data-more"] = True
    box = st.expander("More about the data", key="bring-data-more", icon=":material/tune:", on_change="rerun")
    if box.open:
        with box:
            protocols.show(draft, own=False)
            draft.fields(*names)
