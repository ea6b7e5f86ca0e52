"""Old against new, to be chosen without training."""

from __future__ import annotations

from typing import ClassVar

from engine.exhibits.missing import Missing
from engine.exhibits.tasks import preferences as exhibits
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker


@SLIDES.register
class Preferences(SlideMaker):
    """Old against new, chosen afterwards.

    Ordinary test pictures, where the analysis preference_front was computed.
    """

    place: ClassVar[int] = 82

    def why_not(self, facts: RunFacts) -> str | None:
        """Only one method takes any preference, and only once something is old."""
        if facts.view.config.method != exhibits.METHOD:
            return "its method cannot weigh old against new without training"
        if not facts.moment:
            return "one task is learnt, so no task is older than the newest"
        if facts.result(exhibits.ANALYSIS) is None:
            return "what each preference would reach was not computed: open the Tasks page"
        return None

    def make(self, facts: RunFacts) -> Slide:
        """The front, and what the run's own preference reaches."""
        found = facts.result(exhibits.ANALYSIS)
        assert found is not None  # `why_not` has asked
        shown = exhibits.exhibit(found, "test")
        if isinstance(shown, Missing):
            return Slide(f"{shown.headline}.", None, (f"{shown.why}.",))
        return Slide(
            f"{shown.headline}.",
            shown,
            (
                "Each mark is a model that can be had at once: somebody says how much the newest task counts.",
                "On the line, more of the new costs some of the old. Below it, something is given away for nothing.",
            ),
            "Test pictures; a preference is to be chosen on validation.",
        )
