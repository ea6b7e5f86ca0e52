"""The built-in vocabulary: visual words in groups, ours, for data nobody wrote concepts for."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from engine.data.dataset import ConceptCandidate
from engine.data.texts.understood import Concepts
from engine.errors import BadParameter

VOCABULARY_FILE = Path(__file__).parents[3] / "assets" / "vocabulary.txt"
"""One group a paragraph: its name and a colon, then words separated by commas; lines after `#` are remarks."""

ALL = "*"


@cache
def vocabulary() -> dict[str, tuple[str, ...]]:
    """The words of every group."""
    return parsed(VOCABULARY_FILE.read_text(encoding="utf-8"))


def parsed(text: str) -> dict[str, tuple[str, ...]]:
    """The groups that a vocabulary file's text names."""
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    groups: dict[str, tuple[str, ...]] = {}
    for paragraph in filter(str.strip, lines.split("\n\n")):
        group, _, words = paragraph.strip().partition(":")
        groups[group.strip()] = tuple(" ".join(word.split()) for word in words.split(",") if word.strip())
    return groups


def vocabulary_concepts(classes: int, groups: str = "*") -> Concepts:
    """Every word of some groups as a candidate of every class; which of them a class gets, its images decide.

    Args:
        groups: their names, separated by commas; `*` for all.

    Raises:
        BadParameter: there is no such group.
    """
    every = vocabulary()
    asked = [group.strip() for group in groups.split(",") if group.strip()]
    unknown = [group for group in asked if group != ALL and group not in every]
    if unknown or not asked:
        given = f"run: vocabulary_groups = {groups!r}"
        raise BadParameter(given, f"groups are {', '.join(every)}", "Name some, or * for all", "vocabulary_groups")
    taken = every if ALL in asked else dict.fromkeys(asked)
    words = tuple(ConceptCandidate(word, group) for group in every if group in taken for word in every[group])
    digest = hashlib.sha256(repr([(word.text, word.group) for word in words]).encode()).hexdigest()
    return Concepts((words,) * classes, digest)
