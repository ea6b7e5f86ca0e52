"""A figure's numbers: as an HTML table to read, and as CSV to take along."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from engine.figures.tables import Cell, Table, to_csv
from engine.report.marks import safe, scrolled

MOST = 200
"""Rows shown of a table; the CSV has all."""
WIDE = 12
"""A table of more columns does not fit on paper, where a line says so in its place."""
_PLAIN = ",;:/ ()"
"""Signs that need no escape in a data address and would only make it longer."""


def twin(table: Table, name: str, title: str) -> str:
    """A table behind "View as table", with the link that saves it."""
    count = len(next(iter(table.values()), []))
    note = f"<p>The first {MOST} of {count} rows; the CSV has all.</p>" if count > MOST else ""
    wide = len(table) > WIDE
    if wide:
        note += f"<p class='on-paper'>Its table of {len(table)} columns is in the file, too wide for paper.</p>"
    return (
        f"<details class='twin{' wide' if wide else ''}'><summary>View as table</summary>{link(table, name)}{note}"
        f"{scrolled(f'{title}, as a table', html(table))}</details>"
    )


def link(table: Table, name: str) -> str:
    """The link that saves a table as CSV; its address holds the file."""
    address = "data:text/csv;charset=utf-8," + quote(to_csv(table), safe=_PLAIN)
    return f"<a class='save' download='plumage-{safe(name)}.csv' href=\"{safe(address)}\">Save as CSV</a>"


def html(table: Table) -> str:
    """The first rows of a table."""
    heads = "".join(f"<th scope='col'>{safe(name)}</th>" for name in table)
    rows = zip(*(values[:MOST] for values in table.values()), strict=True)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Iterable[Cell]) -> str:
    return "".join(_cell(value) for value in row)


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return f"<td>{safe(value)}</td>"
    if value is None:
        return "<td class='none'>–</td>"
    return f"<td class='number'>{value}</td>"
