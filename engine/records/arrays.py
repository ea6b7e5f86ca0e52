"""Numeric arrays as bytes in the database: NumPy's own .npy format, exact to the bit, never a pickle."""

from __future__ import annotations

import io
import math
import sys
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_PLAIN = "biufU"  # kinds of numbers and texts; all else is or may hold a pickled object
_WIDEST = 8  # bytes of one number
_MOST_AXES = 8
_MOST_ARRAYS = 200  # in one file
_NPY = ".npy"
_HALVES = 0xD800, 0xDFFF  # code points that stand for half a character


def pack(array: Array) -> bytes:
    """The array as .npy bytes."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def unpack(data: bytes) -> Array:
    """The array `pack` was given, in this machine's byte order. The bytes may come from anybody.

    Raises:
        ValueError: they are none, hold anything but numbers or texts, or claim a shape they do not fill; as a clause.
    """
    shape, by_column, dtype, begin = _header(data)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects, which could run programs; Plumage never opens those")
    wide = dtype.kind != "U" and dtype.itemsize > _WIDEST
    if dtype.kind not in _PLAIN or dtype.names or dtype.subdtype or wide or len(shape) > _MOST_AXES:
        raise ValueError(f"it is no array of numbers or texts but {dtype.str} with {len(shape)} axes")
    if not dtype.itemsize or math.prod(shape) * dtype.itemsize != len(data) - begin:
        raise ValueError(f"its shape {shape} does not fit its length")
    if dtype.kind == "U":
        _check_texts(np.frombuffer(data, dtype.str.replace(f"U{dtype.itemsize // 4}", "u4"), offset=begin))
    flat = np.frombuffer(data, dtype, offset=begin).astype(dtype.newbyteorder("="))
    return flat.reshape(shape, order="F" if by_column else "C")


def _header(data: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether the first axis runs fastest, type, and where the numbers begin."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, by_column, dtype = read(stream)
        if not all(type(side) is int and side >= 0 for side in shape):  # True passes for 1
            raise ValueError("shape")
        return shape, by_column, dtype, stream.tell()
    except Exception as error:  # NumPy's reader of headers raises many kinds over damaged ones
        raise ValueError("it is no array of NumPy's") from error


def _check_texts(codes: Array) -> None:
    """Check that all code points are characters: Python breaks over those beyond the last, and UTF-8 over halves."""
    if codes.size and (codes.max() > sys.maxunicode or ((codes >= _HALVES[0]) & (codes <= _HALVES[1])).any()):
        raise ValueError("its texts hold characters that do not exist")


def pack_all(arrays: Mapping[str, Array]) -> bytes:
    """Named arrays as the bytes of one compressed .npz file, the same for the same arrays."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, array in arrays.items():
            packed.writestr(zipfile.ZipInfo(f"{name}{_NPY}"), pack(array), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack_all(data: bytes, most: int) -> dict[str, Array]:
    """The arrays `pack_all` was given. The bytes may come from anybody.

    Args:
        most: bytes of all arrays together, unpacked.

    Raises:
        ValueError: they are no such file, or hold more, or an array that `unpack` refuses; as a clause.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            if len(members) > _MOST_ARRAYS or sum(member.file_size for member in members) > most:
                raise ValueError(f"it unpacks to more than {_MOST_ARRAYS} arrays or {most:,} bytes")
            return {member.filename.removesuffix(_NPY): unpack(packed.read(member)) for member in members}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"it is no file of arrays ({error})") from error
