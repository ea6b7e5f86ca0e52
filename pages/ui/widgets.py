"""Widgets made from declared parameters: the declaration alone decides kind, limits, unit and help."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import streamlit as st

from engine.params import Parameter, Value
from engine.training.preflight import Problem
from pages.ui.text import safe

_LONG = 500
"""A text that may be longer than this gets a box of several lines."""


def field(declared: Parameter, scope: str, start: Value, problem: Problem | None = None, label: str = "") -> None:
    """Draw the widget of one parameter, and below it what is wrong with it; its value outlives its being hidden.

    Args:
        scope: distinguishes forms (preset, method), so that each starts from its own values.
        start: the value shown first.
        problem: what keeps the form from being sent; drawn here where it is about this parameter.
        label: what it is called, where that is not the parameter's own name.
    """
    if problem is not None and problem.field == declared.name:
        with st.container(key=place_of(declared.name)):
            _widget(declared, scope, start, label)
            wrong(problem)
    else:
        _widget(declared, scope, start, label)


def wrong(problem: Problem) -> None:
    """Draw what is wrong, below the widget that it is about."""
    said = f"{problem.error.allowed}. {problem.error.remedy}."
    st.html(f"<p class='pl-wrong' role='alert'>{safe(said[:1].upper() + said[1:])}</p>")


def place_of(name: str) -> str:
    """Key of the box around the widget that a problem is about."""
    return f"wrong-{name}"


def _widget(declared: Parameter, scope: str, start: Value, label: str = "") -> None:
    key = key_of(declared, scope)
    label = label or label_of(declared)
    note = f"{declared.help} {_sentence(declared.allowed())}" if declared.kind is not bool else declared.help
    if declared.kind is bool:
        st.toggle(label, value=bool(start), key=key, help=note, persist_state="session")
    elif declared.choices:
        options = list(declared.choices)
        first = options.index(str(start))
        st.selectbox(label, options, first, declared.words, key=key, help=note, persist_state="session")
    elif declared.kind is str:
        longest = int(declared.high) if declared.high else None
        make = st.text_area if (longest or 0) > 10 * _LONG else st.text_input
        make(label, value=str(start), key=key, help=note, max_chars=longest, persist_state="session")
    else:
        _number(declared, label, note, key, start)


def fields(
    declared: Sequence[Parameter],
    scope: str,
    start: Mapping[str, Value],
    columns: int = 3,
    problem: Problem | None = None,
) -> None:
    """Draw several parameters, side by side where there is room."""
    with st.grid(columns, min_column_width=220, vertical_alignment="top", key=f"grid-{scope}-{declared[0].name}"):
        for one in declared:
            field(one, scope, start.get(one.name, one.default), problem)


def changed(declared: Sequence[Parameter], scope: str, start: Mapping[str, Value]) -> dict[str, Value]:
    """The values that differ from `start`, also of widgets that are hidden just now."""
    found: dict[str, Value] = {}
    for one in declared:
        value = st.session_state.get(key_of(one, scope))
        if value is not None and value != start.get(one.name, one.default):
            found[one.name] = value
    return found


def key_of(declared: Parameter, scope: str) -> str:
    """The widget's key in the session."""
    return f"set-{scope}-{declared.name}"


def label_of(declared: Parameter) -> str:
    """The parameter's name in words, with its unit."""
    words = declared.name.replace("_", " ")
    told = declared.unit.rstrip("s") in words  # "epochs (epochs)" says nothing new
    return f"{words[:1].upper()}{words[1:]}" + ("" if told else f" ({declared.unit})")


def groups(declared: Sequence[Parameter]) -> dict[str, list[Parameter]]:
    """The parameters by their heading, in order of first appearance."""
    found: dict[str, list[Parameter]] = {}
    for one in declared:
        found.setdefault(one.group or "Settings", []).append(one)
    return found


def _number(declared: Parameter, label: str, note: str, key: str, start: Value) -> None:
    low, high = declared.low or 0, declared.high if declared.high is not None else 0
    if declared.kind is int:
        st.number_input(
            label, int(low), int(high), value=int(start), step=1, key=key, help=note, persist_state="session"
        )
        return
    st.number_input(
        label,
        float(low),
        float(high),
        value=float(start),
        step=_step(float(start), float(high)),
        format="%g",
        key=key,
        help=note,
        persist_state="session",
    )


def _step(start: float, high: float) -> float:
    """A tenth of the size of the value, so that small and large parameters move sensibly."""
    size = abs(start) or high or 1.0
    return float(10.0 ** (math.floor(math.log10(size)) - 1))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
