"""What it would cost to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from engine.figures.look import percent
from engine.figures.trust import Share
from engine.metrics.wording import points
from engine.session.facts import RunFacts
from engine.slides import cures, shares
from engine.slides.base import SLIDES, Slide, SlideMaker


@SLIDES.register
class Trust(SlideMaker):
    """What it would cost to trust it.

    Right pictures: ordinary, in other habitats, under attack at 4/255 (where the analysis robustness was computed), and
    with five answers from somebody who knows the species.
    """

    place: ClassVar[int] = 140
    story: ClassVar[str] = "fool"

    def make(self, facts: RunFacts) -> Slide:
        """Whatever was not measured is left out, and the notes say so."""
        plain = shares.ordinary(facts)
        helped = None if cures.why_not(facts) else cures.helped(facts, "picture")
        found = {"habitats": shares.moved(facts), "attack": shares.attacked(facts), "help": helped}
        measured = [plain, *(each for each in found.values() if each is not None)]
        lost = [each for each in measured if each is not helped]
        worst = min(lost, key=lambda each: each.value)
        sentence = f"{percent(plain.value)} right on pictures like those it knows"
        sentence += f", {percent(worst.value)} where it is worst." if worst is not plain else "."
        return Slide(
            sentence,
            shares.exhibit(measured),
            (*_notes(facts), *_missing(found)),
            "Bars are 95 % intervals over the pictures of one run; another seed would differ too. Conditions have "
            "different numbers of pictures.",
        )


def _notes(facts: RunFacts) -> tuple[str, ...]:
    newest = facts.moment + 1 == facts.view.tasks_done  # the calibration error is kept of the newest model only
    ece = facts.view.summary()["ece"] if newest else None
    sure = (
        "" if ece is None else f" How sure it says it is misses how often it is right by {points(ece, 0)} on average."
    )
    return (
        f"The dotted line is the number that a paper would print. The other rows are what you would meet.{sure}",
        "Before you rely on it, ask which of these rows is your world.",
    )


def _missing(found: Mapping[str, Share | None]) -> tuple[str, ...]:
    words = {
        "habitats": "Its data have no pictures of the same classes elsewhere, so nothing is said about those.",
        "attack": "It was not attacked here, so nothing is said about attacks. The Attack page measures it.",
        "help": "Nobody knows the truth of its concepts, so nothing is said about help.",
    }
    return tuple(words[name] for name, share in found.items() if share is None)
