"""The concept to trust least."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, per_class
from engine.findings.words import percent, points
from engine.metrics.chance import balanced_error, quantile
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.5, 0.4
GUESSING = 0.5


@RULES.register
class WeakestConcept(Rule):
    """The concept to trust least.

    The concept that is rightly seen least often now (balanced accuracy on ordinary test images, at the threshold
    chosen on validation images). It speaks if it lies below the median concept by more than chance would put the
    lowest of so many: by more than the largest standard error it can have, as if only pictures of the class it was
    listed for showed it, times the normal quantile for all concepts. It is silent where nobody knows which concepts
    are true.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The worst one, if it stands out."""
        now = facts.view.concept_metrics(facts.moment)
        if now is None or not np.isfinite(now.accuracy[TEST]).any():
            return None
        accuracy = now.accuracy[TEST]
        concept, middle = int(np.nanargmin(accuracy)), float(np.nanmedian(accuracy))
        own, total = per_class(facts, now, facts.moment)
        half = quantile(len(accuracy), sides=1) * balanced_error(int(own[concept]), total - int(own[concept]))
        value, text = float(accuracy[concept]), now.text[concept]
        if not value + half < middle:
            return None
        return Finding(
            self.name,
            f"Trust “{text}” least: it is rightly seen {percent(value)} of the time",
            f"Give or take {points(half)}. Guessing is 50 %, and half of all {int(np.isfinite(accuracy).sum())} "
            f"concepts that can be judged are at {percent(middle)} or more. Task {now.born[concept] + 1} brought it.",
            value,
            "share",
            weight(_IMPORTANCE, middle - value, _LARGE),
            Proof("concepts", "concept-values", {"view": "timeline", "concept": text, "split": TEST}),
            "Seeing a concept badly harms an answer only where the model gives it weight. Pictures that show it and "
            "pictures that do not count alike here, however few there are of either.",
        )
