"""What an archive says, taken for hostile: JSON under limits, held against declared structures, or refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import Field

from engine.errors import BadInput
from engine.structures import Malformed, checked, parse_json

LATEST = 253_402_214_400
"""Unix time in seconds that no date is after that can be written down: the end of the year 9999."""
_MOST_BYTES = 256 * 2**20
_SHOWN = 60  # characters of a foreign value that a message repeats

Time = Annotated[float, Field(ge=0, le=LATEST)]
RunId = Annotated[str, Field(pattern=r"^[0-9a-z-]{1,64}$")]

T = TypeVar("T")


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


def parsed(data: bytes, where: str, finite: bool = True) -> Any:
    """A JSON document; see `parse_json`.

    Raises:
        BadInput: it is none.
    """
    try:
        return parse_json(data, _MOST_BYTES, finite)
    except Malformed as error:
        raise refused(where, str(error)) from error


def parsed_lines(data: bytes, where: str, finite: bool = True) -> Iterator[tuple[Any, str]]:
    """One JSON document a line, each with what messages call it; raises as `parsed`."""
    for number, line in enumerate(data.splitlines()):
        name = f"{where}, line {number + 1},"
        yield parsed(line, name, finite), name


def read(structure: type[T], value: object, where: str) -> T:
    """A value as the structure it should have.

    Raises:
        BadInput: it has another.
    """
    try:
        return checked(structure, value)
    except Malformed as error:
        raise refused(where, str(error)) from error
