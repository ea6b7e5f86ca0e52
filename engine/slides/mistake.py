"""A mistake, and the reasons the model gives for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from engine.exhibits.exhibit import Plate
from engine.exhibits.picture import reasons
from engine.exhibits.subjects import look
from engine.explain.contributions import Bars, bars
from engine.explain.wording import an, signed
from engine.figures.contributions import contribution_bars
from engine.figures.heat import data_address
from engine.figures.look import certainty
from engine.session.facts import RunFacts
from engine.slides import cures
from engine.slides.base import SLIDES, Slide, SlideMaker

_BARS = 6
"""Concepts that are read from the back of a room."""

_WORTH = 0.05
"""A smaller reason is none."""


@SLIDES.register
class Mistake(SlideMaker):
    """A mistake, and its reasons.

    The mistake that the next slide puts right (`engine.slides.cures`): why the model's answer, rather than the truth.
    """

    place: ClassVar[int] = 90
    story: ClassVar[str] = "fix"

    def why_not(self, facts: RunFacts) -> str | None:
        """As for putting it right."""
        return cures.why_not(facts)

    def make(self, facts: RunFacts) -> Slide:
        """The concept that speaks most for the wrong answer."""
        cure = cures.cures(facts).cure
        if cure is None:
            return Slide(cures.told_none(cures.cures(facts)), None, ("Try the Picture page with other pictures.",))
        case = look(facts.lab, facts.moment, cure.ref)
        true = case.true if case.true is not None else case.predicted
        found = reasons.reasons(case, case.predicted, true, centred=True)
        shown = bars(found.parts, case.words, _BARS)
        top = int(shown.values.argmax())
        said, name = case.names[case.predicted], case.names[true]
        share = certainty(float(case.probabilities[case.predicted]))
        blame = f": “{shown.names[top]}” misled it" if shown.values[top] >= _WORTH else ""
        return Slide(
            f"It says {an(said)}, but this is {an(name)}{blame}.",
            replace(reasons.exhibit(case, found), figure=_few(shown)),
            (
                f"The model is {share} sure, and wrong. It tells us why: the "
                f"blue bars speak for {an(said)}, the orange bars for {an(name)}, and they add up exactly.",
                f"The longest blue bar is “{shown.names[top]}”, with {signed(float(shown.values[top]))}. Look at the "
                "picture: is it there?",
            ),
            "Each bar is what one concept adds to the lead of the answer over the truth, against an average picture.",
            Plate(data_address(case.picture), f"A picture of {an(name)}"),
        )


def _few(shown: Bars) -> Any:
    return contribution_bars(shown, "lead in logits", constant="average picture")
