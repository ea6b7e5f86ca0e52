"""The mistake that is made most often."""

from __future__ import annotations

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, names, task_of
from engine.findings.words import capital, counted, percent, shares
from engine.metrics.chance import RISK, tail
from engine.metrics.confusion import most_confused
from engine.metrics.robustness import wilson
from engine.session.facts import RunFacts
from engine.session.picture_sets import PictureSet

_IMPORTANCE, _LARGE = 0.55, 0.4


@RULES.register
class ConfusedPair(Rule):
    """Most confused pair.

    The most frequent mistake among ordinary test images: one class taken for one other. It speaks if so many are more
    than chance: had the first class's mistakes gone to all other classes alike, so many would go to one of them with a
    probability below 5 %, shared among all pairs (binomial test). It is silent where mistakes are few or spread.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The pair, if it stands out."""
        counts = facts.view.confusion(facts.moment, TEST)
        found, classes = most_confused(counts, 1), len(counts)
        if not found or classes < 3:
            return None
        true, taken, pictures = found[0]
        total, wrong = int(counts[true].sum()), int(counts[true].sum() - counts[true, true])
        if not tail(pictures, wrong, 1 / (classes - 1)) < RISK / (classes * (classes - 1)):
            return None
        known, seen = names(facts), facts.view.class_ids_seen(facts.moment)
        low, high = (float(end) for end in wilson(pictures, total))
        back = int(counts[taken, true])
        return Finding(
            self.name,
            f"{capital(known[true])} is taken for {known[taken]}: {pictures} of {counted(total, 'picture')}",
            f"That is {percent(pictures / total)} (95 % interval: {shares(low, high)}), and {pictures} of the "
            f"{counted(wrong, 'mistake')} on this class, which task {task_of(facts, true) + 1} brought. The other "
            f"came with task {task_of(facts, taken) + 1}; {back} of its pictures {'is' if back == 1 else 'are'} "
            "taken for this one.",
            pictures,
            "pictures",
            weight(_IMPORTANCE, pictures / total, _LARGE),
            Proof("tasks", "mistakes", {"split": TEST, "setting": "class_il", "class": known[true]}),
            "It is the most frequent of all mistakes, so its number is a little too high: among so many pairs one is "
            "always unlucky.",
            {"split": TEST, "pictures": str(PictureSet("cell", (seen[true], seen[taken])))},
        )
