"""The same attack on the same run with a defended backbone: live."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from engine.backbone.presets import HARDENED
from engine.exhibits.attention import choosing
from engine.exhibits.robustness.pair import costs
from engine.figures.backbones import cost_words
from engine.runs.dossier import Dossier
from engine.runs.twins import Twin, twins
from engine.slides.base import SLIDES, Slide, SlideMaker
from engine.slides.fool import before, target
from engine.slides.live import Offer, Prey


@SLIDES.register
class Defended(SlideMaker):
    """The defended twin.

    The run that differs in nothing but its backbone, which was trained under attack, on the same picture.
    """

    def why_not(self, dossier: Dossier) -> str | None:
        """A run on the defended backbone is its own defence."""
        if dossier.view.config.backbone == HARDENED:
            return "this run is itself on the defended backbone"
        return None

    def make(self, dossier: Dossier) -> Slide:
        """Before the attack; without a twin, what one is."""
        ref = choosing.first(dossier.lab, dossier.moment)
        twin = next((t for t in found(dossier) if t.tasks_done > dossier.moment), None)
        if twin is None:
            return _absent(dossier)
        other = twin_of(dossier, twin.run_id)
        slide = before(target(other, ref), Prey(ref, twin.run_id), "Its defended twin sees")
        price = cost_words(costs(dossier.view, other.view, dossier.moment))
        return replace(slide, notes=(*slide.notes, f"What the defence costs, over whole test splits. {price}."))


def found(dossier: Dossier) -> list[Twin]:
    """Its twins on the defended backbone, whether finished or not."""
    return [twin for twin in twins(dossier.store, dossier.view) if twin.backbone == HARDENED]


@lru_cache(maxsize=4)
def twin_of(dossier: Dossier, run: str) -> Dossier:
    """The twin after the same task."""
    return Dossier(dossier.store, run, dossier.moment)


def _absent(dossier: Dossier) -> Slide:
    training = found(dossier)
    word = (
        f"A defended twin is {training[0].status}: {training[0].tasks_done} tasks are finished, and this story is told "
        f"after task {dossier.moment + 1}."
        if training
        else "Would a defended backbone hold? Nobody has trained its twin yet."
    )
    return Slide(
        word,
        None,
        (
            "A defended backbone has seen attacks while it was trained: under attack, its attention is pulled back to "
            "where it was on the clean picture (TGA-ZSR, Yu et al., NeurIPS 2024).",
            "The same run trained on it is its twin. It differs in nothing else, so what differs is the defence.",
        ),
        live=None if training else Offer(dossier.view.id, HARDENED),
    )
