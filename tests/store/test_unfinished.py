"""Pieces of unfinished work are there whole or not at all."""

import numpy as np
import pytest

from engine.errors import StoreError
from engine.store.unfinished import Pieces

PIECE = {"right": np.array([True, False]), "shift": np.array([[0.5, np.nan]])}


def test_a_piece_comes_back_to_the_bit(tmp_path):
    kept = Pieces(tmp_path / "work")
    assert kept.get("(1, 2)") is None
    kept.put("(1, 2)", PIECE)
    found = Pieces(tmp_path / "work").get("(1, 2)")
    assert found is not None and set(found) == set(PIECE)
    assert all(np.array_equal(found[name], array, equal_nan=name == "shift") for name, array in PIECE.items())
    assert kept.get("(1, 3)") is None


@pytest.mark.parametrize("damage", [b"", b"nothing", None])
def test_a_piece_that_cannot_be_read_is_to_be_made_again(tmp_path, damage):
    kept = Pieces(tmp_path)
    kept.put("a", PIECE)
    (path,) = tmp_path.glob("*.npz")
    path.write_bytes(path.read_bytes()[:40] if damage is None else damage)
    assert kept.get("a") is None
    kept.put("a", PIECE)
    assert kept.get("a") is not None


def test_a_piece_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "work").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="work"):
        Pieces(tmp_path / "work").put("a", PIECE)
    assert [path.name for path in tmp_path.iterdir()] == ["work"]


def test_dropped_pieces_are_gone_and_dropping_nothing_is_fine(tmp_path):
    kept = Pieces(tmp_path / "work")
    kept.drop()
    kept.put("a", PIECE)
    kept.drop()
    assert kept.get("a") is None and not (tmp_path / "work").exists()
