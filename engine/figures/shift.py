"""How far attention moved under attack: over the tasks, by group of concepts, and whether it goes with mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Bools, Floats, Ints
from engine.figures.forgetting import time_axes
from engine.figures.look import (
    DARK_TEXT,
    LIGHT_TEXT,
    MAX_CELL_TEXTS,
    QUIET,
    add_line,
    frame,
    plain,
    whiskers,
    with_legend,
)
from engine.figures.matrix import axis_of, cells, number
from engine.figures.robustness import ATTACKED
from engine.figures.tables import Table, cell, matrix_table
from engine.metrics.attention_shift import NAMES
from engine.metrics.robustness import wilson

MEASURES: Mapping[str, str] = dict(
    zip(
        NAMES,
        ("Mean change", "Root mean square change", "1 − likeness", "1 − overlap of the top 20 %", "Distance moved"),
        strict=True,
    )
)
"""The measures on screen, all so that more is further."""
UNITS: Mapping[str, str] = {"displacement": "patches"}
GUIDES: Mapping[str, str] = {"text": "The class's name", "row": "The learnt direction"}
"""Whose map it is: of the class's text embedding, or of its learnt row."""
MOVED = [[0.0, "#FBE9DC"], [1.0, "#B84A00"]]
"""From nothing moved to furthest; opaque, so that the letters on it are readable on a light and on a dark page."""
_LIGHT_FROM = 0.85
"""Where on that scale light letters become more readable than dark ones."""
_GUIDE_LOOKS = {"text": (QUIET, "dash"), "row": (ATTACKED, "solid")}
PARTS = 5
"""Images are sorted by how far their map moved, into so many parts."""
_ROW = 30
_APART = 14  # pixels between an axis's numbers and its title
_WORTH = 0.10
"""A shift that grew or shrank by less than this share of itself stayed as it was."""


def amount(value: float, measure: str) -> str:
    """A shift with its unit: `0.21`, `1.4 patches`."""
    if not np.isfinite(value):
        return "not known"
    return f"{value:.1f} {UNITS[measure]}" if measure in UNITS else f"{value:.2f}"


# -- over the tasks ----------------------------------------------------------------------------------------------------


def shift_lines(
    guides: Sequence[str], mean: Floats, low: Floats, high: Floats, tasks: int, measure: str, height: int = 340
) -> go.Figure:
    """Mean shift after each task with its 95 % interval, one line a guide; arrays [G, T]."""
    figure = go.Figure()
    for g, guide in enumerate(guides):
        known = np.flatnonzero(np.isfinite(mean[g]))
        colour, dash = _GUIDE_LOOKS.get(guide, (QUIET, "dot"))
        ends = {"type": "data", "array": (high - low)[g, known] / 2, "thickness": 1.5, "width": 4}
        name = GUIDES.get(guide, guide)
        hover = f"after task %{{x}}, {name.lower()}: %{{y:.3f}}"
        add_line(figure, known + 1, mean[g, known], name, colour, hover, dash, error_y=ends)
    time_axes(figure, tasks)
    most = float(np.nanmax(high)) if np.isfinite(high).any() else 1.0
    unit = f" ({UNITS[measure]})" if measure in UNITS else ""
    figure.update_yaxes(
        title=f"{MEASURES[measure].lower()}{unit}", range=[0, 1.1 * max(most, 1e-6)], tickformat=None, dtick=None
    )
    return with_legend(frame(figure, height), fixed=True, margin_t=40)


def shift_words(mean: Floats, measure: str) -> str:
    """How the shift of one guide changed over the tasks, [T], in words."""
    known = np.flatnonzero(np.isfinite(mean))
    if not len(known):
        return "No map can be made with this backbone"
    first, last = float(mean[known[0]]), float(mean[known[-1]])
    if len(known) == 1:
        return f"The attack moves attention by {amount(last, measure)}"
    grown = last - first
    alike = amount(first, measure) == amount(last, measure)
    if alike or abs(grown) <= _WORTH * max(abs(first), 1e-9):
        return f"The attack moves attention by {amount(last, measure)}, after task {known[-1] + 1} as at first"
    verb = "further" if grown > 0 else "less far"
    return (
        f"With every task attention is moved {verb}: {amount(first, measure)} after task {known[0] + 1}, "
        f"{amount(last, measure)} after task {known[-1] + 1}"
        if _steady(mean[known])
        else f"Attention is moved {verb} than at first: {amount(first, measure)} after task {known[0] + 1}, "
        f"{amount(last, measure)} after task {known[-1] + 1}"
    )


def _steady(values: Floats) -> bool:
    steps = np.diff(values)
    return bool((steps >= 0).all() or (steps <= 0).all())


def shift_table(guides: Sequence[str], mean: Floats, low: Floats, high: Floats) -> Table:
    """The twin of `shift_lines`."""
    table: Table = {"after task": list(range(1, mean.shape[1] + 1))}
    for g, guide in enumerate(guides):
        name = GUIDES.get(guide, guide).lower()
        table[name] = [cell(v) for v in mean[g]]
        table[f"{name}, low"] = [cell(v) for v in low[g]]
        table[f"{name}, high"] = [cell(v) for v in high[g]]
    return table


# -- tables that are looked at -----------------------------------------------------------------------------------------


def moved_map(
    values: Floats, rows: Sequence[str], columns: Sequence[str], titles: tuple[str, str], measure: str
) -> go.Figure:
    """A table of shifts [R, C] as a heat map on its own scale from zero, values in its cells; NaN stays empty.

    Args:
        titles: of the rows and of the columns.
    """
    known = values[np.isfinite(values)]
    most = float(known.max()) if len(known) and known.max() > 0 else 1.0
    words = [
        [f"{plain(row)}, {plain(column)}: {amount(float(values[i, j]), measure)}" for j, column in enumerate(columns)]
        for i, row in enumerate(rows)
    ]
    figure = go.Figure(cells(values, (0, most), MOVED, words).update(hoverongaps=False))
    if len(rows) <= MAX_CELL_TEXTS and len(columns) <= MAX_CELL_TEXTS:
        figure.layout.annotations = [
            number(i, j, f"{value:.2f}", 12, color=LIGHT_TEXT if value > _LIGHT_FROM * most else DARK_TEXT)
            for (i, j), value in np.ndenumerate(values)
            if np.isfinite(value)
        ]
    figure.update_xaxes(axis_of(titles[1], [plain(column) for column in columns]), title_standoff=_APART)
    figure.update_yaxes(axis_of(titles[0], [plain(row) for row in rows], downwards=True))
    return frame(figure, max(240, _ROW * len(rows) + 70))


def moved_table(values: Floats, rows: Sequence[str], columns: Sequence[str], corner: str) -> Table:
    """The twin of `moved_map`."""
    return matrix_table(values, rows, columns, corner)


# -- does it go with mistakes? -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShiftBins:
    """Images sorted by their shift, in parts of alike size.

    Attributes:
        shift: mean shift of each part, [P].
        fooled: how many of them were fooled, [P].
        count: images, [P].
    """

    shift: Floats
    fooled: Ints
    count: Ints


def parts(shift: Floats, fooled: Bools, most: int = PARTS) -> ShiftBins:
    """Sort images by shift [N] and count who was fooled in each part; at most `most`, fewer where images are few."""
    known = np.flatnonzero(np.isfinite(shift))
    order = known[np.argsort(shift[known], kind="stable")]
    pieces = [piece for piece in np.array_split(order, most) if len(piece)]
    return ShiftBins(
        np.array([shift[piece].mean() for piece in pieces]),
        np.array([fooled[piece].sum() for piece in pieces], np.int64),
        np.array([len(piece) for piece in pieces], np.int64),
    )


def parts_bars(found: ShiftBins, measure: str, height: int = 340) -> go.Figure:
    """Share of images fooled in each part, least moved first, with 95 % Wilson intervals."""
    shares = found.fooled / found.count
    low, high = wilson(found.fooled, found.count)
    figure = go.Figure(
        go.Bar(
            x=list(range(len(shares))),
            y=shares,
            marker={"color": ATTACKED, "opacity": 0.85},
            error_y=whiskers(shares, low, high, color=QUIET, thickness=2, width=5),
            hovertext=[
                f"moved by {amount(float(s), measure)}: {f} of {n} fooled"
                for s, f, n in zip(found.shift, found.fooled, found.count, strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.update_xaxes(
        title=f"attention moved by ({MEASURES[measure].lower()})",
        tickmode="array",
        tickvals=list(range(len(shares))),
        ticktext=[f"{value:.2f}" for value in found.shift],
        showgrid=False,
    )
    figure.update_yaxes(title="fooled", tickformat=".0%", range=[0, 1.05], dtick=0.25)
    return frame(figure, height)


def parts_table(found: ShiftBins) -> Table:
    """The twin of `parts_bars`."""
    low, high = wilson(found.fooled, found.count)
    return {
        "mean shift": [cell(v) for v in found.shift],
        "images": found.count.tolist(),
        "fooled": found.fooled.tolist(),
        "share": [cell(v) for v in found.fooled / found.count],
        "low": [cell(v) for v in low],
        "high": [cell(v) for v in high],
    }
