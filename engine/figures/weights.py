"""The head as a picture: one row a class, one column a concept, blue where it speaks for the class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.explain.wording import signed
from engine.figures.contributions import short
from engine.figures.look import SIGNED, frame, plain
from engine.figures.matrix import axis_of, cells, targets
from engine.figures.tables import Table, matrix_table
from engine.metrics.concepts import effective

CHOSEN = "#E69F00"
"""The outline of the chosen cell, as in the bars of one image."""
_PERCENTILE = 99
"""The scale ends here on both sides, so that one extreme weight does not make all others pale."""
_ROW, _LEAST_ROW, _MOST = 17, 12, 1200
"""Pixels: of a row where there is room, of the lowest row that still has its name, and of the whole grid."""
_NAMES = 150
"""Pixels kept for the concepts' names above the grid."""
_BAR = 170
"""Pixels of the colour bar."""
_LONGEST = 24
_COLUMNS_NAMED = 80
"""More columns than this have no room for names; hover and table have them."""


def scale_limit(values: Floats) -> float:
    """Where the scale ends on both sides: the 99th percentile of the sizes that are effective; above 0."""
    told = np.abs(values[effective(values)])
    return float(np.percentile(told, _PERCENTILE)) if len(told) else 1.0


def weights_heatmap(
    values: Floats,
    classes: Sequence[str],
    concepts: Sequence[str],
    *,
    before: Floats | None = None,
    chosen: tuple[int | None, int | None] = (None, None),
    limit: float | None = None,
) -> go.Figure:
    """Draw weights [R, C], or with `before` what became of those.

    The second trace's points lie at (column, row): they are what a click selects.

    Args:
        classes, concepts: names of rows and columns, in the order drawn.
        before: [R, C], the weights at another moment; then `values - before` is drawn.
        chosen: row and column to outline; either may be None.
        limit: where the scale ends; `scale_limit` if not given.
    """
    drawn = values if before is None else values - before
    end = limit or scale_limit(drawn)
    figure = go.Figure(_cells(drawn, end, "weight" if before is None else "change"))
    figure.add_trace(_targets(values, before, classes, concepts))
    _outline(figure, chosen, drawn.shape)
    figure.update_xaxes(_columns(concepts))
    figure.update_yaxes(_rows(classes))
    return frame(figure, _height(len(classes)) + _NAMES).update_layout(margin_t=4)


def weights_table(values: Floats, classes: Sequence[str], concepts: Sequence[str]) -> Table:
    """The twin of `weights_heatmap`: what is drawn, in its order."""
    return matrix_table(values, classes, concepts, "class")


def strongest(values: Floats) -> tuple[int, int] | None:
    """(row, column) of the entry with the largest size, or None where all are zero or unknown."""
    sizes = np.abs(np.nan_to_num(values))
    if not sizes.size or not sizes.max():
        return None
    row, column = divmod(int(sizes.argmax()), values.shape[1])
    return row, column


def digits(size: float) -> int:
    """Decimals that show about two figures of a number of this size."""
    return 2 if abs(size) >= 0.1 or not size else 3 if abs(size) >= 0.01 else 4


def weights_headline(values: Floats, classes: Sequence[str], concepts: Sequence[str]) -> str:
    """The strongest weight in words."""
    found = strongest(values)
    if found is None:
        return "No concept has a weight"
    value = float(values[found])
    verb = "speaks most for" if value > 0 else "speaks most against"
    return f"“{concepts[found[1]]}” {verb} {classes[found[0]]} ({signed(value, digits(value))})"


def change_headline(values: Floats, before: Floats, classes: Sequence[str], concepts: Sequence[str]) -> str:
    """The largest change in words, with both values."""
    found = strongest(values - before)
    if found is None:
        return "No weight has changed"
    places = digits(float((values - before)[found]))
    then, now = signed(float(before[found]), places), signed(float(values[found]), places)
    return f"“{concepts[found[1]]}” changed most for {classes[found[0]]}: {then}, then {now}"


def _cells(drawn: Floats, end: float, title: str) -> go.Heatmap:
    """The grid. Cells that are as good as zero stay empty."""
    gap = 1 if max(drawn.shape, default=0) <= _COLUMNS_NAMED else 0
    ticks = [-end, 0.0, end]
    bar = {
        "title": {"text": title, "side": "right"},
        "thickness": 9,
        "lenmode": "pixels",
        "len": _BAR,
        "outlinewidth": 0,
        "tickvals": ticks,
        "ticktext": [signed(v, digits(end)) if v else "0" for v in ticks],
        "xpad": 4,
    }
    found = cells(np.where(effective(drawn), drawn, np.nan), (-end, end), SIGNED, gap=gap)
    return found.update(showscale=True, colorbar=bar, zmid=0, hoverongaps=False)


def _targets(values: Floats, before: Floats | None, classes: Sequence[str], concepts: Sequence[str]) -> go.Scatter:
    rows, columns = np.indices(values.shape)
    words = []
    for i, j in zip(rows.ravel().tolist(), columns.ravel().tolist(), strict=True):
        text = signed(float(values[i, j]), 3)
        if before is not None:
            then = float(before[i, j])
            text = f"{signed(then, 3)}, then {text} ({signed(float(values[i, j]) - then, 3)})"
        words.append(f"{plain(concepts[j])}<br>{plain(classes[i])}: {text}")
    return targets(rows.ravel(), columns.ravel(), words, 14)


def _outline(figure: go.Figure, chosen: tuple[int | None, int | None], shape: tuple[int, ...]) -> None:
    """Thin lines along the chosen row and column, and a frame where they meet."""
    row, column = chosen
    thin, thick = {"color": CHOSEN, "width": 1.5}, {"color": CHOSEN, "width": 3}
    if row is not None:
        figure.add_shape(type="rect", x0=-0.5, x1=shape[1] - 0.5, y0=row - 0.5, y1=row + 0.5, line=thin)
    if column is not None:
        figure.add_shape(type="rect", x0=column - 0.5, x1=column + 0.5, y0=-0.5, y1=shape[0] - 0.5, line=thin)
    if row is not None and column is not None:
        figure.add_shape(type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5, line=thick)


def _columns(names: Sequence[str]) -> dict[str, object]:
    told = [plain(short(name, _LONGEST)) for name in names] if len(names) <= _COLUMNS_NAMED else []
    axis = {"side": "top", "tickangle": -60, "range": [-0.5, len(names) - 0.5], "tickfont": {"size": 11}}
    return axis_of("", told) | axis


def _rows(names: Sequence[str]) -> dict[str, object]:
    roomy = _height(len(names)) >= _LEAST_ROW * len(names)
    told = [plain(short(name, _LONGEST)) for name in names] if roomy else []
    return axis_of("", told) | {"range": [len(names) - 0.5, -0.5], "tickfont": {"size": 11}}


def _height(rows: int) -> int:
    return min(_ROW * max(rows, 4), _MOST)
