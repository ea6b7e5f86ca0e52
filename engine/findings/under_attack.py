"""What the model withstands."""

from __future__ import annotations

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.robust import EPS, attacked
from engine.findings.words import counted, percent, points, span
from engine.metrics.differences import paired_difference
from engine.session.facts import RunFacts

_IMPORTANCE = 0.85
_HALF = 0.5


@RULES.register
class UnderAttack(Rule):
    """What is left under attack.

    Accuracy on some test images of every class, without an attack and under one that changes no pixel by more than 4
    of 255 levels, as the Attack page measured it last. It speaks if the attack costs more than chance: the 95 %
    interval of the difference on the same images (Agresti and Min) leaves out 0. It says that the attack fools the
    model if less than half of what was right is left, and that it holds up else. It is silent where nobody attacked
    the run at this strength.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """Clean and attacked accuracy on the same images."""
        found = attacked(facts)
        if found is None:
            return None
        clean, held = found.outcome == 1
        loss = paired_difference(held, clean)
        if not loss.low > 0:
            return None
        share, before, images = float(held.mean()), float(clean.mean()), len(clean)
        holds = share >= _HALF * before
        told = (
            f"It holds up: {percent(share)} right under an attack of {EPS:g} of 255 levels, {percent(before)} without"
            if holds
            else f"A change of {EPS:g} of 255 levels fools it: {percent(share)} right instead of {percent(before)}"
        )
        return Finding(
            self.name,
            told,
            f"{int(held.sum())} of {counted(images, 'test picture')} are right under attack ({found.who}, 4 of 255 "
            f"levels), {int(clean.sum())} without: {points(loss.value)} lost (95 % interval: {span(loss)}).",
            share,
            "share",
            weight(_IMPORTANCE, loss.value, 1.0),
            Proof("attack", "fall-curves", {"tab": "all", "view": "answers", "eps": f"{EPS:g}"}),
            "An attack shows that a model can be fooled, never that it cannot: a stronger attack may find more. Only a "
            "few pictures of each class were attacked.",
        )
