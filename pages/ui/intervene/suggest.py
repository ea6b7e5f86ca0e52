"""What a policy would ask next, and the answer with one click."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import streamlit as st

from engine.figures.look import percent
from engine.interventions.acts import ABSENT, PRESENT, Act, Outcome
from engine.interventions.base import POLICIES, Ints, State
from engine.interventions.curves import noise_of
from pages.ui import address, segments
from pages.ui.intervene.doings import Doings, attempted
from pages.ui.intervene.patient import CLASS, PICTURE, Patient
from pages.ui.text import safe

POLICY, TRUTH = "policy", "truth"
"""Keys of both choices in the address."""
_FIRST = "coop"
_TRUTHS = {CLASS: "Its class in general", PICTURE: "This picture"}
_SHORT = {CLASS: "usually", PICTURE: "in this picture"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to ask.

    Attributes:
        unit: the concepts that one answer sets.
        sure: how sure the model is by now that it is there, 0..1.
    """

    unit: Ints
    sure: float


def draw(patient: Patient, doings: Doings, found: Outcome) -> None:
    """The suggestion and its buttons."""
    with st.container(border=True, key="suggest"):
        with st.container(horizontal=True, vertical_alignment="bottom", key="suggest-choices"):
            name = _policy()
            truth = _truth(patient)
        reason = POLICIES.get(name)().why_not(truth is not None, patient.label is not None)
        suggested = None if reason else suggestion(patient, name, found, truth)
        if suggested is None:
            said = reason or "Every concept is set: there is nothing left to ask."
            st.caption(f"No suggestion: {said}" if reason else said)
            return
        st.html(f"<p class='iv-ask'>{_words(patient, name, suggested)}</p>")
        _answers(patient, doings, suggested, truth)


def suggestion(patient: Patient, policy: str, found: Outcome, truth: str | None) -> Suggestion | None:
    """The most urgent unit none of whose concepts was set, or None if there is none left."""
    chosen, bed = POLICIES.get(policy)(), patient.bed
    judged = patient.known if chosen.needs_truth else np.ones(len(patient.known), np.bool_)
    units = tuple(unit for unit in bed.units if not found.acted[unit].any() and judged[unit].all())
    if not units:
        return None
    facts = None if truth is None else np.array([[patient.truths[truth][unit[0]] for unit in units]])
    label = None if patient.label is None else np.array([patient.label])
    noise = noise_of((1, len(bed.units)), zlib.crc32(patient.subject.ref.encode()))[:, -len(units) :]
    state = State(found.after[None], bed.head, bed.levels, units, noise, facts, label)
    best = int(chosen.urgency(state)[0].argmax())
    return Suggestion(units[best], float(state.present[0, best]))


def _words(patient: Patient, policy: str, suggested: Suggestion) -> str:
    short = POLICIES.title(policy).partition(":")[0]
    first, *others = (patient.texts[k] for k in suggested.unit)
    also = f" Also worded: {safe(', '.join(others))}." if others else ""
    facts = [
        f"{_SHORT[which]} {'present' if truth[suggested.unit[0]] else 'absent'}"
        for which, truth in patient.truths.items()
        if patient.known[suggested.unit[0]]
    ]
    told = f" The truth: {'; '.join(facts)}." if facts else ""
    return (
        f"{safe(short)} asks: <strong>{safe(first)}?</strong>"
        f"<span>The model is {percent(suggested.sure)} sure that it is there.{told}{also}</span>"
    )


def _answers(patient: Patient, doings: Doings, suggested: Suggestion, truth: str | None) -> None:
    with st.container(horizontal=True, key="suggest-answers"):
        for kind, label in ((PRESENT, "It is there"), (ABSENT, "It is not")):
            acts = [Act(int(k), kind) for k in suggested.unit]
            st.button(label, key=f"suggest-{kind}", on_click=attempted, args=(doings.do, *acts))
        known = truth is not None and bool(patient.known[suggested.unit[0]])
        there = known and truth is not None and bool(patient.truths[truth][suggested.unit[0]])
        acts = [Act(int(k), PRESENT if there else ABSENT) for k in suggested.unit]
        st.button(
            f"Apply truth: {'present' if there else 'absent'}" if known else "Apply truth",
            key="suggest-truth",
            type="primary",
            disabled=not known,
            help=None if known else "Nobody knows whether this is true of this image.",
            on_click=attempted,
            args=(doings.do, *acts),
        )


def _policy() -> str:
    asked, widget, names = address.value(POLICY), f"{POLICY}-choice", POLICIES.names()
    chosen = asked if asked in names else _FIRST
    st.session_state[widget] = chosen
    st.selectbox(
        "Suggested by",
        names,
        key=widget,
        format_func=POLICIES.title,
        width=330,
        on_change=address.take,
        args=(POLICY, widget),
    )
    address.settle(POLICY, chosen, default=_FIRST)
    return chosen


def _truth(patient: Patient) -> str | None:
    """Which truth is applied; None where nobody knows any."""
    options = [which for which in _TRUTHS if which in patient.truths]
    if not options:
        return None
    return segments.choose("Truth of", TRUTH, {which: _TRUTHS[which] for which in options})
