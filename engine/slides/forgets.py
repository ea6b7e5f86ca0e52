"""What it forgets."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from engine.exhibits.tasks import accuracy
from engine.figures.look import percent
from engine.metrics import wording
from engine.metrics.accuracy import until
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker
from engine.slides.losses import SETTING, SPLIT, loss

_NEAR = 0.5
"""An axis that begins here or higher gets closer marks."""


@SLIDES.register
class Forgets(SlideMaker):
    """What it forgets.

    The task that lost most from its best moment to now.
    """

    place: ClassVar[int] = 40
    story: ClassVar[str] = "forgetting"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs two tasks."""
        return None if facts.moment else "nothing can be forgotten before the second task"

    def make(self, facts: RunFacts) -> Slide:
        """Where no task lost a point, that is the finding."""
        found = loss(facts)
        told = wording.loss(found) if found else "No task has lost a point"
        chosen = found.task if found else None
        notes: tuple[str, ...] = (
            "Each line is one task, from the moment it was learnt until now. A flat line is what we want.",
        )
        if found and found.worst_after is not None:
            notes += (
                f"Task {found.task + 1} stood at {percent(found.best)} at its best and is at {percent(found.final)} "
                f"now. The largest fall came when task {found.worst_after + 1} was learnt.",
            )
        else:
            notes += ("Here the lines stay flat. Ask what that costs in learning new things.",)
        exhibit = accuracy.lines(facts.view, SPLIT, SETTING, facts.moment, chosen)
        low = _bottom(float(np.nanmin(until(facts.view.accuracy(SPLIT, SETTING), facts.moment))))
        figure: Any = exhibit.figure
        figure.update_yaxes(range=[low, 1 + 0.05 * (1 - low)], dtick=0.25 if low < _NEAR else 0.05)
        begins = f" The axis begins at {percent(low)}." if low else ""
        return Slide(
            f"{told}.",
            exhibit,
            notes,
            "Accuracy on ordinary test pictures, choosing among all classes seen. Later tasks had less time to be "
            f"forgotten.{begins}",
        )


def _bottom(least: float) -> float:
    """Where the axis begins: at a quarter, so that lines near the top are told apart from the back of a room."""
    return max(0.0, math.floor(4 * (least - 0.02)) / 4)
