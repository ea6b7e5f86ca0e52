"""Which slides are told in which order: three short stories and the whole one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.errors import BadInput
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES


@dataclass(frozen=True, slots=True)
class Deck:
    """A story.

    Attributes:
        title: on screen.
        what: what it tells, in one sentence.
        slides: their names, in order.
    """

    title: str
    what: str
    slides: tuple[str, ...]


DECKS: Mapping[str, Deck] = MappingProxyType(
    {
        "forgetting": Deck(
            "Forgetting in 60 seconds",
            "What a model loses when it goes on learning, and why.",
            ("learns", "forgets", "lookalikes", "lost", "parts"),
        ),
        "fix": Deck(
            "Fix a wrong prediction",
            "One picture, one mistake, one answer from you.",
            ("mistake", "fix", "help"),
        ),
        "fool": Deck(
            "Fool the attention",
            "A small change of pixels, and what it does to the answer and to attention.",
            ("fool", "defended", "trust"),
        ),
        "all": Deck(
            "The full story",
            "What it learns, what it forgets and why, how to help it, how to fool it, and what it would cost to trust "
            "it.",
            (
                "title",
                "learns",
                "knows",
                "forgets",
                "lookalikes",
                "lost",
                "parts",
                "broke",
                "mistake",
                "fix",
                "help",
                "fool",
                "defended",
                "trust",
            ),
        ),
    }
)
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
