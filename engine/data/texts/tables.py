"""Concepts in a table as spreadsheets write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from engine.data.images import shown
from engine.errors import BadInput

CONCEPT = "concept"
_DELIMITERS = (",", ";", "\t")
_LONGEST = 10_000  # characters of a value: far beyond any text that is kept


@dataclass(frozen=True, slots=True)
class Rows:
    """A table.

    Attributes:
        columns: their names, in lower case and without spaces around them.
        rows: values by column, without spaces around them; short rows end in blanks.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


def rows_of(name: str, text: str) -> Rows | None:
    """The rows of a table whose header has a column `concept` and another one; None where a text is no such table.

    Args:
        name: of the file, for messages.

    Raises:
        BadInput: it has that header, and a column twice or a row that is none.
    """
    first = text.lstrip("\r\n").partition("\n")[0]
    for delimiter in _DELIMITERS:
        columns = tuple(column.strip().strip("\"'").strip().casefold() for column in first.split(delimiter))
        if CONCEPT in columns and len(columns) > 1:
            return _table(name, text.lstrip("\r\n"), delimiter, columns)
    return None


def _table(name: str, text: str, delimiter: str, columns: tuple[str, ...]) -> Rows:
    twice = sorted({column or "without a name" for column in columns if not column or columns.count(column) > 1})
    if twice:
        raise BadInput(name, f"each column needs a name of its own; look at {shown(', '.join(twice))}", "Rename them")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = []
    try:
        for values in reader:
            if len(values) > len(columns) or any(len(value) > _LONGEST for value in values):
                raise csv.Error(f"it has {len(values)} values under {len(columns)} columns, or a value without end")
            blanks = [""] * (len(columns) - len(values))
            found.append(dict(zip(columns, [*(value.strip() for value in values), *blanks], strict=True)))
    except csv.Error as error:
        raise BadInput(
            f"{name}, line {reader.line_num}", f"it is no row of the table: {error}", "Correct it"
        ) from error
    return Rows(columns, tuple(row for row in found[1:] if any(row.values())))
