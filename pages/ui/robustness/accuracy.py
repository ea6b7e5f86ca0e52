"""Answers under attack: clean and attacked accuracy side by side, against strength, and over the tasks."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.figures import forgetting, robustness
from engine.figures.look import CONFIG, percent
from engine.figures.matrix import accuracy_matrix, accuracy_table
from engine.metrics.accuracy import last_accuracy
from engine.runs.view import RunView
from pages.ui import address
from pages.ui.panels import panel
from pages.ui.robustness import choices, examples
from pages.ui.robustness.found import Found

_CLEAN, _ATTACKED = "clean-matrix", "attacked-matrix"


def show(view: RunView, found: Found, at: int) -> None:
    """Two matrices on one scale, birds of a cell, then curves."""
    cell = _cell(found)
    left, right = st.columns(2)
    with left:
        _matrix(found, 0, _CLEAN, cell)
    with right:
        _matrix(found, at, _ATTACKED, cell)
    examples.show(view, found, at, *cell)
    left, right = st.columns(2)
    with left:
        _curves(found, at)
    with right:
        _over_tasks(found, at)


def _matrix(found: Found, at: int, key: str, cell: tuple[int, int]) -> None:
    matrix = found.matrix(at)
    value = robustness.strength(float(found.strengths[at]))
    told = f"{percent(last_accuracy(matrix))} right " + (f"under attack at {value}" if at else "without an attack")
    note = "Accuracy on each task after each task, in per cent; both matrices on one scale. A click chooses a cell"
    terms = ("robust_accuracy", "attack_strength") if at else ("accuracy_matrix",)
    with panel(key, told, note, lambda: accuracy_table(matrix), terms):
        st.plotly_chart(
            accuracy_matrix(matrix, cell),
            key=key,
            config=CONFIG,
            on_select=lambda: _clicked(key),
            selection_mode="points",
            alt=told,
        )


def _clicked(key: str) -> None:
    points = (st.session_state.get(key) or {}).get("selection", {}).get("points", [])
    if points:
        address.choose(choices.CELL, f"{int(points[0]['y']) + 1}-{int(points[0]['x']) + 1}")


def _cell(found: Found) -> tuple[int, int]:
    """The chosen cell, (moment, task); else what the newest model makes of its first task."""
    default = (found.moment, 0)
    asked = (address.value(choices.CELL) or "").split("-")
    numbers = [int(part) - 1 for part in asked if part.isascii() and part.isdigit()]
    chosen = (numbers[0], numbers[1]) if len(asked) == len(numbers) == 2 else default
    if not 0 <= chosen[1] <= chosen[0] <= found.moment:
        chosen = default
    address.settle(choices.CELL, None if chosen == default else f"{chosen[0] + 1}-{chosen[1] + 1}")
    return chosen


def _curves(found: Found, at: int) -> None:
    fall = found.fall
    told = robustness.half_words(fall)
    note = (
        f"Accuracy after task {found.moment + 1} against strength; band and whiskers: 95 % intervals (Wilson); thin "
        "lines: the tasks between"
    )
    names = [f"task {k + 1}" for k in range(found.moment + 1)]
    terms = ("robust_accuracy", "attack_strength")
    with panel("fall", told, note, lambda: robustness.fall_table(fall, names), terms):
        st.plotly_chart(robustness.fall_curves(fall, at), key="fall-curves", config=CONFIG, alt=told)


def _over_tasks(found: Found, at: int) -> None:
    matrix = found.matrix(at)
    value = robustness.strength(float(found.strengths[at]))
    worst = forgetting.worst(matrix)
    lost = found.forgotten(at)
    if np.isfinite(lost):
        told = f"Under attack {_lower(forgetting.mean_headline(lost))}; {_lower(forgetting.headline(worst))}"
    else:
        told = forgetting.headline(worst)
    note = f"Accuracy on each task under attack at {value}, from when it was learnt on"
    terms = ("robustness_forgetting",)
    with panel("robust-forgetting", told, note, lambda: forgetting.forgetting_table(matrix), terms):
        st.plotly_chart(forgetting.forgetting_lines(matrix), key="robust-lines", config=CONFIG, alt=told)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
