"""Answers under attack: clean and attacked accuracy side by side, against strength, and over the tasks."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.attack import accuracy as exhibits
from engine.exhibits.attack.found import Found
from engine.store.view import RunView
from pages.ui import address, panels
from pages.ui.attack import choices, examples

_CLEAN, _ATTACKED = "clean-matrix", "attacked-matrix"


def show(view: RunView, found: Found, at: int) -> None:
    """Two matrices on one scale, birds of a cell, then curves."""
    cell = _cell(found)
    for column, strength, key in zip(st.columns(2), (0, at), (_CLEAN, _ATTACKED), strict=True):
        with column:
            panels.show(
                exhibits.matrix(found, strength, cell),
                note="" if strength else "Click a cell for its pictures",
                chart=key,
                on_select=panels.on_point(key, _clicked),
            )
    examples.show(view, found, at, *cell)
    left, right = st.columns(2)
    with left:
        panels.show(exhibits.fall(found, at), chart="fall-curves")
    with right:
        panels.show(exhibits.over_tasks(found, at), chart="robust-lines")


def _clicked(row: int, column: int) -> None:
    address.choose(choices.CELL, f"{row + 1}-{column + 1}")


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
