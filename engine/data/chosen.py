"""Which classes of some data take part in a run, and what they are called in it.

The choice is made on the data as they were opened (`Dataset.of_classes`); whoever uses them then sees nothing of the
classes left out. Embeddings that are in the cache serve every choice (`engine.data.cuts`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.class_lists import by_name, entries, found, renames, require_known
from engine.errors import BadParameter

LEAST = 2
"""Classes that a classifier needs."""


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """Some classes of the data, under names of their own.

    Attributes:
        source: names of all classes, as the data list them.
        kept: numbers of those that take part, ascending.
        names: what they are called now, aligned with `kept`.
    """

    source: tuple[str, ...]
    kept: tuple[int, ...]
    names: tuple[str, ...]


def choose(source: Sequence[str], without: str, renamed: str) -> ClassChoice | None:
    """The choice that two texts describe; None where all classes take part under their own names.

    Args:
        source: names of all classes.
        without: those left out, as `class_lists.entries` reads them.
        renamed: new names, as `class_lists.renames` reads them. That of a class left out has no effect.

    Raises:
        BadParameter: a class is unknown, fewer than two are left, or two would be called alike.
    """
    known = by_name(source)
    out, new = _left_out(source, without, known), _new_names(source, renamed, known)
    kept = tuple(c for c in range(len(source)) if c not in out)
    if len(kept) < LEAST and out:
        left = f"{len(kept)} of {len(source)} classes would be left, and a classifier needs at least {LEAST}"
        raise BadParameter(f"Classes left out: {len(out)}", left, "Leave out fewer", "without_classes")
    names = tuple(new.get(c, source[c]) for c in kept)
    _require_apart(source, kept, names)
    whole = len(kept) == len(source) and names == tuple(source)
    return None if whole else ClassChoice(tuple(source), kept, names)


def _left_out(source: Sequence[str], without: str, known: dict[str, int]) -> set[int]:
    given = entries(without)
    numbers = [found(entry, known, len(source)) for entry in given]
    require_known("Classes left out", given, numbers, source, "without_classes")
    return {number for number in numbers if number is not None}


def _new_names(source: Sequence[str], renamed: str, known: dict[str, int]) -> dict[int, str]:
    pairs = renames(renamed)
    numbers = [found(old, known, len(source)) for old, _ in pairs]
    require_known("Renamed classes", [old for old, _ in pairs], numbers, source, "renamed_classes")
    new: dict[int, str] = {}
    for number, (old, name) in zip(numbers, pairs, strict=True):
        assert number is not None  # required just now
        if number in new:
            twice = f"{old} is the class {source[number]}, which is renamed already"
            raise BadParameter(f"Renamed classes: {old}", twice, "Keep one of them", "renamed_classes")
        new[number] = name
    return new


def _require_apart(source: Sequence[str], kept: Sequence[int], names: Sequence[str]) -> None:
    owners = defaultdict(list)
    for c, name in zip(kept, names, strict=True):
        owners[name.casefold()].append(c)
    alike = [numbers for numbers in owners.values() if len(numbers) > 1]
    if alike and any(name != source[c] for c, name in zip(kept, names, strict=True)):
        calls = dict(zip(kept, names, strict=True))
        said = " and ".join(source[c] for c in alike[0])
        problem = f"{said} would both be {calls[alike[0][0]]}; two classes must differ in more than case or spacing"
        raise BadParameter(f"Renamed classes: {said}", problem, "Give another name", "renamed_classes")
