"""What is left of the beginning."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, places
from engine.findings.words import counted, percent, shares
from engine.metrics.robustness import wilson
from engine.session.facts import RunFacts

_IMPORTANCE = 0.6


@RULES.register
class FirstTask(Rule):
    """What is still known of the first task.

    Share of the first task's ordinary test images that are right now, choosing among all classes seen, with its 95 %
    interval (Wilson). If the interval holds what guessing among all classes would give, it says that nothing is left.
    It is silent before the second task.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """Accuracy on the first task now."""
        if facts.moment < 1:
            return None
        rows = places(facts, 0)
        now, then = (facts.view.confusion(t, TEST)[rows] for t in (facts.moment, 0))
        right, count, classes = int(np.trace(now[:, rows])), int(now.sum()), now.shape[1]
        if not count:
            return None
        was = int(np.trace(then))
        low, high = (float(end) for end in wilson(right, count))
        share, guess = right / count, 1 / classes
        known = f"It still knows {percent(share)} of the first task"
        return Finding(
            self.name,
            known if low > guess else "Nothing is left of the first task",
            f"{right} of its {counted(count, 'test picture')} are right after task {facts.moment + 1} (95 % "
            f"interval: {shares(low, high)}); {was} were when it was new. Guessing among {classes} classes gives "
            f"{percent(guess)}.",
            share,
            "share",
            weight(_IMPORTANCE, 1 - share, 1.0),
            Proof("tasks", "accuracy-matrix", {"split": TEST, "setting": "class_il"}),
            "When it was new, there were fewer classes to choose among, so the two numbers answer questions of "
            "different difficulty.",
        )
