"""What an array must look like: declared once, checked when it is written, read and brought in. No torch here.

An axis is a number, or a letter that counts something: what the run says of it binds it ("C", the classes seen), else
most of the arrays that have it do, so that arrays which belong together fit together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from engine.records.arrays import Array
from engine.structures import Malformed

MOST_TEXT = 300
"""Characters of one text, unless more are declared."""
_LARGEST = 2**31 - 1  # no count of ours is larger
_SLACK = 1e-4  # by which rounding may leave an interval
_SHOWN = 60  # characters of a foreign text repeated in a message
_WORDS = {"f": "numbers", "i": "whole numbers", "b": "true or false", "U": "texts", "u1": "bytes"}

Axis = str | int
Among = str | tuple[str, ...] | Callable[[], tuple[str, ...]] | None
Limit = str | float
"""A number, or the letter of an axis, whose length it stands for."""


@dataclass(frozen=True, slots=True)
class Form:
    """What an array must look like.

    Attributes:
        dtype: NumPy's name of its type (`"f4"`), or of its kind where any width will do (`"f"`).
        axes: what each axis counts.
        low, high: limits of its numbers, both allowed.
        nan: whether a number may be unknown.
        most: characters of a text.
        among: the texts that there are, a function that knows them, or the name of such a list in `Known.names`; None
            for any.
        exact: whether its texts are that list, in that order, and not just some of it.
        optional: whether it may be missing: what older versions did not write.
    """

    dtype: str
    axes: tuple[Axis, ...] = ()
    low: Limit = -math.inf
    high: Limit = math.inf
    nan: bool = False
    most: int = MOST_TEXT
    among: Among = None
    exact: bool = False
    optional: bool = False


def number(*axes: Axis, low: Limit = -math.inf, high: Limit = math.inf, nan: bool = False, dtype: str = "f8") -> Form:
    """Numbers, finite or, where `nan` says so, unknown."""
    return Form(dtype, axes, low, high, nan)


def share(*axes: Axis, nan: bool = False, dtype: str = "f8") -> Form:
    """Numbers from 0 to 1."""
    return Form(dtype, axes, 0.0, 1.0, nan)


def whole(*axes: Axis, low: Limit = 0, high: Limit = _LARGEST, dtype: str = "i8") -> Form:
    """Whole numbers, as a rule counts."""
    return Form(dtype, axes, low, high)


def index(of: str, *axes: Axis, none: bool = False, dtype: str = "i8") -> Form:
    """Places in a list of as many as the letter `of` counts; -1 for nowhere, if `none`."""
    return Form(dtype, axes, -1 if none else 0, f"{of}-1")


def flag(*axes: Axis) -> Form:
    """True or false."""
    return Form("b", axes)


def text(*axes: Axis, most: int = MOST_TEXT, among: Among = None, exact: bool = False) -> Form:
    """Texts for people."""
    return Form("U", axes, most=most, among=among, exact=exact)


def optional(form: Form) -> Form:
    """The same, but it may be missing: older versions did not write it."""
    return replace(form, optional=True)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a run before its arrays are looked at; what is missing binds nothing.

    Attributes:
        sizes: how many there are along an axis, by its letter.
        names: lists of texts.
        free: shortest and longest an axis may be that nobody knows; else it is at least 1 long.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    free: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def check(arrays: Mapping[str, Array], forms: Mapping[str, Form], known: Known) -> Mapping[str, int]:
    """Check that arrays are the declared ones, and fit each other and the run; returns the length of every axis.

    Raises:
        Malformed: one is missing, is not declared, or is not what it must be; the message begins with its name.
    """
    if odd := sorted(set(arrays) - set(forms)):
        raise Malformed(f"{odd[0][:_SHOWN]}: no such array is declared")
    if lost := [name for name, form in forms.items() if name not in arrays and not form.optional]:
        raise Malformed(f"{lost[0]}: it is missing")
    sizes = {**_agreed(arrays, forms, known), **known.sizes}
    for name, array in arrays.items():
        _check_shape(name, array, forms[name], sizes)
    for name, array in arrays.items():
        _check_values(name, array, forms[name], sizes, known)
    return sizes


def _agreed(arrays: Mapping[str, Array], forms: Mapping[str, Form], known: Known) -> Mapping[str, int]:
    """Lengths of the axes that the run does not bind: what most arrays say."""
    said: dict[str, Counter[int]] = {}
    for name, array in arrays.items():
        for axis, length in zip(forms[name].axes, array.shape, strict=False):
            low, high = known.free.get(str(axis), (1, _LARGEST))
            if isinstance(axis, str) and array.ndim == len(forms[name].axes) and low <= length <= high:
                said.setdefault(axis, Counter())[length] += 1
    return {axis: counted.most_common(1)[0][0] for axis, counted in said.items()}


def _check_shape(name: str, array: Array, form: Form, sizes: Mapping[str, int]) -> None:
    fits = array.dtype.kind == form.dtype if len(form.dtype) == 1 else array.dtype == np.dtype(form.dtype)
    if not fits:
        wanted = _WORDS.get(form.dtype, _WORDS.get(form.dtype[0], form.dtype))
        raise Malformed(f"{name}: it holds {array.dtype.str}, and must hold {wanted} ({form.dtype})")
    if array.ndim != len(form.axes):
        raise Malformed(f"{name}: it is of shape {array.shape}, and must have {len(form.axes)} axes")
    expected = tuple(axis if isinstance(axis, int) else sizes.get(axis, axis) for axis in form.axes)
    if array.shape != expected:
        told = ", ".join(map(str, expected))
        raise Malformed(f"{name}: it is of shape {array.shape}, and must have shape ({told})")


def _check_values(name: str, array: Array, form: Form, sizes: Mapping[str, int], known: Known) -> None:
    if form.dtype == "U":
        _check_texts(name, array, form, known)
        return
    if array.dtype.kind not in "fi":
        return
    missing = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, np.bool_)
    if missing.any() and not form.nan:
        raise Malformed(f"{name}: its values must be known, and one is NaN")
    given = array[~missing]
    if not np.isfinite(given).all():
        raise Malformed(f"{name}: its values must be finite")
    low, high = _limit(form.low, sizes), _limit(form.high, sizes)
    slack = _SLACK if array.dtype.kind == "f" else 0
    if given.size and not low - slack <= given.min() <= given.max() <= high + slack:
        raise Malformed(f"{name}: its values must lie from {low:.12g} to {high:.12g}")


def _check_texts(name: str, array: Array, form: Form, known: Known) -> None:
    found = array.ravel().tolist()
    if long := [one for one in found if len(one) > form.most]:
        raise Malformed(f"{name}: a text has {len(long[0])} characters, and at most {form.most} are allowed")
    among = form.among() if callable(form.among) else form.among
    allowed = known.names.get(among) if isinstance(among, str) else among
    if allowed is None:
        return
    if odd := [one for one in found if one not in allowed]:
        raise Malformed(f"{name}: {odd[0][:_SHOWN]!r} is none of {', '.join(allowed)[:300] or 'those there are'}")
    if form.exact and tuple(found) != tuple(allowed):
        raise Malformed(f"{name}: its texts must be {', '.join(allowed)[:300]}, in this order")


def _limit(limit: Limit, sizes: Mapping[str, int]) -> float:
    """A limit as a number; one in an axis that nobody knows is none."""
    if not isinstance(limit, str):
        return limit
    axis, _, less = limit.partition("-")
    return sizes[axis] - int(less or 0) if axis in sizes else _LARGEST
