"""Whether attention gives an attack away."""

from __future__ import annotations

import numpy as np

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.robust import EPS, attacked
from engine.findings.words import percent
from engine.metrics.attention_shift import NAMES, growing
from engine.metrics.robustness import SEED, association, contest
from engine.metrics.shift_baseline import baseline
from engine.session.facts import RunFacts

_IMPORTANCE, _LARGE = 0.45, 0.3
_CHANCE = 0.5
_ALL_PICTURES = {"tab": "all", "view": "attention", "eps": f"{EPS:g}"}
_GUIDE, _MEASURE = "text", "l1"
"""Which of the measured shifts: the mean change of the map of the class's name, which the page shows first."""


@RULES.register
class AttentionShift(Rule):
    """Whether attention moves further where the model is fooled.

    Of all pairs of a test image that the attack of 4 of 255 levels fooled and one that held, the share in which the
    attention map of the fooled one moved further (mean change of the map of the class's name). By chance that is 50 %.
    It speaks if the 95 % interval (1,000 resamples of the images) leaves out 50 %. It is silent where nobody attacked
    the run so, where there are no maps, and where all images were fooled or none. Beside it stands what the margin
    before the attack says alone: the share of those pairs in which the fooled image had the smaller one. Its weight is
    what the shift has left when the margin is taken out by ranks. A measurement that kept no margins makes it silent.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """The association of shift and mistakes, and the margin's."""
        found = attacked(facts)
        if found is None or not found.settings.get("to_the_end", True) or "margin" not in found.result:
            return None
        guides = found.result["guides"].tolist()
        if _GUIDE not in guides:
            return None
        moment = facts.moment
        moved = growing(found.result["shift"][found.at, moment, :, guides.index(_GUIDE)])[:, NAMES.index(_MEASURE)]
        part, fooled = (one[found.at] for one in contest(found.result["outcome"][:, moment]))
        seed, margin = int(found.settings.get("seed", SEED)), found.result["margin"][moment]
        told = association(moved[part], fooled[part], seed)
        if not np.isfinite(told.low) or told.low <= _CHANCE <= told.high:
            return None
        further = "further" if told.auc > _CHANCE else "less far"
        beyond = baseline(moved[part], margin[part], fooled[part], seed)
        return Finding(
            self.name,
            f"Attention moves {further} where it is fooled: {percent(max(told.auc, 1 - told.auc))} of pairs; the clean "
            f"margin alone says {percent(beyond.margin)}",
            f"{told.fooled} of {told.count} attacked pictures were fooled; picked at random, a fooled one's map moved "
            f"further than one's that held with a probability of {told.auc:.2f} (95 % interval: {told.low:.2f} to "
            f"{told.high:.2f}; chance is 0.50). Its margin before the attack was smaller with one of "
            f"{beyond.margin:.2f} ({beyond.margin_low:.2f} to {beyond.margin_high:.2f}). With the margin taken out the "
            f"shift has {beyond.adjusted:.2f} left ({beyond.adjusted_low:.2f} to {beyond.adjusted_high:.2f}).",
            max(told.auc, 1 - told.auc),
            "share",
            weight(_IMPORTANCE, beyond.adjusted - _CHANCE, _LARGE),
            Proof("attack", "shift-claim", {**_ALL_PICTURES, "guide": _GUIDE, "measure": _MEASURE}),
            "A tendency is no detector: many fooled pictures move little, and the margin costs no attack. Five "
            "measures and two maps could have been looked at; this is the one that the page shows first.",
        )
