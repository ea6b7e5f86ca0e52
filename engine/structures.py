"""One reader for what is stored or foreign: JSON read under limits, then held against a declared structure.

A structure is a pydantic model that derives from `Structure`: strict types, finite numbers, nothing unknown. Whoever
reads says in its own words what a failure means (`StoreDamaged`, `BadParameter`, ...): here it is always `Malformed`.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Annotated, Any, NoReturn, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MAX_BYTES = 64 * 2**20
_MAX_DIGITS = 18  # of a whole number: more do not fit into 64 bits, and long ones take long to read
_SHOWN = 60  # characters of a value repeated in a message

LARGEST = 2**53
"""Whole numbers beyond this are no counts of ours, and databases cannot hold much larger ones."""
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Measure = Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)]
Text = Annotated[str, Field(max_length=500)]
"""A text of which nothing more is known."""

T = TypeVar("T")


class Malformed(ValueError):
    """What was read does not have the structure it should; the message says where and what is allowed."""


class Structure(BaseModel):
    """Base of all declared structures."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def parse_json(data: bytes | str, limit: int = MAX_BYTES, finite: bool = True) -> Any:
    """Plain JSON: no name twice in one object, whole numbers of at most 18 digits, texts that can be written as UTF-8.

    Args:
        limit: bytes (or characters) that are read at most.
        finite: refuse NaN and infinity; a loss that training drove beyond all limits may be one.

    Raises:
        Malformed: it is none, or has what is not allowed, or lists and objects nested too deep to be read.
    """
    if len(data) > limit:
        raise Malformed(f"it is larger than {limit:,} bytes")
    hooks: dict[str, Any] = {"parse_constant": _refuse, "parse_float": _finite} if finite else {}
    try:
        raw = data.encode() if isinstance(data, str) else data
        value = json.loads(data, parse_int=_whole, object_pairs_hook=_once, **hooks)
        if rb"\u" in raw:  # halves of characters, which only escapes can write, would break whatever shows them
            json.dumps(value, ensure_ascii=False).encode()
    except Malformed:
        raise
    except RecursionError as error:
        raise Malformed("it is nested too deep") from error
    except ValueError as error:
        raise Malformed(f"it is no JSON ({error})") from error
    return value


def read_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of an ordinary file: never of a pipe or a device, which may block or have no end.

    Raises:
        Malformed: it is none, or larger than `limit`.
        OSError: it cannot be read.
    """
    size = require_ordinary(path)
    if size > limit:
        raise Malformed(f"it has {size:,} bytes; at most {limit:,} are read")
    return path.read_bytes()


def require_ordinary(path: Path) -> int:
    """The size in bytes of an ordinary file.

    Raises:
        Malformed: it is a folder, a pipe or a device.
        OSError: it cannot be looked at.
    """
    status = path.stat()
    if not S_ISREG(status.st_mode):
        raise Malformed("it is not an ordinary file")
    return status.st_size


def checked(structure: type[T] | TypeAdapter[T], value: Any) -> T:
    """A plain value, as `parse_json` gives it, as the structure it should have.

    Args:
        structure: a `Structure`, any type that pydantic knows (`list[int]`), or an adapter of one.

    Raises:
        Malformed: it has another.
    """
    adapter: TypeAdapter[T] = structure if isinstance(structure, TypeAdapter) else _adapter(cast(Hashable, structure))
    try:
        # As JSON, a list may stand for a tuple and a whole number for a float; nothing else bends.
        return adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        raise Malformed(complaint(error)) from error


@lru_cache(maxsize=256)  # making one takes a hundred times as long as using it
def _adapter(structure: Any) -> TypeAdapter[Any]:
    return TypeAdapter(structure)


def complaint(error: ValidationError) -> str:
    """The first complaint, with its place and what stands there."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    shown = repr(first["input"])
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    found = "" if first["type"].startswith("missing") else f", not {shown}"
    return f"{place or 'the whole'}: {first['msg'][0].lower()}{first['msg'][1:]}{found}"


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise Malformed(f"the number {digits[:12]}… is too large")
    return int(digits)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise Malformed(f"the number {text[:12]} is too large")
    return number


def _refuse(name: str) -> NoReturn:
    raise Malformed(f"{name} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a name stands twice in one object")
    return found
