"""What concepts are worth against random words."""

from __future__ import annotations

from dataclasses import replace

from engine.figures.random_words import ACCURACY, compared, percents
from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.reading import TEST
from engine.findings.words import percent, points, span, spelt
from engine.metrics.chance import difference
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.85, 0.15
_NOTHING = 0.05
"""A gain that may be as large as this is not called nothing."""


@RULES.register
class RandomWords(Rule):
    """What concepts buy.

    Compares the run with the same method trained on random words in place of its concepts, on ordinary test images.
    It says what the concepts buy, or cost, if the run lies outside of the range of all controls and the 95 % interval
    of the difference over test images leaves out 0. It says that they buy no accuracy if neither holds and the interval
    stays within 5 points on both sides. It is silent where the control was not trained, and in between. Each image is
    compared with itself; an older answer does not tell how, and its interval is as if they were different images.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The comparison, if the control was trained."""
        last = facts.view.tasks_done - 1
        result = facts.result("random_words", task=last)
        if result is None or TEST not in result["splits"].tolist() or result["run"].shape[2] <= facts.moment:
            return None
        found = compared(result, ACCURACY, TEST, facts.moment)
        if not found.is_known:
            return None
        images = int(facts.view.test_sizes(TEST)[: facts.moment + 1].sum())
        gap = difference(round(found.own * images), images, round(found.mean * images), images)
        if found.gap is not None:
            gap = replace(gap, low=found.gap[0], high=found.gap[1])
        ahead = found.own - found.mean  # the interval counts whole pictures, which a mean over controls need not be
        beyond = bool(found.is_beyond and gap.sign)
        if not beyond and not -_NOTHING < gap.low <= gap.high < _NOTHING:
            return None
        return Finding(
            self.name,
            _headline(ahead, beyond, found.mean),
            f"{percent(found.own, 1)} of {images} test pictures are right with concepts; with as many random phrases, "
            f"in {spelt(len(found.controls), 'try')}, {percents(found.controls)}; 95 % interval of the difference: "
            f"{span(gap)}.",
            100 * abs(ahead),
            "points",
            weight(_IMPORTANCE, ahead, _LARGE),
            Proof("concepts", "random-words-accuracy", {"view": "browse", "split": TEST}),
            "Accuracy is not what concepts are for: random words explain nothing, and nobody could correct them. "
            "Few controls were trained, so their range is rough.",
        )


def _headline(ahead: float, beyond: bool, controls: float) -> str:
    if not beyond:
        return f"Its concepts buy no accuracy: random words reach {percent(controls)} as well"
    return f"Its concepts {'buy' if ahead > 0 else 'cost'} {points(ahead)} against random words"
