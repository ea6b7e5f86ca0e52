"""A residual that decides most answers."""

from __future__ import annotations

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

    Of a model that adds something to its weighted concepts that is not made of concepts: on how many ordinary test
    images more than half of the answer's lead over the strongest other class comes from there. It speaks if these are
    more than half of the images, and more than chance would make of a half (95 %, binomial). It is silent where that
    was not looked at, and of models that answer from their concepts alone.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The share, if it is above a half."""
        result = facts.result("past_concepts")
        if result is None or not model_arrays.goes_past_concepts(facts.store, facts.view.id, facts.moment):
            return None
        at = result["split"].tolist().index(TEST)
        images, decides, changes = (int(result[name][at]) for name in ("images", "decides", "changes"))
        share = decides / images
        if share <= _HALF or tail(decides, images, _HALF) > RISK:
            return None
        return Finding(
            self.name,
            f"{percent(share)} of its answers come mostly past its concepts",
            f"On {decides} of {images} test pictures more than half of the lead comes from what the model adds beside "
            f"its concepts; {changes} would get another answer without it. It is {percent(float(result['right'][at]))} "
            f"right with it and {percent(float(result['without'][at]))} without.",
            share,
            "share",
            weight(_IMPORTANCE, share - _HALF, _HALF),
            Proof("concepts", "past-concepts-share", {"view": "browse", "split": TEST}),
            "Taking it away is not training without it: concepts that had to do alone might do better.",
        )
