"""Whether mistakes are made between tasks or within them."""

from __future__ import annotations

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.kin import DESIGN, are_apart, genera, owners
from engine.findings.reading import TEST, hits, matrix
from engine.findings.words import counted, percent, shares
from engine.metrics.chance import RISK
from engine.metrics.nulls import between_tasks
from engine.metrics.robustness import wilson
from engine.session.facts import RunFacts

_IMPORTANCE = 0.5
_TIE = 1e-12


@RULES.register
class WithinTask(Rule):
    """Lost, or only mixed up.

    Of the ordinary test images that are wrong now, the share that would be right if the model were told which task a
    picture belongs to. It speaks if more mistakes lie between tasks than in 19 of 20 cases in which the same classes
    are dealt to the tasks otherwise (4,000 permutations, the mistakes between classes staying as they are). Where
    species have a genus, they change places within it only: the Aviary's tasks keep sister species apart, and sisters
    are taken for each other, so mistakes between its tasks are built in and say nothing by themselves. It is silent
    before the second task.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """Share of mistakes that knowing the task would mend."""
        t = facts.moment
        if t < 1:
            return None
        sizes = facts.view.test_sizes(TEST)[: t + 1]
        among_all, told = (
            int(hits(matrix(facts, setting)[t, : t + 1], sizes).sum()) for setting in ("class_il", "task_il")
        )
        wrong, mended = int(sizes.sum()) - among_all, told - among_all
        low, high = (float(end) for end in wilson(mended, wrong))
        counts = facts.view.confusion(t, TEST)
        between, dealt = between_tasks(counts, owners(facts), genera(facts))
        if not wrong or not mended or (1 + int((dealt >= between - _TIE).sum())) / (1 + len(dealt)) >= RISK:
            return None
        usual = float(dealt.mean())
        share = mended / wrong
        return Finding(
            self.name,
            f"Told the task of a picture, it would put {percent(share)} of its mistakes right",
            f"{counted(wrong, 'test picture')} of {int(sizes.sum())} {'is' if wrong == 1 else 'are'} wrong, and "
            f"{mended} of them right when it chooses among the picture's own task only (95 % interval: "
            f"{shares(low, high)}). {percent(between)} of its mistakes lie between tasks; had the same classes been "
            f"dealt to the tasks otherwise, {percent(usual)} would.{f' Note: {DESIGN}.' if are_apart(facts) else ''}",
            share,
            "share",
            weight(_IMPORTANCE, between - usual, 1 - usual),
            Proof("tasks", "confusion", {"split": TEST, "setting": "task_il"}),
            "A choice among few classes is easier than one among many, so some of this gain would come to any model.",
        )
