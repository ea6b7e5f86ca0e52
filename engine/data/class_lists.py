"""Classes as people write them in a text: by name or by number, in a list or with another name each.

A class name holds neither `;` nor `=` nor a line break (`engine.data.folder_checks`), so none of these is ambiguous. It
may hold commas, so commas separate only where no semicolon stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from engine.data.folder_checks import clean_names
from engine.data.images import shown
from engine.data.texts.matching import nearest, plain
from engine.errors import BadParameter, PlumageError

MAX_LIST, MAX_RENAMES = 100_000, 1_000_000
"""Characters; a list of more is written in numbers."""
_SHOWN = 5
_RENAME = "Write old=new, and a semicolon between two"


def entries(text: str) -> list[str]:
    """What a list names: separated by semicolons if it has any, else by commas; by line breaks in any case."""
    parts = re.split(r"[;\n]" if ";" in text else r"[,\n]", text)
    return [part.strip() for part in parts if part.strip()]


def renames(text: str) -> list[tuple[str, str]]:
    """Old names with the new ones, out of `old=new; old=new`; a line break separates as well.

    Raises:
        BadParameter: a part is none, a new name is no class name, or an old one comes twice.
    """
    found = []
    for part in (part.strip() for part in re.split(r"[;\n]", text) if part.strip()):
        old, equals, new = (piece.strip() for piece in part.partition("="))
        if not equals or not old or "=" in new:
            raise _refused(part, f"{shown(part, 100)} is no old name, one equals sign and a new name", _RENAME)
        found.append((old, class_name(new, part)))
    often = Counter(plain(old) for old, _ in found)
    twice = [old for old, _ in found if often[plain(old)] > 1]
    if twice:
        raise _refused(twice[0], f"{shown(twice[0], 100)} is renamed more than once", "Keep one of them")
    return found


def listed(names: Sequence[str]) -> str:
    """A text that `entries` reads as these, which hold no semicolon and no line break."""
    if not any("," in name for name in names):
        return ", ".join(names)
    return "; ".join(names) + (";" if len(names) == 1 else "")


def by_name(names: Sequence[str]) -> dict[str, int]:
    """The number of each name, without what does not matter in it."""
    return {plain(name): i for i, name in enumerate(names)}


def found(entry: str | int, known: Mapping[str, int], classes: int) -> int | None:
    """The number of the class that an entry means; a class that is called "7" is meant before number 7."""
    said = plain(str(entry))
    if not isinstance(entry, int) and said in known:
        return known[said]
    return int(said) if said.isascii() and said.isdigit() and int(said) < classes else None


def require_known(
    what: str, given: Sequence[object], numbers: Sequence[int | None], names: Sequence[str], field: str
) -> None:
    """Every entry means a class.

    Args:
        what: what they are, for the message.
        given: the entries.
        numbers: what each means.
        names: of all classes.

    Raises:
        BadParameter: one means none; the message names those most like it.
    """
    unknown = [str(entry).strip() for entry, number in zip(given, numbers, strict=True) if number is None]
    if not unknown:
        return
    like = nearest(unknown[0], names)
    near = f"nearest: {some(like)}" if like else f"classes are {some(names)}"
    problem = f"no class is called {shown(unknown[0], 100)}; {near}"
    raise BadParameter(f"{what}: {some(unknown)}", problem, "Check the spelling", field)


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(shown(name, 100) for name in names[:_SHOWN]) + more


def class_name(text: str, given: str) -> str:
    """A name for a class, tidied as the data's own are.

    Args:
        given: what it was given as, for the message.

    Raises:
        BadParameter: it cannot be one.
    """
    try:
        return clean_names([text], "Class", "Give another name")[0]
    except PlumageError as error:
        raise _refused(given, error.allowed, error.remedy) from error


def _refused(given: str, allowed: str, remedy: str) -> BadParameter:
    return BadParameter(f"Renamed classes: {shown(given, 200)}", allowed, remedy, "renamed_classes")
