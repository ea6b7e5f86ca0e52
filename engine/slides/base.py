"""What a slide is: one sentence, one chart, and what the speaker says to it. One slide, one file of this package."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from engine.exhibits.exhibit import Exhibit, Kind, Lesson, Plate, Plates
from engine.registry import Registry
from engine.session.facts import RunFacts
from engine.slides.live import Live

_PICTURES = Kind(
    "slide-pictures",
    "story",
    Lesson("Pictures of the run's own data.", "They show what the sentence speaks of.", "Compare them.", ""),
)
"""Of slides that show nothing but pictures. Not declared as a kind: no page shows it, so no report can miss it."""


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide of one run.

    Attributes:
        sentence: the finding, to be read from the back of a room; not escaped.
        exhibit: what is shown; None where the sentence says that there is nothing.
        notes: what the speaker says, one paragraph each.
        small: where the numbers come from and what they do not say, in one line.
        beside: a picture that stands beside the chart, or None.
        live: what the audience may try here, or None; its result replaces the exhibit.
    """

    sentence: str
    exhibit: Exhibit | None
    notes: tuple[str, ...]
    small: str = ""
    beside: Plate | None = None
    live: Live | None = None


class SlideMaker(ABC):
    """Makes a slide. First line of a subclass's docstring: its title; the rest: its rule.

    Attributes:
        place: slides are told in ascending order of it; between two of the house there is room for nine.
        story: the short story (`engine.slides.decks`) it belongs to; the full one has all slides.
    """

    name: ClassVar[str]
    place: ClassVar[int]
    story: ClassVar[str] = ""

    def why_not(self, facts: RunFacts) -> str | None:
        """Why a run has no such slide, as a sentence without its full stop, or None. Reads stored numbers only."""
        return None

    @abstractmethod
    def make(self, facts: RunFacts) -> Slide:
        """The slide. Where there turns out to be nothing to show, its sentence says so.

        Raises:
            PlumageError: the data or the backbone are gone.
        """


SLIDES: Registry[SlideMaker] = Registry("engine.slides", "slide")


def pictures(plates: Plates, headline: str) -> Exhibit:
    """Pictures of a slide as an exhibit."""
    return Exhibit(_PICTURES, headline, headline, plates)
