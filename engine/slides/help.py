"""What help is worth."""

from __future__ import annotations

from typing import ClassVar

from engine.figures.look import percent
from engine.interventions.evidence import LABELLED
from engine.session.facts import RunFacts
from engine.slides import cures, shares
from engine.slides.base import SLIDES, Slide, SlideMaker


@SLIDES.register
class Help(SlideMaker):
    """What help is worth.

    All ordinary test pictures, five true answers each, asked by the plain policy; once from somebody who knows the
    class, once from somebody who describes the picture.
    """

    place: ClassVar[int] = 110
    story: ClassVar[str] = "fix"

    def why_not(self, facts: RunFacts) -> str | None:
        """As for putting one right."""
        return cures.why_not(facts)

    def make(self, facts: RunFacts) -> Slide:
        """Before and after."""
        alone = shares.ordinary(facts, name="On its own")
        knows, describes = (cures.helped(facts, truth) for truth in ("class", "picture"))
        change = describes.right - alone.right
        told = "more" if change > 0 else "fewer"
        return Slide(
            f"Five answers about what each picture shows put {abs(change)} {told} of {alone.count} right."
            if change
            else "Five answers about what each picture shows change nothing on the whole.",
            shares.exhibit((alone, knows, describes)),
            (
                f"On its own it gets {percent(alone.value)} right. With five true answers about each picture from "
                f"somebody who knows the class it gets {percent(knows.value)}, from somebody who only describes what "
                f"the picture shows {percent(describes.value)}.",
                "True words can also mislead it: some pictures are unusual for their kind, and a mark may count too "
                "much. Who says what the class usually shows has named the class, where no other shows the same.",
                f"How a word becomes a score: {LABELLED.said}.",
            ),
            "The person is simulated and always right; real people are not. Bars are 95 % intervals over the pictures.",
        )
