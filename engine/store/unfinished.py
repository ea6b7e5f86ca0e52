"""Pieces of work that is not finished: whoever was cancelled or killed goes on from the last one. No torch here.

A piece is one file, written to a temporary name, synced and renamed, so that it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from engine.files import replacing, storage_errors
from engine.records.arrays import Array

Piece = dict[str, Array]


class Pieces:
    """The pieces of one piece of work, by name.

    Args:
        folder: where they lie; made when the first is put.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> Piece | None:
        """A piece, or None if it is not there or cannot be read, in which case it is to be made again."""
        try:
            with np.load(self._path(name), allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            return None

    def put(self, name: str, piece: Piece) -> None:
        """Keep a piece.

        Raises:
            StoreError: it cannot be written.
        """
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._path(name)) as temporary, temporary.open("wb") as file:
                np.savez(file, **piece)  # type: ignore[arg-type]

    def drop(self) -> None:
        """Forget all pieces."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.npz"
