"""A concept that stopped meaning what it says."""

from __future__ import annotations

import math

from engine.explain.history import Break, breaks, lasting
from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, per_class
from engine.findings.words import capital, spelt
from engine.metrics.chance import auc_error, quantile
from engine.session.facts import RunFacts
from engine.store.reader import ConceptMetrics, RunReader

_IMPORTANCE, _LARGE = 0.9, 0.25


@RULES.register
class BrokenConcept(Rule):
    """A concept that broke.

    A task breaks a concept if the concept's AUC falls by 3 points or more from before that task to after it, and by
    more than at any other task; the Timeline says the same. It speaks of the concept with the largest such fall if the
    concept has not recovered since, and if the fall is more than chance: more than its standard error (Hanley and
    McNeil, as if only pictures of the class it was listed for showed it) makes plausible for the largest of so many
    concepts. It is silent where nobody knows which concepts are true, and where no fall is more than chance.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The worst break that lasts."""
        now = facts.view.concept_metrics(facts.moment)
        if now is None or not facts.moment:
            return None
        stored = RunReader(facts.store, facts.view.id).metrics(TEST, "concept_auc")
        rows = [stored[t] for t in range(facts.moment + 1)]
        broken = lasting(rows)
        if not broken:
            return None
        concept, broke = max(broken.items(), key=lambda one: one[1].fall)
        half = quantile(len(now.text), sides=1) * _error(facts, now, concept, broke)
        if not broke.fall > half:
            return None
        return self._told(facts, now, concept, broke, half, len(breaks(rows)))

    def _told(
        self, facts: RunFacts, now: ConceptMetrics, concept: int, broke: Break, half: float, count: int
    ) -> Finding:
        text, auc = now.text[concept], float(now.auc[TEST][concept])
        others = "" if count == 1 else f" In all, {spelt(count, 'concept')} fell by 3 points or more at some task."
        return Finding(
            self.name,
            f"“{capital(text)}” broke after task {broke.task + 1}",
            f"Its AUC fell from {broke.before:.2f} to {broke.after:.2f} there, give or take {half:.2f}, and is "
            f"{auc:.2f} now; guessing is 0.50. Task {now.born[concept] + 1} had brought it.{others}",
            100 * broke.fall,
            "points",
            weight(_IMPORTANCE, broke.fall, _LARGE),
            Proof("concepts", "concept-values", {"view": "timeline", "concept": text, "split": TEST}),
            "The AUC after a task is over all classes seen by then, so new classes that are harder to tell from it "
            "pull it down as well, even if the model's idea of the concept has not changed. The Timeline shows how far "
            "that turned.",
        )


def _error(facts: RunFacts, now: ConceptMetrics, concept: int, broke: Break) -> float:
    """Standard error of the fall, as if before and after were different images."""
    parts = []
    for moment, auc in ((broke.task - 1, broke.before), (broke.task, broke.after)):
        own, total = per_class(facts, now, moment)
        parts.append(auc_error(auc, int(own[concept]), total - int(own[concept])))
    return math.hypot(*parts)
