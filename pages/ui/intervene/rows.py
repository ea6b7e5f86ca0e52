"""The concepts of one image, each on a row of its own to be set; more of them on demand, and whole groups at once."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.exhibits.intervene.patient import Patient
from engine.interventions.acts import ABSENT, NEGATE, PRESENT, VALUE, ZERO, Act, Outcome
from pages.ui.intervene import console
from pages.ui.intervene.doings import Doings, attempted
from pages.ui.text import safe

_STRONGEST = 12
"""Concepts that get a row without being asked for."""
_MORE = "rows-more"
_KINDS = {PRESENT: "Present", ABSENT: "Absent", ZERO: "Zero", NEGATE: "Negate"}


def draw(patient: Patient, doings: Doings, found: Outcome) -> None:
    """The concepts that decide, and ways to reach any other."""
    first = int(patient.bed.head.predicted(patient.scores))
    pair = f"{patient.names[first]} rather than {patient.names[patient.rival]}"
    st.html(
        f"<p class='iv-note'>The concepts that decide for <b>{safe(pair)}</b>, strongest first.</p>"
        "<p class='iv-note iv-key'><i class='iv-band'></i>observed range<i class='iv-dot'></i>its score"
        "<i class='iv-tick' style='background:#D55E00'></i>absent<i class='iv-tick' style='background:#0072B2'></i>"
        "present</p>"
    )
    rows = [_row(patient, k, doings, found) for k in _wanted(patient, found)]
    console.draw(rows, "console", lambda k, kind, score: _act(doings, k, kind, score))
    left, right = st.columns(2)
    with left:
        _more(patient)
    with right:
        _whole_group(patient, doings)


def _wanted(patient: Patient, found: Outcome) -> list[int]:
    strongest = np.argsort(-np.abs(patient.leaning), kind="stable")[:_STRONGEST].tolist()
    asked = [k for k in st.session_state.get(_MORE, []) if k < len(patient.texts)]
    return list(dict.fromkeys([*strongest, *asked, *np.flatnonzero(found.acted).tolist()]))


def _row(patient: Patient, k: int, doings: Doings, found: Outcome) -> console.Row:
    scale, kinds = patient.bed.levels, {act.concept: act.kind for act in doings.acts}
    first = int(patient.bed.head.predicted(patient.scores))
    side = patient.names[first if patient.leaning[k] >= 0 else patient.rival]
    note = f"{patient.groups[k].replace('_', ' ')} · for {side}" if patient.groups[k] else f"for {side}"
    return console.Row(
        concept=k,
        name=patient.texts[k],
        note=note,
        was=float(found.before[k]),
        now=float(found.after[k]),
        low=float(scale.low[k]),
        high=float(scale.high[k]),
        absent=float(scale.absent[k]),
        present=float(scale.present[k]),
        kind=kinds.get(k, ""),
        followed=bool(found.followed[k]),
    )


def _act(doings: Doings, concept: int, kind: str, score: float) -> None:
    if kind in (*_KINDS, VALUE):
        attempted(doings.do, Act(concept, kind, score))
    else:
        attempted(doings.leave, concept)


def _more(patient: Patient) -> None:
    """Any other concept, by its words."""
    st.session_state[_MORE] = [k for k in st.session_state.get(_MORE, []) if k < len(patient.texts)]
    st.multiselect(
        "Any other concept",
        range(len(patient.texts)),
        key=_MORE,
        format_func=lambda k: patient.texts[k],
        placeholder=f"search {len(patient.texts)} concepts",
        persist_state="session",
    )


def _whole_group(patient: Patient, doings: Doings) -> None:
    """All concepts of a group at once."""
    groups = sorted(set(filter(None, patient.groups)))
    if not groups:
        return
    group = st.selectbox(
        "A whole group",
        groups,
        index=None,
        placeholder="choose a group",
        key="group",
        format_func=lambda name: name.replace("_", " "),
        persist_state="session",
    )
    if group is None:
        return
    mine = [k for k, name in enumerate(patient.groups) if name == group]
    with st.container(horizontal=True, key="group-acts", gap="small"):
        for kind, label in _KINDS.items():
            acts = [Act(k, kind) for k in mine]
            st.button(label, key=f"group-{kind}", on_click=attempted, args=(doings.do, *acts))
        st.button("As it is", key="group-leave", on_click=attempted, args=(doings.leave, *mine))
