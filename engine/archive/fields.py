"""Values from a file that nobody vouches for: each is read by name, with its type and limits, or refused."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from engine.errors import BadInput

LARGEST = 2**53
"""Whole numbers beyond this are no counts of ours, and databases cannot hold much larger ones."""
_SHOWN = 60  # characters of a foreign value that a message repeats


def refused(where: str, why: str) -> BadInput:
    """The error for an archive that is not taken in.

    Args:
        where: which file in it, and which part.
        why: what is wrong, as a clause.
    """
    return BadInput(f"{where} in this archive", why, "Export the run again where it was made")


def short(value: object) -> str:
    """A foreign value as messages repeat it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def parsed(data: bytes, where: str) -> Any:
    """A JSON document whose texts can all be written down as UTF-8.

    Raises:
        BadInput: it is none.
    """
    try:
        value = json.loads(data, parse_int=_whole)
        json.dumps(value, ensure_ascii=False).encode()  # halves of characters would break whatever shows them
    except (ValueError, RecursionError) as error:
        raise refused(where, "it is no JSON that can be read") from error
    return value


def _whole(digits: str) -> int:
    if len(digits) > len(str(LARGEST)) or abs(int(digits)) > LARGEST:
        raise ValueError("no count of ours")
    return int(digits)


def parsed_lines(data: bytes, where: str) -> list[Any]:
    """One JSON document a line; raises as `parsed`."""
    return [parsed(line, f"{where}, line {number + 1},") for number, line in enumerate(data.splitlines())]


class Fields:
    """A JSON object, read field by field.

    Args:
        values: what was found in place of it.
        where: which file, for messages.
        names: the fields it must have, and no others.

    Raises:
        BadInput: it is no object or has other fields; from every method, the field is not what it should be.
    """

    def __init__(self, values: object, where: str, names: Collection[str]) -> None:
        if not isinstance(values, Mapping):
            raise refused(where, "it is no JSON object")
        if set(values) != set(names):
            odd = sorted(set(values) ^ set(names))[0]
            raise refused(where, f"it {'has an unknown' if odd in values else 'lacks the'} field {short(odd)}")
        self._values, self._where = values, where

    def text(self, name: str, most: int, least: int = 0) -> str:
        """A text of so many characters."""
        value = self._values[name]
        if not isinstance(value, str) or not least <= len(value) <= most:
            raise self.wrong(name, f"is no text of {least} to {most} characters")
        return value

    def whole(self, name: str, low: int = 0, high: int = LARGEST) -> int:
        """A whole number within limits."""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.wrong(name, f"is no whole number from {low} to {high}")
        return value

    def number(self, name: str, low: float = 0.0, high: float = LARGEST) -> float:
        """A number within limits."""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(name, f"is no number from {low:g} to {high:g}")
        return float(value)

    def measured(self, name: str) -> float:
        """Any number, also one that training drove beyond all limits (NaN, infinity)."""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(name, "is no number")
        return float(value)

    def is_none(self, name: str) -> bool:
        """Whether a field that may be missing is."""
        return self._values[name] is None

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """A list of texts of 1 to `most` characters."""
        values = self.any(name, list)
        if not all(isinstance(value, str) and 1 <= len(value) <= most for value in values):
            raise self.wrong(name, f"is no list of texts of 1 to {most} characters")
        return tuple(values)

    def wholes(self, name: str, low: int = 0) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self.any(name, list)
        if not all(isinstance(value, int) and not isinstance(value, bool) and value >= low for value in values):
            raise self.wrong(name, f"is no list of whole numbers from {low}")
        return tuple(values)

    def flag(self, name: str) -> bool:
        """True or false."""
        return bool(self.any(name, bool))

    def any(self, name: str, kind: type) -> Any:
        """A value of a JSON type, to be looked at by somebody else."""
        value = self._values[name]
        if not isinstance(value, kind):
            raise self.wrong(name, f"is no {kind.__name__}")
        return value

    def wrong(self, name: str, why: str) -> BadInput:
        """The error for a field."""
        return refused(self._where, f"{name} {why}: {short(self._values[name])}")
