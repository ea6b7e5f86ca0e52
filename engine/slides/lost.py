"""Why it forgets: one picture, through the tasks."""

from __future__ import annotations

from typing import ClassVar

from engine.exhibits.case import Case
from engine.exhibits.picture import past
from engine.explain.story import Moment
from engine.explain.wording import an
from engine.session.facts import RunFacts
from engine.slides import losers
from engine.slides.base import SLIDES, Slide, SlideMaker


@SLIDES.register
class LostPicture(SlideMaker):
    """One picture through the tasks.

    The test picture that was right after the most tasks and is wrong now (`engine.exhibits.subjects`).
    """

    place: ClassVar[int] = 60
    story: ClassVar[str] = "forgetting"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs two tasks."""
        return losers.why_not(facts)

    def make(self, facts: RunFacts) -> Slide:
        """The task after which it was last right, and what tipped the answer."""
        case, found = losers.loser(facts)
        if not found.forgotten:
            return Slide("No test picture was forgotten.", None, (f"Looked for: {found.rule}.",))
        moments = case.story[: case.moment + 1]
        at = max(m.task for m in moments if m.right) + 1
        right = sum(m.right for m in moments)
        taker = an(case.names[case.predicted])
        return Slide(
            f"Right after {right} task{'s' if right > 1 else ''}, lost after task {at + 1}: this {case.true_name} is "
            f"now {taker} to it.",
            past.story(case),
            (
                "A dot is a right answer, a cross a wrong one. The line is how probable the model found the right "
                "class.",
                _tipped(case, moments[at]),
            ),
            f"Chosen by a rule: {found.rule}.",
            losers.shown(case),
        )


def _tipped(case: Case, moment: Moment) -> str:
    tip = moment.tip
    if tip is None:
        return "Nothing in the picture changed. The model did."
    if tip.arrived:
        return (
            f"Task {moment.task + 1} brought {an(case.class_names[tip.to_class])}, and it took this picture. What "
            f"speaks for it most is “{tip.text}”."
        )
    return (
        f"Both classes were known before. At task {moment.task + 1} “{tip.text}” began to count more for "
        f"{an(case.class_names[tip.to_class])}."
    )
