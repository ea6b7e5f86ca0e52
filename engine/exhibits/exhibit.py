"""What an exhibit is: everything a reader needs to see one thing, wherever it is shown.

A page draws an exhibit with `pages.ui.panels.show`, a slide and a report draw the same one. So a chart is assembled in
one place, and the report can be checked for having every kind of exhibit that a page has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine.figures.bars import HtmlFigure
from engine.figures.plates import strip
from engine.figures.tables import Table
from engine.metrics.definitions import DEFINITIONS


@dataclass(frozen=True, slots=True)
class Lesson:
    """A chart explained to somebody who sees such a one for the first time, in plain words.

    Attributes:
        what: what is drawn.
        why: why it matters.
        reading: how to read it: what to look at first, what good and bad look like.
        caveats: what it does not say, and what may mislead.
    """

    what: str
    why: str
    reading: str
    caveats: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of exhibit.

    Attributes:
        name: unique; also names files and elements: small letters and hyphens.
        page: the page it belongs to, as in the address.
        lesson: behind "Explain this".
        terms: keys of `DEFINITIONS` that its numbers need; a lesson is complete with formula and source.
    """

    name: str
    page: str
    lesson: Lesson
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plate:
    """One picture of an exhibit that is made of pictures.

    Attributes:
        src: a data address.
        title, note: below it; any text, so escape it. The title is its alt text too.
    """

    src: str
    title: str
    note: str = ""


Plates = tuple[Plate, ...]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One thing to see.

    Attributes:
        kind: what it is an instance of.
        headline: what was found: the takeaway, also its alt text.
        caption: what is drawn, neutrally: split, setting, unit.
        figure: a Plotly figure, Altair layers, HTML (`HtmlFigure`), or pictures (`Plates`).
        table: makes the same numbers as columns; None where the pictures are all there is.
        variant: tells several exhibits of a kind in one report apart, for example `"moved"`.
    """

    kind: Kind
    headline: str
    caption: str
    figure: Any
    table: Callable[[], Table] | None = None
    variant: str = ""

    @property
    def key(self) -> str:
        """Unique where kind and variant are; names its files and elements."""
        return f"{self.kind.name}-{self.variant}" if self.variant else self.kind.name

    @property
    def html(self) -> str | None:
        """The figure where it is made of HTML or of pictures, None where it is a chart."""
        if isinstance(self.figure, HtmlFigure):
            return self.figure.html
        return strip(self.figure) if isinstance(self.figure, tuple) else None


_KINDS: dict[str, Kind] = {}
KINDS: Mapping[str, Kind] = MappingProxyType(_KINDS)
"""Every kind declared in the modules imported so far; `engine.exhibits.every.load` imports all."""


def kind(name: str, page: str, lesson: Lesson, terms: tuple[str, ...]) -> Kind:
    """Declare a kind of exhibit; a module does so once, at its top.

    Raises:
        TypeError: another kind has this name, no term is named, or a term has no definition.
    """
    made = Kind(name, page, lesson, terms)
    if _KINDS.get(name, made) != made:
        raise TypeError(f"two kinds of exhibit are called {name!r}")
    if not terms:
        raise TypeError(f"exhibit {name!r}: its numbers need the definition of one at least")
    if missing := set(terms) - set(DEFINITIONS):
        raise TypeError(f"exhibit {name!r}: no definition of {', '.join(sorted(missing))}")
    _KINDS[name] = made
    return made
