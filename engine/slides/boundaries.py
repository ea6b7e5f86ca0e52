"""Where it noticed a new task that nobody announced."""

from __future__ import annotations

from typing import ClassVar

from engine.exhibits.tasks import boundaries as exhibits
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker


@SLIDES.register
class Boundaries(SlideMaker):
    """New tasks that nobody announced.

    Where the analysis task_boundaries was computed; routing of ordinary test pictures in the notes.
    """

    place: ClassVar[int] = 84

    def why_not(self, facts: RunFacts) -> str | None:
        """Only one method is not told where tasks begin."""
        if facts.view.config.method != exhibits.METHOD:
            return "its method is told where tasks begin"
        if facts.result(exhibits.ANALYSIS) is None:
            return "where it noticed a new task was not looked up: open the Tasks page"
        return None

    def make(self, facts: RunFacts) -> Slide:
        """The loss of the stream, with what was noticed."""
        found = facts.result(exhibits.ANALYSIS)
        assert found is not None  # `why_not` has asked
        shown = exhibits.stream(found)
        return Slide(
            f"{shown.headline}.",
            shown,
            (
                "The loss jumps where something new begins. Above the limit another expert takes over.",
                f"{exhibits.routing(found, 'test').headline}.",
            ),
            "Every task brings classes of its own here, which makes noticing easy.",
        )
