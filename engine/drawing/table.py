"""A table of words and numbers as it stands on a page, where there is no chart to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.drawing.ink import HAIR, INK, SOFT, element, filled, plain, size_of, stroked, text
from engine.drawing.plot import COLOURS

_GAP = 1.6
"""Between two columns, in letters' sizes."""
_ROW = 1.7
"""Height of a row, in letters' sizes."""
_MOST = 6
"""Rows at most: the first ones say what the table is for."""
_SHARE = 0.35
"""Part of the width that the bars of a column of shares take where there is room."""


def table(columns: Mapping[str, Sequence[Any]], wide: float, high: float, size: float) -> str:
    """Columns under their headings; as many rows as fit, a bar beside each of the last column's shares.

    Args:
        columns: by heading; any text.
    """
    rows = min(int(high / (size * _ROW)) - 1, _MOST)
    cells = {name: [_said(value) for value in list(values)[:rows]] for name, values in columns.items()}
    x, told = 0.0, []
    for name, words in cells.items():
        number = all(isinstance(value, int | float) or value is None for value in list(columns[name])[:rows])
        room = max(size_of(plain(one), size)[0] for one in (name, *words))
        if x + room > wide:
            break
        place = x + room if number else x
        for row, one in enumerate((name, *words)):
            y = (row + 0.5) * size * _ROW
            told.append(text(place, y, plain(one), size, SOFT if row == 0 else INK, across=1.0 if number else 0.0))
        x += room + size * _GAP
    told.append(element("line", x1=0, y1=size * _ROW, x2=min(x, wide), y2=size * _ROW, **stroked(HAIR, 1.0)))
    return "".join(told) + _bars(columns, rows, x, wide, size)


def _bars(columns: Mapping[str, Sequence[Any]], rows: int, left: float, wide: float, size: float) -> str:
    """Bars of the last column that holds shares of one, to the right of the table."""
    shares = [
        values
        for values in columns.values()
        if values and all(isinstance(value, float) and 0 <= value <= 1 for value in values)
    ]
    room = min(wide - left, wide * _SHARE)
    if not shares or room < 4 * size:
        return ""
    return "".join(
        element(
            "rect",
            x=left,
            y=(row + 1.2) * size * _ROW,
            width=room * value,
            height=size * _ROW * 0.6,
            **filled(COLOURS[0]),
        )
        for row, value in enumerate(list(shares[-1])[:rows])
    )


def _said(value: Any) -> str:
    return "" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
