"""Names of numbered classes: a JSON object from number to name, in a file of its own or in the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.data.images import shown
from engine.data.texts.forms.base import ConceptFile, Entry, ListedTexts, is_numbered
from engine.structures import Malformed, parse_json

RULE = '{"0": "first class", "1": "second class", ...}'


def is_label_map(content: Any) -> bool:
    """Whether it maps whole numbers to names."""
    return is_numbered(content) and all(isinstance(name, str) and name.strip() for name in content.values())


def found_beside(file: ConceptFile, numbers: tuple[str, ...]) -> tuple[str, Mapping[str, str]] | None:
    """The label map that came with a file: its name, and what it says; None where there is none.

    Raises:
        BadInput: several that name these classes differently.
    """
    maps: dict[str, Mapping[str, str]] = {}
    for name, text in file.beside().items():
        try:
            content = parse_json(text)
        except Malformed:
            continue  # what else lies there is none of our business
        if is_label_map(content) and set(numbers) <= set(content):
            maps[name] = content
    if len({tuple(names[number] for number in numbers) for names in maps.values()}) > 1:
        listed = shown(", ".join(sorted(maps)))
        raise file.wrong(f"several files beside it name its classes, and differently: {listed}", "Leave one there")
    return next(iter(sorted(maps.items())), None)


def renamed(
    file: ConceptFile, entries: tuple[Entry, ...], numbers: tuple[str, ...], names: Mapping[str, str], label_map: str
) -> ListedTexts:
    """Entries of numbered classes, with the classes' names.

    Args:
        label_map: the file that names them, or `""`.

    Raises:
        BadInput: a number has no name.
    """
    missing = [number for number in numbers if number not in names]
    if missing:
        raise file.wrong(f"class number {missing[0]} has no name", f"Name every number: {RULE}")
    of = {number: names[number] for number in numbers}
    return ListedTexts(
        tuple(replace(entry, owner=of[str(entry.owner)]) for entry in entries), tuple(of.values()), label_map
    )
