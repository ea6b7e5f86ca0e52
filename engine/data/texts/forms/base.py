"""What a form of concept file is: whether a file has it, and what it lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from engine.data.images import shown
from engine.data.texts.tables import Rows, rows_of
from engine.errors import BadInput
from engine.registry import Registry
from engine.structures import Malformed, parse_json

REMEDY = "Correct the file"


@dataclass(frozen=True)
class ConceptFile:
    """A concept file whose encoding and size are sound.

    Attributes:
        name: what it is called, for messages.
        text: all of it.
        class_names: those of the data it is read for.
        beside: reads the JSON files that came with it, by name; asked only by forms that need one.
    """

    name: str
    text: str
    class_names: tuple[str, ...] = ()
    beside: Callable[[], Mapping[str, str]] = dict

    @cached_property
    def json(self) -> Any:
        """What it holds as JSON; None where it does not begin like an object or a list.

        Raises:
            BadInput: it begins so, and is none.
        """
        if not self.text.lstrip().startswith(("{", "[")):
            return None
        try:
            return parse_json(self.text)
        except Malformed as problem:
            raise self.wrong(f"it begins as JSON and is not sound: {problem}") from problem

    @cached_property
    def rows(self) -> Rows | None:
        """Its rows, where it is a table with a column of concepts; else None."""
        return None if self.json is not None else rows_of(self.name, self.text)

    def wrong(self, problem: str, remedy: str = REMEDY, where: str = "") -> BadInput:
        """The error for this file, or for a place in it."""
        return BadInput(f"{self.name}: {shown(where)!r}" if where else self.name, problem, remedy)


@dataclass(frozen=True, slots=True)
class Entry:
    """One text as a file has it.

    Attributes:
        text: untidied.
        owner: the class as the file names it, or None for every class.
        group: what it is about, or `""`.
    """

    text: str
    owner: str | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class ListedTexts:
    """What a file lists.

    Attributes:
        entries: in the order of the file.
        owners: the classes it names, those without texts too.
        label_map: name of the file that gave class numbers their names, or `""`.
    """

    entries: tuple[Entry, ...]
    owners: tuple[str, ...] = ()
    label_map: str = ""


class ConceptForm(ABC):
    """A form of concept file. The first line of a subclass's docstring is its title on screen."""

    name: ClassVar[str]

    @classmethod
    @abstractmethod
    def fits(cls, file: ConceptFile) -> bool:
        """Whether a file has this form. No file has two."""

    @classmethod
    @abstractmethod
    def read(cls, file: ConceptFile) -> ListedTexts:
        """What a file of this form lists.

        Raises:
            BadInput: something in it is not as the form has it.
        """


FORMS: Registry[ConceptForm] = Registry("engine.data.texts.forms", "form")


def recognised(file: ConceptFile) -> type[ConceptForm]:
    """The form that a file has.

    Raises:
        BadInput: none; the message lists them.
    """
    for form in map(FORMS.get, FORMS):
        if form.fits(file):
            return form
    known = "; ".join(FORMS.title(name) for name in FORMS)
    raise file.wrong(f"it has none of the known forms, which are {known}", "Write it in one of them")


def texts_by(file: ConceptFile, content: Mapping[str, Any]) -> tuple[Entry, ...]:
    """The entries of an object that maps owners to lists of texts.

    Raises:
        BadInput: a value is no list of texts.
    """
    for owner, texts in content.items():
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            rule = 'a JSON concept file is {"class": ["text", ...], ...}'
            raise file.wrong(f"it has no list of texts; {rule}", where=owner)
    return tuple(Entry(text, owner) for owner, texts in content.items() for text in texts)


def is_numbered(content: Any) -> bool:
    """Whether it is an object whose names are whole numbers."""
    return isinstance(content, dict) and bool(content) and all(key.isascii() and key.isdigit() for key in content)
