"""Rules about a model that do not hold what they say."""

from __future__ import annotations

import numpy as np

from engine.array_types import Ints
from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.words import percent, span
from engine.metrics.chance import difference
from engine.metrics.differences import Interval
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.6, 0.4
_LEAST = 0.1
"""Rules are chosen on validation images, so they lose a little anyhow; a smaller loss is not worth a sentence."""
_KIND = 0
"""Of `engine.analyses.rules.KINDS`: those learnt from its answers, which claim to say what the model says."""
_ELSEWHERE = {"moved": " once habitats are moved"}


@RULES.register
class RulesHold(Rule):
    """Rules that do not hold what they say.

    Rules that were learnt from the model's answers and cut to length on validation images say what the model says on a
    share of the images that they speak about (their fidelity). It compares that share on validation images with that on
    every test split, and speaks of the split where it falls furthest, if it falls by at least 10 points and the
    95 % interval of the fall (shared among the splits) leaves out 0. It is silent where no rules were learnt.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The split on which they fall furthest."""
        result = facts.result("rules")
        if result is None:
            return None
        spoken, followed = result["spoken"][_KIND], result["followed"][_KIND]
        splits = result["split"].tolist()
        if not spoken.all():  # where none speaks there is no fidelity
            return None
        share = followed / spoken
        at = int(np.argmin(share[1:])) + 1
        fall = _fall(followed, spoken, at, len(splits) - 1)
        if fall.value < _LEAST or fall.low <= 0:
            return None
        return Finding(
            self.name,
            f"Rules about it are right {percent(share[at])} of the time{_ELSEWHERE.get(splits[at], '')}, and promised "
            f"{percent(share[0])}",
            f"They speak about {spoken[at]} of {result['images'][at]} test pictures, and on {followed[at]} of these "
            f"the model answers as they say; on validation pictures it was {followed[0]} of {spoken[0]}. 95 % interval "
            f"of the fall: {span(fall)}.",
            100 * fall.value,
            "points",
            weight(_IMPORTANCE, fall.value, _LARGE),
            Proof("concepts", "rules-answers", {"view": "rules", "rules": "answers", "split": splits[at]}),
            "A rule that fails says nothing bad of the model: it says that the rule is no account of it.",
        )


def _fall(followed: Ints, spoken: Ints, at: int, comparisons: int) -> Interval:
    """By how much the share on a split is below that on validation images."""
    return difference(int(followed[0]), int(spoken[0]), int(followed[at]), int(spoken[at]), comparisons)
