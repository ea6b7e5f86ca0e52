"""Whether mistakes are made between tasks or within them."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST, hits, matrix
from engine.findings.words import counted, percent, shares
from engine.metrics.robustness import wilson
from engine.runs.dossier import Dossier

_IMPORTANCE = 0.5


@RULES.register
class WithinTask(Rule):
    """Lost, or only mixed up.

    Of the ordinary test images that are wrong now, the share that would be right if the model were told which task a
    picture belongs to. It speaks if the 95 % interval (Wilson) lies above the share of mistakes that would go to other
    tasks if they were spread evenly over all other classes. Then the classes of a task are still told apart, and it is
    the tasks that are mixed up. It is silent before the second task.
    """

    def find(self, dossier: Dossier) -> Finding | None:
        """Share of mistakes that knowing the task would mend."""
        t = dossier.moment
        if t < 1:
            return None
        sizes = dossier.view.test_sizes(TEST)[: t + 1]
        among_all, told = (
            int(hits(matrix(dossier, setting)[t, : t + 1], sizes).sum()) for setting in ("class_il", "task_il")
        )
        wrong, mended = int(sizes.sum()) - among_all, told - among_all
        low, high = (float(end) for end in wilson(mended, wrong))
        even = _even(dossier)
        if not low > even:
            return None
        share = mended / wrong
        return Finding(
            self.name,
            f"Told the task of a picture, it would put {percent(share)} of its mistakes right",
            f"{counted(wrong, 'test picture')} of {int(sizes.sum())} {'is' if wrong == 1 else 'are'} wrong, and "
            f"{mended} of them right when it chooses among the picture's own task only (95 % interval: "
            f"{shares(low, high)}). Spread evenly over all other classes, {percent(even)} of mistakes would go to "
            "other tasks.",
            share,
            "share",
            weight(_IMPORTANCE, share - even, 1 - even),
            Proof("tasks", {"split": TEST, "setting": "task_il"}),
            "A choice among few classes is easier than one among many, so some of this gain would come to any model.",
        )


def _even(dossier: Dossier) -> float:
    """Share of mistakes that fall on other tasks if every other class is as likely."""
    classes = [len(ids) for ids in dossier.view.task_classes[: dossier.moment + 1]]
    images, every = dossier.view.test_sizes(TEST)[: len(classes)], sum(classes)
    elsewhere = [(every - own) / (every - 1) for own in classes]
    return float(np.average(elsewhere, weights=images))
