"""Drawn birds kept in a folder: taken as they are where they are sound, and named where they are not."""

import numpy as np
import pytest

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.pool import draw_pool
from engine.errors import BadInput

COUNT, SIZE = 3, 8


def shard(**changes):
    """What a folder holds of three birds, with something else."""
    birds = {
        "values": np.ones((COUNT, len(ATTRIBUTES)), np.uint8),
        "images": np.full((COUNT, SIZE, SIZE, 3), 7, np.uint8),
        "parts": np.zeros((COUNT, SIZE, SIZE), np.uint8),
    }
    return {name: array for name, array in (birds | changes).items() if array is not None}


def drawn(folder):
    return draw_pool(COUNT, SIZE, 0, folder, frozenset(), lambda done, count: None)


def test_birds_that_are_there_are_not_drawn_again(tmp_path):
    np.savez(tmp_path / "shard-00000.npz", **shard())
    pool = drawn(tmp_path)
    assert pool.images.shape == (COUNT, SIZE, SIZE, 3) and (pool.images == 7).all() and (pool.values == 1).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"images": None},
        {"images": np.zeros((COUNT, SIZE + 1, SIZE + 1, 3), np.uint8)},
        {"images": np.zeros((1, 1, 1, 1), np.uint8)},  # would fill all rows
        {"values": np.ones((COUNT, len(ATTRIBUTES)), np.float32)},
        {"parts": np.array(None, object)},
    ],
    ids=["missing", "larger", "one pixel", "floats", "objects"],
)
def test_birds_of_another_kind_are_named(tmp_path, changes):
    np.savez(tmp_path / "shard-00000.npz", **shard(**changes))
    with pytest.raises(BadInput, match="shard-00000"):
        drawn(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 100, b"\x93NUMPY"])
def test_files_that_hold_no_birds_are_named(tmp_path, content):
    (tmp_path / "shard-00000.npz").write_bytes(content)
    with pytest.raises(BadInput, match="shard-00000"):
        drawn(tmp_path)
