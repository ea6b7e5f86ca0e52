"""NumPy's files from anywhere: numbers and texts, never a pickle, and no more than the file itself says it holds."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from engine.data.images import shown
from engine.data.packed import BROKEN, CUT, Hostile, reading, refuse_bomb
from engine.data.vector_arrays import Array
from engine.paths import input_file

_KINDS = "biufUS"
_NPY = ".npy"
_MOST_ARRAYS = 50
_ENCRYPTED = 1


def read_npz(path: Path, option: str) -> dict[str, Array]:
    """The arrays of an `.npz` file by name.

    Args:
        option: what the path was given as, for messages.

    Raises:
        BadParameter: there is no such file.
        BadInput: it is none, is damaged, holds objects, or would fill the memory.
    """
    with reading(path), input_file(path, option).open("rb") as file:
        size = path.stat().st_size
        with zipfile.ZipFile(file) as zipped:
            entries = zipped.infolist()
            if len(entries) > _MOST_ARRAYS or not all(entry.filename.endswith(_NPY) for entry in entries):
                raise Hostile(f"an .npz file holds at most {_MOST_ARRAYS} arrays, and nothing else")
            if any(entry.flag_bits & _ENCRYPTED for entry in entries):
                raise Hostile("it is encrypted; give one without a password")
            refuse_bomb(sum(entry.file_size for entry in entries), size)
            found = {}
            for entry in entries:
                name = entry.filename.removesuffix(_NPY)
                with zipped.open(entry) as header:
                    _check_header(header, entry.file_size, name)
                with zipped.open(entry) as whole:
                    found[name] = _array(whole)
            return found


def read_npy(path: Path, option: str) -> Array:
    """The array of an `.npy` file; raises as `read_npz`."""
    with reading(path), input_file(path, option).open("rb") as file:
        _check_header(file, path.stat().st_size, path.name)
        file.seek(0)
        return _array(file)


def _array(file: IO[bytes]) -> Array:
    array = np.lib.format.read_array(file, allow_pickle=False)
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else np.asarray(array)


def _check_header(file: IO[bytes], size: int, name: str) -> None:
    """What an array's header says of it: nothing is made of it before."""
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
    except BROKEN as error:
        raise Hostile(f"{shown(name)!r} is no array of NumPy") from error
    if dtype.hasobject or dtype.kind not in _KINDS or dtype.names:
        raise Hostile(f"the array {shown(name)!r} holds objects ({dtype}); only numbers and texts are read")
    if math.prod(shape) * dtype.itemsize != size - file.tell():
        raise Hostile(f"the array {shown(name)!r} has another length than it says: {CUT}")
