"""A residual that decides most answers."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST
from engine.findings.words import percent
from engine.metrics.chance import RISK, tail
from engine.session import model_arrays
from engine.session.facts import RunFacts

_IMPORTANCE, _HALF = 0.8, 0.5


@RULES.register
class DecidedPastConcepts(Rule):
    """A residual that decides most answers.

    Of a model that adds something to its weighted concepts that is not made of concepts: how much of the lead of its
    answers over the runner-up comes from there, on average over ordinary test images. It speaks if that is more than
    half of the lead, and more than chance would make of a half of so many images (95 %, binomial). It is silent of
    models that answer from their concepts alone, and where that was not measured.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The share, if it is above a half."""
        if facts.view.concept_metrics(facts.moment) is None:  # a black box: nothing comes past any concept
            return None
        changed, margin = (float(values[facts.moment]) for values in facts.view.past_concepts(TEST))
        if not np.isfinite(margin) or not model_arrays.goes_past_concepts(facts.store, facts.view.id, facts.moment):
            return None
        images = int(facts.view.test_sizes(TEST)[: facts.moment + 1].sum())
        if margin <= _HALF or tail(int(margin * images), images, _HALF) > RISK:
            return None
        return Finding(
            self.name,
            f"{percent(margin)} of the lead of its answers comes past its concepts",
            f"That is the mean over {images} test pictures. {round(changed * images)} of them would get another answer "
            "without what the model adds beside its concepts.",
            margin,
            "share",
            weight(_IMPORTANCE, margin - _HALF, _HALF),
            Proof("concepts", "past-concepts-share", {"view": "browse", "split": TEST}),
            "Taking it away is not training without it: concepts that had to do alone might do better.",
        )
