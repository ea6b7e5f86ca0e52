"""One image: set its concepts, see what the model makes of it, take it back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.figures.tables import Table, cell
from engine.interventions.acts import ABSENT, NEGATE, PRESENT, VALUE, ZERO, Act, Outcome, known_to, log, outcome
from pages.ui import address, laboratory, notices, picker
from pages.ui.context import Context
from pages.ui.intervene import console, suggest, verdict
from pages.ui.intervene.doings import Doings, attempted
from pages.ui.intervene.patient import Patient, examined, picture
from pages.ui.panels import numbers, panel
from pages.ui.text import finding, safe

if TYPE_CHECKING:
    from engine.runs.lab import Lab
    from engine.runs.subjects import Subject

FOLLOW = "follow"
"""Key in the address: whether correlated concepts follow."""
_STRONGEST = 12
"""Concepts that get a row without being asked for."""
_MORE = "rows-more"
_KINDS = {PRESENT: "Present", ABSENT: "Absent", ZERO: "Zero", NEGATE: "Negate"}
_SOURCES = {
    "errors": "what scores are off together on validation images",
    "statistics": "the stored class statistics",
    "scores": "the scores of validation images",
}


def show(here: Context) -> None:
    """The chooser, and the table below it. What is done redraws only the table."""
    assert here.view is not None and here.moment is not None  # the page has checked
    lab = laboratory.open(here.view, here.moment)
    chosen = picker.subject(here, lab)
    if chosen is None:
        st.caption("Choose an image above to set its concepts.")
        return
    st.fragment(_table)(here, lab, chosen)


def _table(here: Context, lab: Lab, chosen: Subject) -> None:
    with notices.caught():
        began = time.perf_counter()
        patient = examined(lab, here.moment or 0, chosen)
        doings = Doings(lab.view.id, chosen.ref)
        acts = known_to(doings.acts, len(patient.texts))
        head = st.container(key="one-head")
        left, right = st.columns([5, 7], gap="medium")
        with right:
            follow = _tools(doings)
            found = outcome(acts, patient.scores, patient.bed.levels, patient.bed.correlations if follow else None)
            suggest.draw(patient, doings, found)
            _console(patient, doings, found)
        with left, _answer(lab, patient, found, bool(acts)):
            _followers(patient, found, follow)
            _log(patient, doings, found, len(doings.acts) - len(acts))
        before, after = (patient.shares(scores) for scores in (found.before, found.after))
        head.html(finding(verdict.headline(patient, before, after, bool(acts)), large=True))
        st.caption(f"This took {1000 * (time.perf_counter() - began):.0f} ms on the server.")


def _tools(doings: Doings) -> bool:
    with st.container(horizontal=True, vertical_alignment="center", key="one-tools"):
        for label, action, icon, possible, keys in (
            ("Undo", doings.undo, "undo", doings.can_undo, "Ctrl+Z"),
            ("Redo", doings.redo, "redo", doings.can_redo, "Ctrl+Shift+Z"),
            ("Reset", doings.reset, "restart_alt", bool(doings.acts), None),
        ):
            st.button(
                label,
                key=f"one-{label.lower()}",
                icon=f":material/{icon}:",
                shortcut=keys,
                disabled=not possible,
                on_click=attempted,
                args=(action,),
            )
        widget = f"{FOLLOW}-choice"
        follow = address.value(FOLLOW) != "no"
        st.session_state[widget] = follow
        st.toggle(
            "Correlated concepts follow",
            key=widget,
            help="Concepts correlated with those you set move to where they are then expected.",
            on_change=_follow,
            args=(widget,),
        )
        address.settle(FOLLOW, "yes" if follow else "no", default="yes")
    return follow


def _follow(widget: str) -> None:
    address.choose(FOLLOW, "yes" if st.session_state[widget] else "no")


# -- the answer --------------------------------------------------------------------------------------------------------


@contextmanager
def _answer(lab: Lab, patient: Patient, found: Outcome, changed: bool) -> Iterator[None]:
    """The panel with both answers; the body goes below them."""
    before, after = (patient.shares(scores) for scores in (found.before, found.after))
    told, note = "Before and now" if changed else "What it says", "Probability of the likeliest classes"
    with panel("before-now", told, note, lambda: verdict.table(patient, before, after), ("levels", "propagation")):
        address_ = picture(lab.view.id, patient.subject.ref, lab)
        st.html(verdict.card(patient, address_, before, after, changed))
        st.html(verdict.odds(patient, before, after, changed))
        yield


def _followers(patient: Patient, found: Outcome, follow: bool) -> None:
    """Which concepts moved along, most first."""
    moved = np.flatnonzero(found.followed)
    if not follow or not found.acted.any():
        return
    source = _SOURCES[patient.bed.correlations.source]
    if not len(moved):
        st.caption(f"No other concept is correlated enough to follow (measured by {source}).")
        return
    order = moved[np.argsort(-np.abs(found.after - found.before)[moved])]
    label = f"{len(moved)} concept{'s' if len(moved) > 1 else ''} followed"
    box = st.expander(label, key="followers", icon=":material/link:", on_change="rerun")
    if box.open:
        with box:
            st.caption(f"Correlations are measured by {source}.")
            numbers("followers", _followers_table(patient, found, [int(k) for k in order]))


def _followers_table(patient: Patient, found: Outcome, order: list[int]) -> Table:
    return {
        "concept": [patient.texts[k] for k in order],
        "before": [cell(found.before[k], 2) for k in order],
        "now": [cell(found.after[k], 2) for k in order],
        "moved": [cell(found.after[k] - found.before[k], 2) for k in order],
    }


def _log(patient: Patient, doings: Doings, found: Outcome, unknown: int) -> None:
    acts = known_to(doings.acts, len(patient.texts))
    if unknown:
        st.caption(f"{unknown} of the concepts set are not known yet after this task; they are left out.")
    if not acts:
        st.html("<p class='iv-note'>Nothing is set yet. Answer a suggestion, or move a concept's handle.</p>")
        return
    lines = "".join(f"<li>{safe(line)}</li>" for line in log(acts, patient.texts, found))
    st.html(f"<ol class='iv-log'>{lines}</ol>")


# -- the concepts ------------------------------------------------------------------------------------------------------


def _console(patient: Patient, doings: Doings, found: Outcome) -> None:
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
