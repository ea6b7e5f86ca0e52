"""Every figure's twin: the same numbers as columns, on screen as a table and on disk as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import numpy as np

from engine.array_types import Floats

Cell = str | int | float | None
Table = dict[str, list[Cell]]
"""Columns by heading, all of one length."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text cell that starts like this would run as a formula in a spreadsheet."""


def cell(value: float, digits: int = 4) -> float | None:
    """A rounded number, or None where it is not known."""
    return round(float(value), digits) if np.isfinite(value) else None


def matrix_table(values: Floats, row_names: Sequence[str], column_names: Sequence[str], corner: str) -> Table:
    """A matrix as a table: one column of row names under `corner`, then one column per matrix column."""
    table: Table = {corner: list(row_names)}
    for j, name in enumerate(column_names):
        table[name] = [cell(v) for v in values[:, j]]
    return table


def to_csv(table: Table) -> str:
    """The table as CSV, with texts that a spreadsheet would run as a formula defused by a leading apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([_defused(name) for name in table])
    writer.writerows([_defused(value) for value in row] for row in _rows(table))
    return out.getvalue()


def _rows(table: Table) -> Iterable[tuple[Cell, ...]]:
    return zip(*table.values(), strict=True)


def _defused(value: Cell) -> Cell:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
