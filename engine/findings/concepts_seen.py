"""Whether concepts mean what they say."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST
from engine.findings.words import percent, shares
from engine.metrics.differences import means
from engine.session.facts import RunFacts

_IMPORTANCE = 0.4
_FEWEST = 5
"""Concepts below which a mean over concepts says little."""
_GUESSING, _HALFWAY = 0.5, 0.75
"""From halfway between guessing and never wrong on, a concept is right more often than it guesses."""


@RULES.register
class ConceptsSeen(Rule):
    """Whether concepts mean what they say.

    How often a concept is rightly seen now, on average over all concepts that can be judged (balanced accuracy on
    ordinary test images, guessing being 50 %), with its 95 % interval over concepts. It says that they mean what they
    say if the interval lies above 75 %, halfway between guessing and never wrong, and that they do not if it lies
    below; else it is silent, as it is with fewer than five such concepts.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The mean, if it is clearly on one side."""
        now = facts.view.concept_metrics(facts.moment)
        if now is None:
            return None
        accuracy = now.accuracy[TEST]
        count = int(np.isfinite(accuracy).sum())
        mean, low, high = (float(value) for value in means(accuracy))
        if count < _FEWEST or low <= _HALFWAY <= high:
            return None
        good = low > _HALFWAY
        told = "Its concepts mean what they say" if good else "Its concepts do not mean what they say"
        return Finding(
            self.name,
            f"{told}: rightly seen {percent(mean)} of the time",
            f"The mean over {count} concepts (95 % interval: {shares(low, min(high, 1.0))}), from "
            f"{percent(float(np.nanmin(accuracy)))} for the worst to {percent(float(np.nanmax(accuracy)))} for the "
            f"best; {len(accuracy) - count} more cannot be judged. Guessing is 50 %.",
            mean,
            "share",
            weight(_IMPORTANCE, 1 - mean, 1 - _GUESSING),
            Proof("concepts", "concepts", {"view": "browse", "split": TEST}),
            "A concept that is seen rightly need not be used rightly: what it weighs for which class is another "
            "question. Several wordings of one concept count as several.",
        )
