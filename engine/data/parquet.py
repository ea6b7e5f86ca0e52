"""Embeddings as parquet files: one with a column of them, or a folder as clip-retrieval writes it.

    img_emb/img_emb_0.npy, ...              float [n, D] a shard
    metadata/metadata_0.parquet, ...        n rows a shard: a label, perhaps a split and a name

or as `python -m engine embed` does (`engine.data.embedded`).

(Beaumont 2022, clip-retrieval, https://github.com/rom1504/clip-retrieval; its text embeddings are of captions and are
not read.)
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.array_files import read_npy
from engine.data.embedded import finished_shards, is_embedded
from engine.data.folder_checks import list_folder, some
from engine.data.images import shown
from engine.data.packed import MAX_UNPACKED
from engine.data.vector_arrays import Array
from engine.errors import BadInput
from engine.paths import input_file

_IMAGES, _METADATA = "img_emb", "metadata"
_NUMBER = re.compile(r"_(\d{1,9})\.(npy|parquet)$")
_DAMAGED = "it is no parquet file, or its end was cut off on the way"


@dataclass(frozen=True, slots=True)
class ParquetColumns:
    """What the columns are called. An empty name, or a default that is not there, is none."""

    embedding: str
    label: str
    split: str
    name: str


def read_parquet(path: Path, columns: ParquetColumns) -> dict[str, Array]:
    """Arrays by the names of `engine.data.vector_arrays.NAMES`.

    Raises:
        BadParameter: there is no such file.
        BadFolder: the folder cannot be read.
        BadInput: it is no parquet, is damaged, lacks a column, or its shards do not fit together or are not all there.
    """
    if os.path.isdir(path) and not is_embedded(path):
        images, tables = _shards(path, columns)
    else:
        files = finished_shards(path) if os.path.isdir(path) else [path]
        tables = [_table(file, columns, columns.embedding) for file in files]
        full = [(file, table) for file, table in zip(files, tables, strict=True) if table.num_rows or len(files) == 1]
        images = [_embeddings(file, table, columns.embedding) for file, table in full]
    found = {
        name: np.concatenate([_plain(path, table, column) for table in tables])
        for name, column in (("labels", columns.label), ("split", columns.split), ("ids", columns.name))
        if column in tables[0].column_names
    }
    return {"images": np.concatenate(images), **found}


def _shards(root: Path, columns: ParquetColumns) -> tuple[list[Array], list[Any]]:
    files = {
        folder: _numbered(list_folder(root / folder, root.resolve() if root.is_symlink() else root), suffix)
        for folder, suffix in ((_IMAGES, "npy"), (_METADATA, "parquet"))
    }
    if not files[_IMAGES] or files[_IMAGES].keys() != files[_METADATA].keys():
        told = ", ".join(f"{folder} has {some([str(n) for n in found]) or 'none'}" for folder, found in files.items())
        raise BadInput(shown(root), f"its shards do not belong together: {told}", "Copy all of it again")
    images: list[Array] = []
    tables: list[Any] = []
    for number, path in files[_IMAGES].items():
        array, table = read_npy(path, "run: path ="), _table(files[_METADATA][number], columns)
        if array.ndim != 2 or len(array) != table.num_rows or (images and array.shape[1] != images[0].shape[1]):
            problem = (
                f"its shape is {list(array.shape)}; {shown(files[_METADATA][number].name)} has {table.num_rows} rows"
            )
            raise BadInput(shown(path), f"{problem}, and all shards have one width", "Embed the images again")
        images.append(array)
        tables.append(table)
    return images, tables


def _numbered(found: dict[str, Path], suffix: str) -> dict[int, Path]:
    matches = ((_NUMBER.search(name), path) for name, path in found.items())
    return dict(sorted((int(match[1]), path) for match, path in matches if match and match[2] == suffix))


def _table(path: Path, columns: ParquetColumns, *needed: str) -> Any:
    """The wanted columns of a file."""
    import pyarrow
    from pyarrow import parquet

    with input_file(path, "run: path =").open("rb") as file:
        try:
            opened = parquet.ParquetFile(file)
            names = opened.schema_arrow.names
            missing = [name for name in (columns.label, *needed) if name not in names]
            if missing:
                problem = f"it has no column {some(missing)}; its columns are {some(names)}"
                raise BadInput(shown(path), problem, "Say what the columns are called")
            chosen = [n for n in names if n in (columns.label, columns.split, columns.name, *needed)]
            _refuse_large(path, opened)
            return opened.read(chosen)
        except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
            raise BadInput(shown(path), _DAMAGED, "Copy it again") from error


def _refuse_large(path: Path, opened: Any) -> None:
    meta = opened.metadata
    size = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
    if size > MAX_UNPACKED:
        problem = f"its columns take {size / 2**30:.1f} GiB, and at most {MAX_UNPACKED // 2**30} are read"
        raise BadInput(shown(path), problem, "Give fewer rows or columns")


def _embeddings(path: Path, table: Any, column: str) -> Array:
    """A column of lists of numbers as [N, D]."""
    rows = table.column(column).combine_chunks()
    widths = _widths(rows)
    width = int(widths.max(initial=0))
    odd = np.flatnonzero(widths != width)
    if len(odd) or not width:
        row = int(odd[0]) if len(odd) else 0
        problem = f"it has {max(int(widths[row]), 0) if len(widths) else 'no'} numbers, and others have {width}"
        raise BadInput(f"{shown(path)}: {shown(column)}, row {row}", problem, "Embed the images again")
    return np.asarray(rows.flatten().to_numpy(zero_copy_only=False)).reshape(-1, width)


def _widths(rows: Any) -> Array:
    import pyarrow
    import pyarrow.compute

    kind = rows.type
    if not (pyarrow.types.is_list(kind) or pyarrow.types.is_large_list(kind) or pyarrow.types.is_fixed_size_list(kind)):
        raise BadInput("the column of embeddings", f"it holds {kind} and no lists of numbers", "Name another column")
    return np.asarray(pyarrow.compute.fill_null(pyarrow.compute.list_value_length(rows), -1).to_numpy(False), np.int64)


def _plain(path: Path, table: Any, column: str) -> Array:
    """A column of numbers or texts."""
    import pyarrow

    rows = table.column(column).combine_chunks()
    if pyarrow.types.is_dictionary(rows.type):
        rows = rows.dictionary_decode()
    if rows.null_count:
        missing = int(np.flatnonzero(np.asarray(rows.is_null()))[0])
        raise BadInput(f"{shown(path)}: {shown(column)}, row {missing}", "it is empty", "Fill it in")
    if pyarrow.types.is_integer(rows.type):
        return np.asarray(rows.to_numpy(zero_copy_only=False))
    if pyarrow.types.is_string(rows.type) or pyarrow.types.is_large_string(rows.type):
        return _texts(rows.to_pylist())
    raise BadInput(
        f"{shown(path)}: {shown(column)}", f"it holds {rows.type}; texts or whole numbers are read", "Change it"
    )


def _texts(values: Sequence[str]) -> Array:
    return np.array(values, np.str_) if values else np.zeros(0, "U1")
