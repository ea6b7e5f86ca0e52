"""What it has forgotten on purpose, with the proof."""

from __future__ import annotations

from typing import ClassVar

from engine.exhibits.repair import unlearning as exhibits
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker


@SLIDES.register
class ForgottenOnPurpose(SlideMaker):
    """What it has forgotten on purpose.

    Of forks that have unlearnt something, where the analysis unlearning was computed.
    """

    place: ClassVar[int] = 115

    def why_not(self, facts: RunFacts) -> str | None:
        """Only forks that have unlearnt something can have the proof."""
        if facts.result(exhibits.ANALYSIS) is None:
            return "nothing was unlearnt in it, or that is not proved: see Forget on the Repair page"
        return None

    def make(self, facts: RunFacts) -> Slide:
        """The proof."""
        found = facts.result(exhibits.ANALYSIS)
        assert found is not None  # `why_not` has asked
        shown = exhibits.exhibit(found, facts.moment)
        return Slide(
            f"{exhibits.briefly(found)}.",
            shown,
            (
                f"{shown.headline}.",
                f"It is held against a model that was trained without from its first task on. "
                f"{exhibits.difference(found)}.",
                "The membership test asks whether somebody who sees how sure the model is can tell what it learnt.",
            ),
            f"Forgotten pictures: {int(found['members'])}, never seen: {int(found['strangers'])}; 95 % intervals.",
        )
