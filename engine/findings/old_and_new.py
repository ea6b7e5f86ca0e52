"""Whether the model is better at learning or at keeping."""

from __future__ import annotations

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, hits, matrix
from engine.findings.words import percent, points, span
from engine.metrics.chance import difference
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.65, 0.4


@RULES.register
class OldAndNew(Rule):
    """Stiff or plastic.

    Compares accuracy on the newest task with accuracy on all earlier ones, on ordinary test images, choosing among all
    classes seen. It speaks if the 95 % interval of the difference (Agresti and Caffo) leaves out 0: new far above old
    means that it learns at the cost of what it knew, old above new that it is too stiff to learn. It is silent before
    the second task, and where the two are alike within chance.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """New against old, if they differ."""
        t = facts.moment
        if t < 1:
            return None
        sizes = facts.view.test_sizes(TEST)[: t + 1]
        right = hits(matrix(facts)[t, : t + 1], sizes)
        new, news, old, olds = int(right[t]), int(sizes[t]), int(right[:t].sum()), int(sizes[:t].sum())
        gap = difference(new, news, old, olds)
        if not gap.sign:
            return None
        both = f"{percent(new / news)} of the newest task, {percent(old / olds)} of the older ones"
        return Finding(
            self.name,
            f"It learns better than it remembers: {both}" if gap.value > 0 else f"It is stiff: {both}",
            f"{new} of {news} test pictures of task {t + 1} are right, {old} of {olds} of the tasks before it: a gap "
            f"of {points(gap.value)} (95 % interval: {span(gap)}).",
            100 * abs(gap.value),
            "points",
            weight(_IMPORTANCE, gap.value, _LARGE),
            Proof("tasks", "old-new", {"split": TEST, "setting": "class_il"}),
            "Classes differ in how hard they are. The newest task may simply be easier or harder than the others; "
            "look whether the gap is there after other tasks too.",
        )
