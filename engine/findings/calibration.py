"""Whether the model is as sure as it should be."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST
from engine.findings.words import percent, points
from engine.metrics.chance import calibration_limit
from engine.runs.dossier import Dossier

_IMPORTANCE, _LARGE = 0.45, 0.2
_CLOSE = 0.05
"""With fewer images chance alone gives more than this, and nothing can be said for a model's confidence."""


@RULES.register
class Calibration(Rule):
    """Whether it is as sure as it should be.

    The calibration error (ECE) of the newest model on ordinary test images: how far confidence is from how often it is
    right. Counted in 15 bins it is never 0, so it is compared with what a perfectly calibrated model of the same
    accuracy would exceed only once in 40 times. It says that confidence misleads if it is above that, and that it can
    be believed if it is not and that limit is below 5 points. It is silent where too few images would hide a large
    error.
    """

    def find(self, dossier: Dossier) -> Finding | None:
        """The error after the last finished task, and whether chance explains it."""
        if dossier.moment + 1 != dossier.view.tasks_done:  # the page shows it for the newest moment only
            return None
        counts = dossier.view.confusion(dossier.moment, TEST)
        error = dossier.view.summary(TEST)["ece"]
        if error is None:
            return None
        images, right = int(counts.sum()), int(np.trace(counts))
        limit = calibration_limit(right / images, images)
        misleads = error > limit
        if not misleads and limit > _CLOSE:
            return None
        told = "Its confidence misleads" if misleads else "Its confidence can be believed"
        return Finding(
            self.name,
            f"{told}: off by {points(error, 1)} on average",
            f"Over {images} test pictures, of which {percent(right / images)} are right. A model that is exactly as "
            f"sure as it should be stays below {points(limit, 1)} in 39 of 40 cases.",
            100 * error,
            "points",
            weight(_IMPORTANCE, error if misleads else 0.0, _LARGE),
            Proof("tasks", {"split": TEST, "setting": "class_il", "numbers": "open"}),
            "An average over all pictures: single answers, and answers on moved birds, may be much too sure. It does "
            "not say whether the model is too sure or not sure enough.",
        )
