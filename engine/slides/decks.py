"""Three short stories and the whole one; each slide says itself in which it stands, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import BadInput
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES


@dataclass(frozen=True, slots=True)
class Deck:
    """A story.

    Attributes:
        name: in the address, and in `SlideMaker.story` of its slides.
        title: on screen.
        what: what it tells, in one sentence.
    """

    name: str
    title: str
    what: str

    @property
    def slides(self) -> tuple[str, ...]:
        """Names of its slides, in order."""
        own = [name for name in SLIDES if self.name in (ALL, SLIDES.get(name).story)]
        return tuple(sorted(own, key=lambda name: SLIDES.get(name).place))


ALL = "all"
"""The story that has every slide."""
DECKS: Mapping[str, Deck] = {
    deck.name: deck
    for deck in (
        Deck("forgetting", "Forgetting in 60 seconds", "What a model loses when it goes on learning, and why."),
        Deck("fix", "Fix a wrong prediction", "One picture, one mistake, one answer from you."),
        Deck(
            "fool",
            "Fool the attention",
            "A small change of pixels moves the answer.",
        ),
        Deck(
            ALL,
            "The full story",
            "What it learns and forgets, how to help it, how to fool it.",
        ),
    )
}
"""All decks by their name in the address."""


def deck(name: str) -> Deck:
    """A deck by name.

    Raises:
        BadInput: there is none.
    """
    if name not in DECKS:
        raise BadInput(f"deck {name[:80]!r}", f"there are {', '.join(DECKS)}", "Choose a story below")
    return DECKS[name]


def told(name: str, facts: RunFacts) -> tuple[str, ...]:
    """Names of a deck's slides that this run can have, in order. Reads stored numbers only."""
    return tuple(slide for slide in deck(name).slides if SLIDES.get(slide)().why_not(facts) is None)


def missing(name: str, facts: RunFacts) -> dict[str, str]:
    """Titles of a deck's slides that this run cannot have, each with the reason."""
    reasons = {slide: SLIDES.get(slide)().why_not(facts) for slide in deck(name).slides}
    return {SLIDES.title(slide): why for slide, why in reasons.items() if why is not None}


def why_not(name: str, facts: RunFacts) -> str | None:
    """Why this run cannot tell a story at all, as a sentence without its full stop, or None. Reads stored numbers."""
    gaps = missing(name, facts)
    return "; ".join(dict.fromkeys(gaps.values())) if len(gaps) == len(deck(name).slides) else None
