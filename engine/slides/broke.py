"""Why it forgets: a concept that broke."""

from __future__ import annotations

import math
from typing import ClassVar

from engine.exhibits.concepts import story, timeline
from engine.explain.history import BROKE
from engine.metrics.wording import auc, percent, points
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker
from engine.slides.losses import SPLIT


@SLIDES.register
class Broke(SlideMaker):
    """A concept that broke.

    What fell is the AUC, over pairs of pictures: its accuracy may have held or risen meanwhile, and is told too. The
    concept that a task broke worst: its AUC on ordinary test pictures fell most at once, by
    `engine.explain.history.BROKE` or more. Concepts that have not recovered come before those that have.
    """

    place: ClassVar[int] = 80

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs concepts whose truth is known, and one that broke."""
        found = _found(facts)
        if found is None:
            return "its method learns no concepts, so none can break"
        if not found.has_truth:
            return "its data do not say which concepts are true of a picture, so nobody can say whether one broke"
        if found.broke is None:
            return f"no concept became {points(BROKE, 0)} worse at once"
        return None

    def make(self, facts: RunFacts) -> Slide:
        """How well the concept tells pictures that show it from pictures that do not."""
        found = _found(facts)
        if found is None or found.broke is None:
            return Slide("No concept broke.", None, ("Every concept still means what it meant.",))
        broke, now = found.broke, float(found.auc[-1])
        again = broke.is_made_good(now)
        return Slide(
            f"Task {broke.task + 1} broke “{found.text}”: its AUC fell from {auc(broke.before)} to {auc(broke.after)}.",
            timeline.values(found, facts.moment, SPLIT),
            (
                f"Take one picture that shows “{found.text}” and one that does not. Before task {broke.task + 1} the "
                f"model gave the higher score to the right one in {_pairs(broke.before)} such pairs, after it in "
                f"{_pairs(broke.after)}. Tossing a coin gives 50.",
                f"It has {'recovered' if again else 'not recovered'}: its AUC is {auc(now)} now. {_accuracy(found)} "
                "A concept that breaks takes every class with it that leans on it.",
            ),
            "AUC on ordinary test pictures of the classes seen by then, so the pictures become more with each task.",
        )


def _pairs(value: float) -> str:
    """An AUC as what it counts."""
    return f"{round(100 * value)} of 100"


def _accuracy(found: story.Story) -> str:
    """What became of the other line of the chart, which is a share of single pictures, or nothing where unknown."""
    if found.broke is None:
        return ""
    before, after = (float(found.accuracy[t]) for t in (found.broke.task - 1, found.broke.task))
    if not (math.isfinite(before) and math.isfinite(after)):
        return ""
    if percent(before) == percent(after):
        return f"Its accuracy, said of one picture at a time, stayed at {percent(after)}."
    way = "rose" if after > before else "fell"
    return f"Its accuracy, said of one picture at a time, {way} from {percent(before)} to {percent(after)}."


def _found(facts: RunFacts) -> story.Story | None:
    view = facts.view
    known = [view.concept_metrics(task) for task in range(facts.moment + 1)]
    read = [each for each in known if each is not None]
    if not read or not read[-1].text:
        return None
    return story.read(read, view.class_names, story.telling(read, SPLIT), SPLIT)
