"""A table of images in a CSV file, as spreadsheets write them: checked whole, with the line of whatever is wrong."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.folder_checks import some
from engine.data.images import shown
from engine.errors import BadInput
from engine.structures import Malformed, read_file

MAX_BYTES = 256 * 2**20
_DELIMITERS = (",", ";", "\t")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_REMEDY = "Correct the table"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of a table.

    Attributes:
        line: its number in the file, from 1.
        values: by column, without spaces around them.
    """

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was read.

    Attributes:
        path: of the file.
        columns: their names, in order.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]

    def wrong(self, row: TableRow, problem: str, remedy: str = _REMEDY) -> BadInput:
        """The error for a line."""
        return BadInput(f"{shown(self.path)}, line {row.line}", problem, remedy)


def read_table(path: Path, needed: Sequence[str]) -> Table:
    """Read a CSV file in UTF-8, with or without its mark, whose values are parted by commas, semicolons or tabs.

    Args:
        needed: columns that it must have.

    Raises:
        BadInput: it cannot be read, is in another encoding, lacks a column or has one twice, or a line has another
            number of values.
    """
    text = _text(path)
    header, rows = _lines(path, text, needed)
    named = [name.strip() for name in header]
    missing = [name for name in needed if name not in named]
    if missing:
        problem = f"it has no column {some(missing)}; its columns are {some(named)}"
        raise BadInput(shown(path), problem, "Name the columns so, or say what they are called")
    twice = [name or "without a name" for name, times in Counter(named).items() if times > 1 or not name]
    if twice:
        raise BadInput(shown(path), f"each column needs a name of its own; look at {some(twice)}", _REMEDY)
    table = Table(path, tuple(named), ())
    found = []
    for line, values in rows:
        row = TableRow(line, {name: value.strip() for name, value in zip(named, values, strict=False)})
        if len(values) != len(named):
            raise table.wrong(row, f"it has {len(values)} values, and the table has {len(named)} columns")
        found.append(row)
    if not found:
        raise BadInput(shown(path), "it lists no images below its header", "Add one line an image")
    return Table(path, table.columns, tuple(found))


def _text(path: Path) -> str:
    try:
        data = read_file(path, MAX_BYTES)
    except Malformed as problem:
        raise BadInput(shown(path), f"{problem}; a table is an ordinary file", "Give another one") from problem
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(shown(path), f"it cannot be read ({reason})", "Check that it is there and readable") from error
    if data.startswith(_UTF16):
        raise BadInput(shown(path), "it is text in UTF-16, and tables are read in UTF-8", "Save it as CSV in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = f"it is not text in UTF-8 (byte 0x{data[error.start]:02x})"
        raise BadInput(f"{shown(path)}, line {line}", told, "Save it as CSV in UTF-8") from error


def _lines(path: Path, text: str, needed: Sequence[str]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The header, and the other lines that are not empty, parted by what parts the header best."""
    headers = {}
    for delimiter in _DELIMITERS:
        _, headers[delimiter] = next(_parted(path, text, delimiter), (0, []))
    best = max(_DELIMITERS, key=lambda d: (sum(name.strip() in needed for name in headers[d]), len(headers[d])))
    if not any(name.strip() for name in headers[best]):
        raise BadInput(
            shown(path), "it is empty", f"Its first line names the columns, {' and '.join(needed)} among them"
        )
    rows = _parted(path, text, best)
    next(rows)
    return headers[best], rows


def _parted(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for values in reader:
            if any(value.strip() for value in values):
                yield reader.line_num, values
    except csv.Error as error:
        raise BadInput(
            f"{shown(path)}, line {reader.line_num}", f"it is no line of a table ({error})", _REMEDY
        ) from error


def inside(table: Table, row: TableRow, value: str, root: Path) -> Path:
    """The path that a line gives, within a folder.

    Args:
        root: the folder that it counts from and may not leave, without links in its own path.

    Raises:
        BadInput: it is blank, no path, or leads out of the folder.
    """
    if not value or not value.isprintable():
        raise table.wrong(row, f"{shown(value)!r} is no path of an image")
    path = Path(os.path.normpath(root / value))
    if not path.is_relative_to(root) or path == root:
        problem = f"the path {shown(value)!r} leads out of {shown(root)}"
        raise table.wrong(
            row, problem, "Give paths within the table's folder, or name the folder of the images as root"
        )
    return path
