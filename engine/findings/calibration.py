"""Whether the model is as sure as it should be."""

from __future__ import annotations

from engine.figures.reliability import headline, span_of
from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST
from engine.findings.words import percent, points
from engine.metrics.calibration import FITS, ON_AVERAGE, UNSURE, Bias, verdict
from engine.metrics.wording import MINUS
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.45, 0.2
_ALSO = {ON_AVERAGE: "", FITS: " In no part of the scale is it off by more than chance."}


@RULES.register
class Calibration(Rule):
    """Whether it is as sure as it should be.

    Mean confidence minus the share right, on ordinary test images: above 0 the model is too sure, below 0 not sure
    enough. It is compared with what chance gives a model whose confidence is exact (variance of a sum of c (1 - c)),
    over all images and in each of 15 bins with at least 10; the risk of 5 % is shared, half for the whole, half for
    the bins. It says that confidence misleads where a gap is beyond chance, and that it fits on average where none is
    and the interval of the whole gap stays within 5 points. It is silent in between, and for runs whose bins of
    confidence were not kept.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """What the bins say after the moment."""
        found = facts.view.reliability(facts.moment, TEST)
        if found is None:
            return None
        told = verdict(found)
        if told.kind == UNSURE:
            return None
        whole, off = told.whole, told.told
        images, right = whole.count, float((found.accuracy * found.count)[found.count > 0].sum()) / whole.count
        return Finding(
            self.name,
            headline(found),
            f"Over {images} test pictures it is {percent(right + whole.gap, 1)} sure on average and "
            f"{percent(right, 1)} are right: {_measured(whole)}.{_bin(off) if off is not whole else _ALSO[told.kind]}",
            100 * abs(off.gap),
            "points",
            weight(_IMPORTANCE, 0.0 if told.kind == FITS else off.gap, _LARGE),
            Proof("tasks", "reliability", {"split": TEST, "setting": "class_il"}),
            "Single answers may be much too sure even where the average fits, and answers on pictures from "
            "elsewhere usually are.",
        )


def _measured(gap: Bias) -> str:
    z = f"{gap.z:+.2f}".replace("-", MINUS)
    return f"a gap of {points(gap.gap, 1)}, z = {z} (interval: {span_of(gap)})"


def _bin(off: Bias) -> str:
    return f" Over all pictures that cancels out; the {off.count} of that part of the scale have {_measured(off)}."
