"""The same attack on the same run with a defended backbone: live."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from engine.backbone.presets import HARDENED
from engine.exhibits.attack import choosing
from engine.exhibits.attack.pair import costs
from engine.figures.backbones import cost_words
from engine.session.backbone_pairs import Twin, twins
from engine.session.facts import RunFacts, once
from engine.slides.base import SLIDES, Slide, SlideMaker
from engine.slides.fool import before, target
from engine.slides.live import Prey


@SLIDES.register
class Defended(SlideMaker):
    """The defended twin.

    The run that differs in nothing but its backbone, which was trained under attack, on the same picture.
    """

    place: ClassVar[int] = 130
    story: ClassVar[str] = "fool"

    def why_not(self, facts: RunFacts) -> str | None:
        """Needs a twin that has come as far; a run on the defended backbone is its own defence."""
        if facts.view.config.backbone == HARDENED:
            return "this run is itself on the defended backbone"
        twins = found(facts)
        if not twins:
            return "nobody has trained this run on the defended backbone, which the Attack page does"
        most = max(twin.tasks_done for twin in twins)
        return None if most > facts.moment else f"its defended twin has finished {most} of {facts.moment + 1} tasks"

    def make(self, facts: RunFacts) -> Slide:
        """Before the attack."""
        chosen = choosing.chosen(facts)
        ref = chosen.ref
        twin = next(t for t in found(facts) if t.tasks_done > facts.moment)
        other = twin_of(facts, twin.run_id)
        slide = before(target(other, ref), Prey(ref, twin.run_id), "Its defended twin sees", chosen.why)
        price = cost_words(costs(facts.view, other.view, facts.moment))
        return replace(slide, notes=(*slide.notes, f"What the defence costs, over whole test splits. {price}."))


def found(facts: RunFacts) -> list[Twin]:
    """Its twins on the defended backbone, whether finished or not."""
    return [twin for twin in twins(facts.store, facts.view) if twin.backbone == HARDENED]


@once
def twin_of(facts: RunFacts, run: str) -> RunFacts:
    """The twin after the same task."""
    return RunFacts(facts.store, run, facts.moment)
