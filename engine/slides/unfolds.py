"""How it came to be: the film."""

from __future__ import annotations

from typing import ClassVar

from engine.exhibits.run import film
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker


@SLIDES.register
class Unfolds(SlideMaker):
    """How it came to be.

    The film of the run: everything that was watched while it learnt, played from the first beat to the last.
    """

    place: ClassVar[int] = 35
    story: ClassVar[str] = "forgetting"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs something that was watched."""
        return None if facts.view.beat_places() else "nothing was watched while it learnt"

    def make(self, facts: RunFacts) -> Slide:
        """It plays by itself."""
        shown = film.of_facts(facts)
        return Slide(
            "Watch it learn, and forget.",
            shown,
            (
                "One film, five panels: what it knows of each task, what it loses, which words it weighs, where it "
                "looks, and what a small attack does. Space stops it and lets it go on.",
                f"It ends so: {shown.headline}.",
            ),
            "Ordinary test pictures; the pictures and concepts were chosen by a declared rule on validation pictures, "
            "or pinned.",
        )
