"""What learning adds to CLIP as it came."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, hits, matrix
from engine.findings.words import percent, points, span
from engine.metrics.chance import difference
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.5, 0.4


@RULES.register
class AgainstZeroShot(Rule):
    """Against zero-shot CLIP.

    Every task's ordinary test images just after the task was learnt, choosing among all classes seen by then: how many
    the model gets right, and how many CLIP gets right from the class names alone. It speaks if the 95 % interval of the
    difference over all tasks (Agresti and Caffo) leaves out 0. It is silent where CLIP does not know the names' words.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """Learnt against named."""
        done = facts.moment + 1
        named, own = facts.view.zero_shot(TEST)[:done], np.diagonal(matrix(facts))[:done]
        known = np.isfinite(named) & np.isfinite(own)
        sizes = facts.view.test_sizes(TEST)[:done][known]
        if not sizes.sum():
            return None
        images = int(sizes.sum())
        learnt, by_name = (int(hits(values[known], sizes).sum()) for values in (own, named))
        gain = difference(learnt, images, by_name, images)
        if not gain.sign:
            return None
        verb = "adds" if gain.value > 0 else "costs"
        return Finding(
            self.name,
            f"Learning {verb} {points(gain.value)} to what CLIP knows by name alone",
            f"When a task was new, {learnt} of {images} test pictures were right ({percent(learnt / images)}), and "
            f"{by_name} by their class names without any learning ({percent(by_name / images)}; 95 % interval of the "
            f"difference: {span(gain)}).",
            100 * abs(gain.value),
            "points",
            weight(_IMPORTANCE, gain.value, _LARGE),
            Proof("tasks", "old-new", {"split": TEST, "setting": "class_il"}),
            "Measured when each task was new, before anything of it was forgotten. Another wording of the names may "
            "serve CLIP better.",
        )
