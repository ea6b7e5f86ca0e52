"""The beginning: what this is."""

from __future__ import annotations

from typing import ClassVar

from engine.figures.telling import counted, things
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker, pictures
from engine.slides.shots import plates

_MOST = 10
_NEWS = {
    "birds": "A camera in the field meets new birds every season.",
    "classes": "New kinds of things turn up all the time.",
}
"""Why a model has to go on learning, by what its classes are called."""


@SLIDES.register
class Title(SlideMaker):
    """What this is.

    The first class of each task, up to ten.
    """

    place: ClassVar[int] = 10

    def make(self, facts: RunFacts) -> Slide:
        """Names, tasks and sizes come from the run's own layout."""
        view, tasks = facts.view, facts.view.task_classes
        sizes = {len(ids) for ids in tasks}
        count = counted(view, sum(map(len, tasks)))
        pace = f"{len(tasks[0])} at a time" if len(sizes) == 1 else f"in {len(tasks)} tasks"
        explains = view.concept_metrics(facts.moment) is not None
        who = "A model that gives its reasons in plain words" if explains else "A model"
        sentence = f"{who} learns {count}, {pace}."
        first = [ids[0] for ids in tasks[:_MOST]]
        names = [view.class_names[c] for c in first]
        shown = plates(facts, first, [f"Task {t + 1}" for t in range(len(first))], names)
        return Slide(
            sentence,
            pictures(shown, f"One of the new classes of each task: {', '.join(names)}"),
            (
                f"{_NEWS[things(view)]} Training from scratch each time is slow and dear, so this model goes on "
                "learning.",
                "It looks for marks that have names, such as a colour, and adds them up. That is why we can ask it for "
                "its reasons, and correct it."
                if explains
                else "This method has no concepts, so it cannot give reasons. That makes it a yardstick for those that "
                "can.",
            ),
            f"The pictures are the run's own. It has finished {facts.moment + 1} of {len(tasks)} tasks here.",
        )
