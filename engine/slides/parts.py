"""Why it forgets: the part of the model that lost one picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from engine.exhibits.exhibit import Exhibit
from engine.exhibits.picture import past
from engine.explain.forgetting import attribute
from engine.explain.story import once_right
from engine.figures.look import percent
from engine.runs.task_backbones import changes_backbone
from engine.session.facts import RunFacts
from engine.slides import losers
from engine.slides.base import SLIDES, Slide, SlideMaker

_PARTS = ("its concepts changed", "their weights changed", "new classes compete")
"""The three parts of `engine.explain.forgetting`, in plain words."""
_REASONS = ("its concepts changed", "its concepts count differently", "new classes compete with it")


@SLIDES.register
class Parts(SlideMaker):
    """What went wrong inside.

    The same picture: its lead divided exactly among three parts of the model (`engine.explain.forgetting`).
    """

    place: ClassVar[int] = 70
    story: ClassVar[str] = "forgetting"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs two tasks, and a backbone that stays the same."""
        if changes_backbone(facts.view.config):
            return (
                "this run changes its backbone before each task, so the loss cannot be divided among parts of the model"
            )
        return losers.why_not(facts)

    def make(self, facts: RunFacts) -> Slide:
        """The part that took most."""
        case, found = losers.loser(facts)
        then = once_right(case.story, case.moment)
        exhibit = past.parts(case)
        if not isinstance(exhibit, Exhibit) or then is None:
            return Slide("No lost picture can be divided into causes here.", None, (f"Looked for: {found.rule}.",))
        labels = np.array([case.true], np.int64)
        shares = attribute(case.lab.snapshot(then), case.snapshot, case.subject.feature[None], labels).shares[0]
        top = int(shares.argmax())
        took = "All of its lead" if shares[top] > 1 else f"{percent(float(shares[top]))} of its lead"
        return Slide(
            f"{took} was lost because {_REASONS[top]}.",
            replace(exhibit, figure=_plain(exhibit.figure, then, case.moment)),
            (
                "At the top is the lead that the right class had when the picture was known; at the bottom it is below "
                "zero, so the answer is wrong. Each bar between is one part of the model.",
                "The three causes call for three cures: keep the concepts still, keep the weights still, or make room "
                "for new classes. That is why it is worth knowing which one it was.",
            ),
            f"Shapley values of one picture, which add up exactly. {found.rule[:1].upper()}{found.rule[1:]}.",
            losers.shown(case),
        )


def _plain(figure: Any, then: int, now: int) -> Any:
    """The waterfall with plain words on its axes."""
    names = [f"lead after task {then + 1}", *_PARTS, f"lead after task {now + 1}"]
    return figure.update_yaxes(ticktext=names).update_xaxes(title_text="lead over the best other class, in logits")
