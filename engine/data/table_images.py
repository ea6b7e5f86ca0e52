"""What the columns of a table say of images."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.data.attributes import UNKNOWN, ImageAttributes, named
from engine.data.folder_checks import some
from engine.data.images import shown
from engine.data.labelled import LabelledImages, refuse_repeats
from engine.data.splits import split_of
from engine.data.table import Table, TableRow, inside, read_table
from engine.data.texts.read import MAX_CHARACTERS
from engine.errors import BadFolder, BadInput, BadParameter

EVERY = "*"
DEFAULT_SPLIT = "split"
_TRUTHS = {"1": 1, "0": 0, "": UNKNOWN}


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table are called.

    Attributes:
        attributes: separated by commas, or `EVERY` for all that are nothing else.
    """

    path: str
    label: str
    split: str
    attributes: str


def images_of(path: Path, root: str, columns: Columns) -> LabelledImages:
    """Read a table.

    Args:
        root: the folder that its paths count from; empty for its own, which a relative one counts from.

    Raises:
        BadInput: the table cannot be used; the message names the line.
        BadFolder: an image is listed twice, or there is no such folder.
        BadParameter: `root` can be no path.
    """
    table = read_table(path, [columns.path, columns.label, *_named_by(columns)])
    if columns.split != DEFAULT_SPLIT and columns.split not in table.columns:
        problem = f"it has no column {shown(columns.split)}; its columns are {some(table.columns)}"
        raise BadInput(shown(path), problem, "Say what the column is called")
    folder = _folder(path, root)
    paths = [inside(table, row, row.values[columns.path], folder) for row in table.rows]
    refuse_repeats(paths, [f"line {row.line}" for row in table.rows])
    has_split = columns.split in table.columns
    return LabelledImages(
        shown(path.name),
        folder,
        paths,
        [_label(table, row, columns.label) for row in table.rows],
        [_split(table, row, columns.split) for row in table.rows] if has_split else None,
        _attributes(table, columns),
    )


def _folder(path: Path, root: str) -> Path:
    try:
        found = Path(os.path.realpath(path.parent / root))
    except ValueError:
        raise BadParameter(f"run: root = {root!r}", "this is no path", "Check the path", "root") from None
    if not os.path.isdir(found):
        raise BadFolder(shown(found), "there is no such folder", "Name the folder that the paths count from as root")
    return found


def _label(table: Table, row: TableRow, column: str) -> str:
    if not row.values[column]:
        raise table.wrong(row, f"its {shown(column)} is blank", "Label the image, or remove the line")
    return row.values[column]


def _split(table: Table, row: TableRow, column: str) -> str:
    said = row.values[column]
    split = split_of(said)
    if split is None:
        raise table.wrong(row, f"its {shown(column)} is {shown(said)!r}; allowed are train, val and test")
    return split


def _named_by(columns: Columns) -> list[str]:
    return [] if columns.attributes == EVERY else list(filter(None, map(str.strip, columns.attributes.split(","))))


def _attributes(table: Table, columns: Columns) -> ImageAttributes | None:
    """What the columns say that hold attributes, or None where there are none."""
    others = [name for name in table.columns if name not in (columns.path, columns.label, columns.split)]
    chosen = others if columns.attributes == EVERY else _named_by(columns)
    if not chosen:
        return None
    values = np.array([[_truth(table, row, name) for name in chosen] for row in table.rows], np.int8)
    return ImageAttributes(_once(table.path, named(chosen)), values)


def _truth(table: Table, row: TableRow, column: str) -> int:
    said = row.values[column]
    if said not in _TRUTHS:
        problem = f"its {shown(column)} is {shown(said)!r}, and an attribute is 1, 0 or nothing"
        remedy = "Correct it, or name the columns that are attributes (attributes=a,b; attributes= for none)"
        raise table.wrong(row, problem, remedy)
    return _TRUTHS[said]


def _once(path: Path, attributes: Sequence[tuple[str, str]]) -> dict[str, str]:
    odd = [name for name, _ in attributes if not name.isprintable() or len(name) > MAX_CHARACTERS]
    if odd:
        problem = f"{shown(odd[0])!r} is no attribute; one has at most {MAX_CHARACTERS} characters, none of control"
        raise BadInput(shown(path), problem, "Rename the column")
    twice = [name for name, times in Counter(name.casefold() for name, _ in attributes).items() if times > 1]
    if twice:
        raise BadInput(shown(path), f"two attributes read the same: {some(twice)}", "Rename a column")
    return dict(attributes)
