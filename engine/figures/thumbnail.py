"""An accuracy matrix small enough for a list: cells without numbers, as a picture that a page can hold by itself."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

import numpy as np
from plotly.colors import sample_colorscale

from engine.array_types import Floats
from engine.figures.forgetting import worst
from engine.figures.look import ACCURACY_SCALE, QUIET, percent
from engine.metrics.accuracy import finished
from engine.metrics.wording import loss

_CELL, _GAP = 10, 1
"""Sides of a cell and of the space between two, in units of the picture."""
_MOST_GAPS = 12
"""A matrix with more rows has cells without space between them."""


def thumbnail(accuracy: Floats) -> str:
    """The matrix [T, T], 0..1 with NaN where not known, as a `data:` address of an SVG; to come is a faint cell."""
    tasks = max(len(accuracy), 1)
    gap = _GAP if tasks <= _MOST_GAPS else 0
    cells = [_cell(accuracy[t, k], t, k, gap) for t in range(len(accuracy)) for k in range(t + 1)]
    side = tasks * _CELL
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {side} {side}'>{''.join(cells)}</svg>"
    return "data:image/svg+xml," + quote(svg, safe="/:='")


def told(accuracy: Floats) -> str:
    """What the picture says, for those who do not see it."""
    known = finished(accuracy)
    if not len(known):
        return "No task is finished yet"
    ends = f"Task 1 is at {percent(float(known[-1, 0]))} after {len(known)} of {len(accuracy)} tasks"
    return f"{ends}. {loss(worst(accuracy))}" if len(known) > 1 else ends


def _cell(value: float, row: int, column: int, gap: int) -> str:
    side = _CELL - gap
    where = f"x='{column * _CELL}' y='{row * _CELL}' width='{side}' height='{side}'"
    if np.isnan(value):
        return f"<rect {where} fill='{QUIET}' opacity='.2'/>"
    return f"<rect {where} fill='{_colours()[round(100 * float(np.clip(value, 0, 1)))]}'/>"


@lru_cache(maxsize=1)
def _colours() -> list[str]:
    """The scale at every per cent: asking for each cell's colour is slow."""
    return [colour.replace(" ", "") for colour in sample_colorscale(ACCURACY_SCALE, [k / 100 for k in range(101)])]
