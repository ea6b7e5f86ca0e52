"""Numeric arrays as bytes in the database: NumPy's own .npy format, exact to the bit, never a pickle."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def pack(array: Array) -> bytes:
    """The array as .npy bytes."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def unpack(data: bytes) -> Array:
    """The array `pack` was given.

    Raises:
        ValueError: the bytes are no such array.
    """
    try:
        array: Array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except (EOFError, OSError) as error:
        raise ValueError(str(error)) from error
    return array
