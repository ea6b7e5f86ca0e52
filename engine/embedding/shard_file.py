"""A shard as bytes, and what must be true of rows before they become one."""

from __future__ import annotations

import io

import numpy as np

from engine.embedding.listing import PictureListing, name_of
from engine.embedding.work import ShardOrder, ShardRows
from engine.errors import NotApplicable

_UNIT = 1e-3
"""How far the length of a row may be from 1."""


def check_rows(order: ShardOrder, made: ShardRows) -> None:
    """Rows that came back are those that were asked for, as far as can be seen from the numbers.

    Raises:
        NotApplicable: they are not.
    """
    places = [place for place, _ in made.left_out]
    expected = len(order.files) - len(places)
    sound = places == sorted(set(places)) and all(0 <= place < len(order.files) for place in places)
    if not sound or made.number != order.number or made.rows.shape != (expected, order.width):
        raise _refused(order, f"{list(made.rows.shape)} numbers came back, and [{expected}, {order.width}] are needed")
    if made.rows.dtype != np.float32 or not np.isfinite(made.rows).all():
        raise _refused(order, "a number in it is not finite, or no float32")
    if expected and np.abs(np.linalg.norm(made.rows, axis=1) - 1).max() > _UNIT:
        raise _refused(order, "a row in it has not the length 1")


def shard_bytes(listing: PictureListing, first: int, count: int, made: ShardRows) -> bytes:
    """The parquet file of `count` pictures from place `first` on; equal rows give equal bytes."""
    import pyarrow
    from pyarrow import parquet

    without = {place for place, _ in made.left_out}
    kept = [one for place, one in enumerate(listing.pictures(first, count)) if place not in without]
    names, dataset = listing.dataset.class_names, listing.dataset
    flat = pyarrow.array(np.ascontiguousarray(made.rows).reshape(-1), pyarrow.float32())
    table = pyarrow.table(
        {
            "embedding": pyarrow.FixedSizeListArray.from_arrays(flat, made.rows.shape[1]),
            "label": pyarrow.array([names[int(dataset.splits[split].labels[row])] for split, row, _ in kept], "string"),
            "split": pyarrow.array([split for split, _, _ in kept], "string"),
            "image_path": pyarrow.array([name_of(file) for _, _, file in kept], "string"),
        }
    )
    packed = {
        "embedding": "NONE",
        "label": "SNAPPY",
        "split": "SNAPPY",
        "image_path": "SNAPPY",
    }  # numbers do not shrink
    to = io.BytesIO()
    parquet.write_table(table, to, compression=packed, use_dictionary=["label", "split"], write_statistics=False)
    return to.getvalue()


def _refused(order: ShardOrder, problem: str) -> NotApplicable:
    return NotApplicable(
        f"what was made of shard {order.number}", problem, "Try again, and check that machine's memory"
    )
