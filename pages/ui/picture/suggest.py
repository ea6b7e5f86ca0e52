"""What a policy would ask next, and the answer with one click."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from engine.exhibits.picture.instance import CLASS, PICTURE, Instance
from engine.exhibits.picture.question import FIRST_POLICY, Suggestion, suggestion, true_answer
from engine.figures.look import certainty
from engine.interventions.acts import ABSENT, PRESENT, ImageOutcome
from engine.interventions.base import POLICIES
from pages.ui import address, segments
from pages.ui.picture.doings import Doings, attempted
from pages.ui.text import safe

POLICY, TRUTH = "policy", "truth"
"""Keys of both choices in the address."""
_TRUTHS = {PICTURE: "This picture", CLASS: "Its class in general"}


class Asking(NamedTuple):
    """Who asks, and whose truth answers (None where nobody knows any)."""

    policy: str
    truth: str | None


def settle(instance: Instance) -> Asking:
    """Draw both choices."""
    return Asking(_policy(), _truth(instance))


def draw(instance: Instance, doings: Doings, found: ImageOutcome, how: Asking) -> None:
    """The suggestion and its buttons."""
    name, truth = how
    reason = POLICIES.get(name)().why_not(truth is not None, instance.label is not None)
    suggested = None if reason else suggestion(instance, name, found, truth)
    if suggested is None:
        said = reason or "Every concept is set: there is nothing left to ask."
        st.caption(f"No suggestion: {said}" if reason else said)
        return
    st.html(f"<p class='pi-ask'>{_words(instance, name, suggested)}</p>")
    _answers(instance, doings, suggested, truth)


def _words(instance: Instance, policy: str, suggested: Suggestion) -> str:
    short = POLICIES.title(policy).partition(":")[0]
    first = instance.texts[suggested.unit[0]]
    sure = f"The model is {certainty(suggested.sure)} sure."
    return f"{safe(short)} asks: <strong>{safe(first)}?</strong><span>{sure}</span>"


def _answers(instance: Instance, doings: Doings, suggested: Suggestion, truth: str | None) -> None:
    with st.container(horizontal=True, key="suggest-answers"):
        for there, kind, label in ((True, PRESENT, "Present"), (False, ABSENT, "Absent")):
            acts = suggested.answer(there)
            st.button(label, key=f"suggest-{kind}", on_click=attempted, args=(doings.do, *acts))
        if truth is None:
            return
        true = true_answer(instance, suggested, truth)
        st.button(
            "Apply truth" if true is None else f"Apply truth: {'present' if true else 'absent'}",
            key="suggest-truth",
            type="primary",
            disabled=true is None,
            help="Nobody knows whether this is true of this image." if true is None else None,
            on_click=attempted,
            args=(doings.do, *suggested.answer(bool(true))),
        )


def _policy() -> str:
    names = POLICIES.names()
    chosen = address.among(POLICY, names, FIRST_POLICY)
    st.selectbox("Suggested by", names, format_func=POLICIES.title, width=330, **address.bound(POLICY, chosen))
    address.settle(POLICY, chosen, default=FIRST_POLICY)
    return chosen


def _truth(instance: Instance) -> str | None:
    """Which truth is applied; None where nobody knows any."""
    options = [which for which in _TRUTHS if which in instance.truths]
    if not options:
        return None
    return segments.choose("Truth of", TRUTH, {which: _TRUTHS[which] for which in options})
