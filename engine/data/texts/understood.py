"""What a concept file was understood to say, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.data.dataset import ConceptCandidate
from engine.data.images import shown
from engine.errors import BadInput

Candidates = tuple[tuple[ConceptCandidate, ...], ...]
_NAMED = 5  # names in a message


@dataclass(frozen=True, slots=True)
class Concepts:
    """What may describe the classes of a dataset.

    Attributes:
        candidates: by class, the texts that may describe it.
        digest: hex sha256 of what they were read from; empty where there is nothing.
    """

    candidates: Candidates
    digest: str


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A class that a file names.

    Attributes:
        given: as the file names it.
        name: the class of the data that it means, or None.
        nearest: where it means none, classes of the data with names most like it.
    """

    given: str
    name: str | None
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """A concept file, understood for the classes of some data.

    Attributes:
        file: its name.
        form, title: the form it has, by name and in words.
        label_map: the file that named its numbered classes, or `""`.
        classes: the classes that it names; none where its texts are for every class.
        missing: classes of the data for which it lists nothing.
        concepts: what it says of the data's classes.
        texts: distinct texts that are kept.
        duplicates: texts left out because the class had them already.
        empties: texts left out because nothing stands in them.
    """

    file: str
    form: str
    title: str
    label_map: str
    classes: tuple[NamedClass, ...]
    missing: tuple[str, ...]
    concepts: Concepts
    texts: int
    duplicates: int
    empties: int

    @property
    def unmatched(self) -> tuple[NamedClass, ...]:
        """Classes of the file that the data do not have."""
        return tuple(each for each in self.classes if each.name is None)

    def said(self) -> Iterator[str]:
        """All of it in sentences, for people."""
        beside = f", its classes named by {self.label_map}" if self.label_map else ""
        yield f"{self.file}: {self.title}{beside}"
        matched = len(self.classes) - len(self.unmatched)
        yield (
            f"{matched} of the {len(self.classes)} classes it names are classes of the data"
            if self.classes
            else "Its texts are for every class"
        )
        for each in self.unmatched[:_NAMED]:
            like = f"; nearest: {', '.join(each.nearest)}" if each.nearest else ""
            yield f"  not one of them: {shown(each.given)!r}{like}"
        if len(self.unmatched) > _NAMED:
            yield f"  and {len(self.unmatched) - _NAMED} more"
        if self.missing:
            yield f"{len(self.missing)} classes get nothing from it: {_some(self.missing)}"
        yield f"{self.texts} distinct texts; left out: {self.duplicates} repeats, {self.empties} empty ones"

    def required(self) -> Concepts:
        """What it says, where that can be used as it is.

        Raises:
            BadInput: it lists nothing, or names classes that the data do not have while some of the data's get nothing.
        """
        if self.missing and self.unmatched:
            first = self.unmatched[0]
            like = f" (nearest: {', '.join(first.nearest)})" if first.nearest else ""
            problem = f"no class has this name{like}, and it lists nothing for {_some(self.missing)}"
            raise BadInput(f"{self.file}: {shown(first.given)!r}", problem, "Rename it as the class is called")
        if not self.texts:
            raise BadInput(self.file, "it lists no concepts", "Write some, or remove the file")
        return self.concepts


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
