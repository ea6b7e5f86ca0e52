"""A version of a concept set that Plumage kept: texts with groups, classes and origins (`engine.data.texts.sets`)."""

from __future__ import annotations

from typing import Any, Literal

from engine.data.texts.forms.base import FORMS, ConceptFile, ConceptForm, Entry, ListedTexts
from engine.data.texts.sets import ConceptEntry, ConceptSet, SetEdit
from engine.structures import Malformed, Structure, checked

FORMAT = "plumage-concepts-1"


class VersionFile(Structure):
    """What a version's file holds.

    Attributes:
        parent: digest of the version before it, or `""`.
        base: digest of the version that was edited, where that is an earlier one than its parent.
        number: which version of its set it is, from 1.
        edit: what made it of `base` or its parent; None for one that was imported.
        said: what it is, in words.
    """

    format: Literal["plumage-concepts-1"] = "plumage-concepts-1"
    parent: str = ""
    base: str = ""
    number: int = 1
    edit: SetEdit | None = None
    said: str = ""
    entries: tuple[ConceptEntry, ...]


@FORMS.register
class KeptSet(ConceptForm):
    """JSON, a concept set that Plumage kept."""

    @classmethod
    def fits(cls, file: ConceptFile) -> bool:
        """It says so."""
        return is_set(file.json)

    @classmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """Every text for each of its classes."""
        concepts = ConceptSet(version_of(file).entries)
        entries = [
            Entry(entry.text, owner, entry.group) for entry in concepts.entries for owner in entry.classes or (None,)
        ]
        return ListedTexts(tuple(entries), concepts.for_classes())


def is_set(content: Any) -> bool:
    """Whether it says that it is one."""
    return isinstance(content, dict) and content.get("format") == FORMAT


def version_of(file: ConceptFile) -> VersionFile:
    """A kept version out of its file.

    Raises:
        BadInput: it is none.
    """
    try:
        return checked(VersionFile, file.json)
    except Malformed as problem:
        raise file.wrong(f"it is no kept concept set: {problem}", "Export it again") from problem
