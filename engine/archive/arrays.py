"""Arrays from a file that nobody vouches for: numbers and texts of the shape they must have, never a pickle."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.archive.fields import refused
from engine.runs.arrays import unpack

Array = npt.NDArray[Any]

_PLAIN = "biufU"  # kinds of numbers and texts; all else is or may hold a pickled object
_MOST_AXES = 8
_MOST_TEXT = 2000  # characters of one text
_HALVES = 0xD800, 0xDFFF  # code points that stand for half a character
_SLACK = 1e-4  # by which rounding may leave an interval


@dataclass(frozen=True, slots=True)
class Form:
    """What a measured array must look like.

    Attributes:
        kinds: NumPy's letters of its type.
        axes: what each axis counts: `"t"` tasks up to now, `"c"` classes seen, `"k"` concepts, `"b"` bins of
            confidence, `"3"` what is known of each.
        low, high: limits of its numbers; NaN is allowed where numbers are not whole.
    """

    kinds: str
    axes: str
    low: float = 0.0
    high: float = 1.0


_SHARES, _SHARE = Form("f", "t"), Form("f", "")
OF_SPLIT: Mapping[str, Form] = {
    "class_il": _SHARES,
    "task_il": _SHARES,
    "concept_matrix": _SHARES,
    "ece": _SHARE,
    "reliability": Form("f", "3b", high=math.inf),
    "before": _SHARE,
    "zero_shot_class_il": _SHARE,
    "zero_shot_task_il": _SHARE,
    "concept_accuracy": Form("f", "k"),
    "concept_auc": Form("f", "k"),
    "confusion": Form("iu", "cc", high=math.inf),
}
OF_MODEL: Mapping[str, Form] = {
    "nec": Form("f", "", high=math.inf),
    "drift": Form("f", "k", high=2.0),
    "alignment": Form("f", "k", low=-1.0),
    "text": Form("U", "k"),
    "group": Form("U", "k"),
    "born": Form("iu", "k", high=math.inf),
    "class_id": Form("iu", "k", low=-1.0, high=math.inf),
}
"""What `engine.runs.evaluate` measures, by name: of a split, and of the model itself."""
ALWAYS = ("class_il", "task_il", "confusion")
"""Measured on every split after every task, by every method."""


def checked(data: bytes, where: str) -> Array:
    """The array in .npy bytes.

    Raises:
        BadInput: they are none, hold anything but numbers or texts, or claim a shape they do not fill.
    """
    shape, dtype, begin = _header(data, where)
    if dtype.hasobject:
        raise refused(where, "it holds pickled objects, which could run programs; Plumage never opens those")
    if dtype.kind not in _PLAIN or dtype.names or dtype.itemsize > 4 * _MOST_TEXT or len(shape) > _MOST_AXES:
        raise refused(where, f"it is no array of numbers or texts but {dtype.str} with {len(shape)} axes")
    if math.prod(shape) * dtype.itemsize != len(data) - begin or math.prod(shape) > len(data):  # "<U0" takes no room
        raise refused(where, f"its shape {shape} does not fit its length")
    if dtype.kind == "U":
        _check_texts(np.frombuffer(data, dtype.str.replace(f"U{dtype.itemsize // 4}", "u4"), offset=begin), where)
    return unpack(data)


def check_form(array: Array, form: Form, sizes: Mapping[str, int], where: str) -> None:
    """Check a measured array.

    Args:
        sizes: how many there are along each axis, by its letter.

    Raises:
        BadInput: its type, shape or values are not what they must be.
    """
    expected = tuple(sizes[axis] for axis in form.axes)
    if array.dtype.kind not in form.kinds or array.shape != expected:
        found = f"it is {array.dtype.str} of shape {array.shape}"
        raise refused(where, f"{found}, and after that task it must have shape {expected}")
    if form.kinds == "U":
        return
    known = array[~np.isnan(array)] if array.dtype.kind == "f" else array
    if known.size and not form.low - _SLACK <= known.min() <= known.max() <= form.high + _SLACK:
        raise refused(where, f"its values must lie from {form.low:g} to {form.high:g}")


def _header(data: bytes, where: str) -> tuple[Sequence[int], np.dtype[Any], int]:
    """Shape, type, and where the numbers begin."""
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, _, dtype = read(stream)
        if not all(isinstance(side, int) and side >= 0 for side in shape):
            raise ValueError("shape")
        return shape, dtype, stream.tell()
    except Exception as error:  # NumPy's reader of headers raises many kinds over damaged ones
        raise refused(where, "it is no array of NumPy's") from error


def _check_texts(codes: Array, where: str) -> None:
    """Check that all code points are characters: Python breaks over those beyond the last, and UTF-8 over halves."""
    if codes.size and (codes.max() > sys.maxunicode or ((codes >= _HALVES[0]) & (codes <= _HALVES[1])).any()):
        raise refused(where, "its texts hold characters that do not exist")
