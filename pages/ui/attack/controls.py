"""The attack's controls: two presets and the strength in sight, the rest one click away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.exhibits.attack.attempt import (
    ATTACK,
    CLASS,
    EPS,
    GOAL,
    GOALS,
    NORM,
    OF_CONCEPTS,
    OFF,
    ON,
    STEPS,
    Attempt,
    declared_by,
)
from pages.ui import address, notices
from pages.ui.attack.attempt import default_of
from pages.ui.picture.case import SharedCase
from pages.ui.picture.whole import learns_concepts

STRENGTHS = ("0.5", "1", "2", "4", "8")
_OTHER = "other"
_STRENGTH, _FREE = "eps-choice", "eps-free"
_NORMS = {"linf": "every pixel for itself", "l2": "all pixels together"}
_ALL_OTHER = (ATTACK, GOAL, STEPS, NORM)


def strength(now: Attempt) -> None:
    """The strength in 255ths: the usual ones, or a number."""
    text = f"{now.eps:g}"
    waiting = st.session_state.get(_STRENGTH) == _OTHER
    shown = text if text in STRENGTHS and not waiting else _OTHER
    st.session_state[_STRENGTH] = shown
    st.segmented_control(
        "Strength",
        [*STRENGTHS, _OTHER],
        required=True,
        key=_STRENGTH,
        on_change=_take_strength,
        help="How far the attack may change a pixel, of 255 levels; how visible that is stands below.",
    )
    if shown == _OTHER:
        declared = declared_by(now.attack)[EPS]
        st.number_input(
            "of 255",
            float(declared.low or 0),
            float(declared.high or 0),
            step=0.25,
            format="%g",
            width=110,
            **address.bound(EPS, now.eps, _FREE),
        )


def _take_strength() -> None:
    if st.session_state[_STRENGTH] != _OTHER:
        address.take(EPS, _STRENGTH)


def more(case: SharedCase, now: Attempt) -> None:
    """Attack, goal, steps and norm."""
    label = "Another attack"
    changed = sum(str(getattr(now, key)) != default_of(now.attack, key) for key in _ALL_OTHER)
    with st.popover(f"{label} ({changed} changed)" if changed else label, icon=":material/tune:", key="attack-more"):
        _attack(now)
        _goal(case, now)
        _numbers(now)


def _attack(now: Attempt) -> None:
    from engine.attacks.base import ATTACKS

    st.selectbox("Attack", list(ATTACKS.names()), format_func=ATTACKS.title, **address.bound(ATTACK, now.attack))


def _goal(case: SharedCase, now: Attempt) -> None:
    kinds: Sequence[str] = [kind for kind in GOALS if kind not in OF_CONCEPTS or learns_concepts(case)]
    widget = f"{GOAL}-choice"
    st.session_state[widget] = now.kind if now.kind in kinds else kinds[0]
    st.selectbox(
        "What the attacker wants",
        kinds,
        format_func=GOALS.__getitem__,
        key=widget,
        on_change=lambda: notices.attempt(lambda: _take_goal(case, str(st.session_state[widget]))),
    )
    if now.kind in (CLASS, ON, OFF):
        _target(case, now)


def _target(case: SharedCase, now: Attempt) -> None:
    """The class or concept that is wanted."""
    options = _targets(case, now.kind)
    widget = f"{GOAL}-target"
    if now.target not in options:
        options = [now.target, *options]
    st.session_state[widget] = now.target
    st.selectbox(
        "Which class" if now.kind == CLASS else "Which concept",
        options,
        key=widget,
        on_change=lambda: address.choose(GOAL, f"{now.kind}:{st.session_state[widget]}"),
    )


def _targets(case: SharedCase, kind: str) -> list[str]:
    """What can be wanted, the nearest first: likely classes, concepts close to their threshold."""
    if kind == CLASS:
        label = case.predicted if case.true is None else case.true
        return [case.names[c] for c in case.order if c != label]
    above = case.scores - case.levels.threshold
    order = (above if kind == OFF else -above).argsort(kind="stable").tolist()
    return [case.words[k] for k in order if (above[k] > 0) == (kind == OFF)]


def _take_goal(case: SharedCase, kind: str) -> None:
    """Callback: a goal that needs a class or a concept begins with the nearest one."""
    if kind not in (CLASS, ON, OFF):
        address.choose(GOAL, kind)
        return
    found = _targets(case, kind)
    if found:
        address.choose(GOAL, f"{kind}:{found[0]}")
    else:
        missing = "it has only one class so far" if kind == CLASS else "no concept is on that side of its threshold"
        notices.add(notices.Notice(GOALS[kind], missing, "Choose another goal or picture"))


def _numbers(now: Attempt) -> None:
    """Steps and norm, where the attack has them."""
    declared = declared_by(now.attack)
    if STEPS in declared:
        one = declared[STEPS]
        tied = address.bound(STEPS, now.steps)
        st.number_input("Steps", int(one.low or 0), int(one.high or 0), help=one.help, **tied)
    if NORM in declared:
        one = declared[NORM]
        st.segmented_control(
            "Strength counts",
            list(one.choices),
            required=True,
            format_func=lambda n: _NORMS.get(n, n),
            help=one.help,
            **address.bound(NORM, now.norm),
        )
