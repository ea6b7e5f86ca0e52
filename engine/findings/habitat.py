"""Whether the model goes by where birds stand."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import MOVED, TEST
from engine.findings.words import points, span
from engine.metrics.chance import difference
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.95, 0.25


@RULES.register
class Habitat(Rule):
    """Leaning on the habitat.

    Compares accuracy on the ordinary test images with accuracy on as many of the same species in other habitats, over
    all classes seen. It speaks if accuracy falls by more than chance would make it: the 95 % interval of the difference
    (Agresti and Caffo) leaves out 0. It is silent for data without moved pictures.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The difference of the two splits, if the moved one is worse beyond chance."""
        if not facts.has_moved:
            return None
        counts = [facts.view.confusion(facts.moment, split) for split in (TEST, MOVED)]
        (right, count), (moved, others) = ((int(np.trace(c)), int(c.sum())) for c in counts)
        fall = difference(right, count, moved, others)
        if not fall.low > 0:
            return None
        return Finding(
            self.name,
            f"It leans on habitat: {points(fall.value)} lost where birds stand elsewhere",
            f"{right} of {count} ordinary test pictures are right, and {moved} of {others} of the same species in "
            f"other habitats (95 % interval of the fall: {span(fall)}).",
            100 * fall.value,
            "points",
            weight(_IMPORTANCE, fall.value, _LARGE),
            Proof("tasks", "accuracy-matrix", {"split": MOVED, "setting": "class_il"}),
            "It says that the place matters to the answer, not which concept carries it: words for colours and shapes "
            "may have learnt the habitat as well.",
        )
