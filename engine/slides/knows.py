"""What it knows now."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from engine.exhibits.tasks import accuracy
from engine.figures.look import percent
from engine.figures.telling import counted
from engine.metrics.accuracy import last_accuracy, until
from engine.metrics.chance import guessed
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker
from engine.slides.losses import SETTING, SPLIT


@SLIDES.register
class Knows(SlideMaker):
    """What it knows now.

    Accuracy over all test pictures of the classes seen, and the task that stands worst.
    """

    place: ClassVar[int] = 30

    def make(self, facts: RunFacts) -> Slide:
        """Weighted by the number of test pictures, as on the Tasks page."""
        view, moment = facts.view, facts.moment
        found, sizes = until(view.accuracy(SPLIT, SETTING), moment), view.test_sizes(SPLIT)
        known, images = last_accuracy(found, sizes), int(sizes[: moment + 1].sum())
        weakest = int(np.argmin(found[moment, : moment + 1]))
        count = counted(view, len(view.class_ids_seen(moment)))
        sentence = f"It now knows {count} and gets {percent(known)} of {images} new pictures right."
        if guessed(round(known * images), images, classes := len(view.class_ids_seen(moment))):
            sentence = (
                f"Of {images} new pictures it gets {percent(known)} right: guessing gives {percent(1 / classes)}."
            )
        later = (
            f"Weakest is task {weakest + 1}, at {percent(float(found[moment, weakest]))}."
            if moment
            else "There is one task so far, so nothing can have been forgotten."
        )
        return Slide(
            sentence,
            accuracy.matrix(view, SPLIT, SETTING, moment, weakest if moment else None),
            (
                "Each row is one moment, each column one task. Read a column downwards: a number that falls is "
                "forgetting.",
                later,
            ),
            "Accuracy in per cent on pictures it never saw in training; a task has few of them, so two or three points "
            "can be chance.",
        )
