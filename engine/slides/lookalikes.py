"""Why it forgets: look-alikes."""

from __future__ import annotations

from typing import ClassVar

from engine.exhibits.tasks.classes import task_of
from engine.explain.wording import an
from engine.metrics.confusion import most_confused
from engine.session.facts import RunFacts
from engine.slides.base import SLIDES, Slide, SlideMaker, pictures
from engine.slides.losses import SPLIT
from engine.slides.shots import plates

_LEAST = 2
"""A single mistake is no habit."""


@SLIDES.register
class Lookalikes(SlideMaker):
    """Who is taken for whom.

    The most frequent mistake between two classes on ordinary test pictures, made at least twice.
    """

    place: ClassVar[int] = 50
    story: ClassVar[str] = "forgetting"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs a mistake that was made twice."""
        pair = most_confused(facts.view.confusion(facts.moment, SPLIT), 1)
        return None if pair and pair[0][2] >= _LEAST else "no two classes are mixed up more than once"

    def make(self, facts: RunFacts) -> Slide:
        """Both classes side by side."""
        view, moment = facts.view, facts.moment
        counts = view.confusion(moment, SPLIT)
        ((true, taken, times),) = most_confused(counts, 1)
        seen = view.class_ids_seen(moment)
        ids = (seen[true], seen[taken])
        names = [view.class_names[i] for i in ids]
        task = [task_of(view, i) or 0 for i in ids]
        total = int(counts[true].sum())
        sentence = f"It takes {an(names[0])} for {an(names[1])}: {times} of {total} times."
        when = (
            "Both came with the same task"
            if task[0] == task[1]
            else f"The second came {abs(task[1] - task[0])} task{'s' if abs(task[1] - task[0]) > 1 else ''} "
            f"{'later' if task[1] > task[0] else 'earlier'}"
        )
        shown = plates(
            facts,
            ids,
            [f"This is {an(names[0])}", f"This is {an(names[1])}"],
            [f"task {task[0] + 1}", f"task {task[1] + 1}"],
        )
        return Slide(
            sentence,
            pictures(shown, sentence),
            (
                f"Could you tell them apart? {when}.",
                "Mistakes are seldom random. They go to look-alikes, and a look-alike that arrives later takes "
                "pictures away from what was known."
                if task[1] > task[0]
                else "Mistakes are seldom random: they go to look-alikes.",
            ),
            f"The most frequent mistake between two classes, after task {moment + 1}, on {total} test pictures.",
        )
