"""A set of concepts as data: texts with their groups, classes and origins, and the edits that lead to the next.

A set is immutable; an edit gives another one. Texts are one if they differ in case alone. Who wants a step back takes
the set before: nothing is ever overwritten (`engine.data.texts.kept`).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Annotated, Literal

from pydantic import Field

from engine.data.images import shown
from engine.errors import BadInput
from engine.structures import Structure

MAX_CHARACTERS, MAX_GROUP, MAX_ORIGINS = 200, 80, 50
COLUMNS = ("concept", "class", "group", "origin")
"""Of a set as a table."""
_NAMED = 2  # texts that an edit's words name


class ConceptEntry(Structure):
    """A text of a set.

    Attributes:
        text: the words.
        group: what it is about, or `""`.
        classes: names of the classes it may describe; empty for every class.
        origins: where it came from and what became of it, oldest first.
    """

    text: Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS)]
    group: Annotated[str, Field(max_length=MAX_GROUP)] = ""
    classes: tuple[str, ...] = ()
    origins: Annotated[tuple[str, ...], Field(max_length=MAX_ORIGINS)] = ()


class AddText(Structure):
    """A new text, for some classes or for all."""

    edit: Literal["add"] = "add"
    text: str
    group: str = ""
    classes: tuple[str, ...] = ()


class RenameText(Structure):
    """Other words for a text."""

    edit: Literal["rename"] = "rename"
    text: str
    to: str


class GroupTexts(Structure):
    """What some texts are about."""

    edit: Literal["group"] = "group"
    texts: tuple[str, ...]
    group: str


class MergeTexts(Structure):
    """Several texts become the first of them, with the classes and origins of all."""

    edit: Literal["merge"] = "merge"
    texts: Annotated[tuple[str, ...], Field(min_length=2)]


class AssignTexts(Structure):
    """Which classes some texts may describe; none for every class."""

    edit: Literal["classes"] = "classes"
    texts: tuple[str, ...]
    classes: tuple[str, ...] = ()


class DropTexts(Structure):
    """Some texts go."""

    edit: Literal["drop"] = "drop"
    texts: tuple[str, ...]


OneEdit = Annotated[
    AddText | RenameText | GroupTexts | MergeTexts | AssignTexts | DropTexts, Field(discriminator="edit")
]


class ManyEdits(Structure):
    """Several edits that make one version, in this order."""

    edit: Literal["many"] = "many"
    edits: Annotated[tuple[OneEdit, ...], Field(min_length=1)]


SetEdit = Annotated[
    AddText | RenameText | GroupTexts | MergeTexts | AssignTexts | DropTexts | ManyEdits, Field(discriminator="edit")
]


@dataclass(frozen=True, slots=True)
class ConceptSet:
    """Texts, each once, in order."""

    entries: tuple[ConceptEntry, ...] = ()

    def edited(self, edit: SetEdit) -> ConceptSet:
        """The set after an edit.

        Raises:
            BadInput: it names a text that is not there, or would make one twice or of what is no text.
        """
        if isinstance(edit, ManyEdits):
            return reduce(ConceptSet.edited, edit.edits, self)
        if isinstance(edit, AddText):
            added = ConceptEntry(
                text=self._free(edit.text),
                group=_sound(edit.group, MAX_GROUP, "group"),
                classes=tuple(dict.fromkeys(edit.classes)),
                origins=("added by hand",),
            )
            return ConceptSet((*self.entries, added))
        if isinstance(edit, RenameText):
            old = self.entries[self._at(edit.text)]
            new = _sound(edit.to, MAX_CHARACTERS, "text") if _same(edit.to, old.text) else self._free(edit.to)
            return self._with({old.text: _changed(old, f"renamed from {old.text!r}", text=new)})
        found = [self.entries[self._at(text)] for text in dict.fromkeys(edit.texts)]
        if isinstance(edit, GroupTexts):
            group = _sound(edit.group, MAX_GROUP, "group")
            return self._with({one.text: _changed(one, group=group) for one in found})
        if isinstance(edit, AssignTexts):
            classes = tuple(dict.fromkeys(edit.classes))
            return self._with({one.text: _changed(one, classes=classes) for one in found})
        if isinstance(edit, DropTexts):
            return self._with({one.text: None for one in found})
        return self._with({found[0].text: _merged(found), **{one.text: None for one in found[1:]}})

    def for_other(self, names: Mapping[str, str]) -> ConceptSet:
        """The same texts for classes that are called otherwise."""

        def called(one: ConceptEntry) -> ConceptEntry:
            now = tuple(dict.fromkeys(names.get(name, name) for name in one.classes))
            return one if now == one.classes else one.model_copy(update={"classes": now})

        return ConceptSet(tuple(map(called, self.entries)))

    def has(self, text: str) -> bool:
        """Whether a text is in it, in whatever case."""
        return any(_same(entry.text, text) for entry in self.entries)

    def table(self) -> str:
        """As CSV, which the form of tables reads: a row for each class of a text, in UTF-8."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for entry in self.entries:
            for owner in entry.classes or ("",):
                writer.writerow((entry.text, owner, entry.group, "; ".join(entry.origins)))
        return out.getvalue()

    def for_classes(self) -> tuple[str, ...]:
        """Every class that a text names, in the order met."""
        return tuple(dict.fromkeys(name for entry in self.entries for name in entry.classes))

    def _with(self, changes: Mapping[str, ConceptEntry | None]) -> ConceptSet:
        """With other entries in place of some; None for none."""
        every = (changes.get(entry.text, entry) for entry in self.entries)
        return ConceptSet(tuple(entry for entry in every if entry is not None))

    def _at(self, text: str) -> int:
        wanted = _key(text)
        for place, entry in enumerate(self.entries):
            if _key(entry.text) == wanted:
                return place
        raise BadInput(f"concept {shown(text)!r}", "it is not in the set", "Name one that is")

    def _free(self, text: str) -> str:
        tidy = _sound(text, MAX_CHARACTERS, "text")
        if not tidy:
            raise BadInput(f"concept {text!r}", "nothing stands in it", "Write what can be seen")
        if any(_same(entry.text, tidy) for entry in self.entries):
            raise BadInput(f"concept {shown(tidy)!r}", "it is in the set already", "Choose other words, or merge both")
        return tidy


def collected(listed: Iterable[tuple[str, str | None, str]], origin: str) -> ConceptSet:
    """A set of what something lists.

    Args:
        listed: (text, class or None for every class, group); of a text that stands there several times the classes
            are joined and the first group counts.
        origin: where all of it comes from.

    Raises:
        BadInput: a text or a group is too long or has control characters.
    """
    found: dict[str, ConceptEntry] = {}
    classes: dict[str, dict[str, None]] = {}
    for text, owner, group in listed:
        tidy = _sound(text, MAX_CHARACTERS, "text")
        key = _key(tidy)
        if not tidy:
            continue
        if key not in found:
            found[key] = ConceptEntry(text=tidy, group=_sound(group, MAX_GROUP, "group"), origins=(origin,))
        named = classes.setdefault(key, {})
        named |= {"" if owner is None else owner: None}
    return ConceptSet(
        tuple(
            entry if "" in classes[key] else entry.model_copy(update={"classes": tuple(classes[key])})
            for key, entry in found.items()
        )
    )


def told(edit: SetEdit) -> str:
    """An edit in words, for people; texts stand in it as they are."""
    if isinstance(edit, ManyEdits):
        rest = f", and {len(edit.edits) - 1} more" if len(edit.edits) > 1 else ""
        return f"{told(edit.edits[0])}{rest}"
    if isinstance(edit, AddText):
        return f"added {edit.text!r}"
    if isinstance(edit, RenameText):
        return f"renamed {edit.text!r} to {edit.to!r}"
    if isinstance(edit, MergeTexts):
        return f"merged {_listed(edit.texts[1:])} into {edit.texts[0]!r}"
    if isinstance(edit, GroupTexts):
        return (
            f"grouped {_listed(edit.texts)} under {edit.group!r}" if edit.group else f"ungrouped {_listed(edit.texts)}"
        )
    if isinstance(edit, AssignTexts):
        return f"gave {_listed(edit.texts)} to {', '.join(edit.classes[:_NAMED]) or 'every class'}"
    return f"dropped {_listed(edit.texts)}"


def _listed(texts: Sequence[str]) -> str:
    rest = f" and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    return f"{', '.join(map(repr, texts[:_NAMED]))}{rest}"


def _merged(found: Sequence[ConceptEntry]) -> ConceptEntry:
    def joined(one: ConceptEntry, other: ConceptEntry) -> ConceptEntry:
        both = tuple(dict.fromkeys((*one.classes, *other.classes))) if one.classes and other.classes else ()
        origins = tuple(dict.fromkeys((*one.origins, *other.origins)))
        changed = one.model_copy(update={"classes": both, "group": one.group or other.group, "origins": origins})
        return _changed(changed, f"merged with {other.text!r}")

    return reduce(joined, found)


def _changed(entry: ConceptEntry, origin: str = "", **changes: str | tuple[str, ...]) -> ConceptEntry:
    """An entry with other values and, where something became of it, one origin more; the oldest stays."""
    origins = (*entry.origins, *([origin] if origin else []))
    if len(origins) > MAX_ORIGINS:
        origins = (origins[0], *origins[-(MAX_ORIGINS - 1) :])
    return entry.model_copy(update={**changes, "origins": origins})


def _sound(text: str, longest: int, what: str) -> str:
    tidy = " ".join(text.split())
    if len(tidy) > longest:
        raise BadInput(f"{shown(tidy[:40])!r}…", f"a {what} has at most {longest} characters", "Shorten it")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in tidy):
        raise BadInput(f"{shown(tidy)!r}", f"a {what} has no control characters", "Correct it")
    return tidy


def _same(one: str, other: str) -> bool:
    return _key(one) == _key(other)


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()
