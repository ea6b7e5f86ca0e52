"""Test pictures that the model learnt from."""

from __future__ import annotations

from engine.findings.base import RULES, Finding, Proof, Rule, weight
from engine.findings.words import counted, percent
from engine.session.facts import RunFacts

_IMPORTANCE = 1.0
_LARGE = 0.05
"""A share of repeated test pictures beyond which no accuracy of the run can be trusted."""


@RULES.register
class Repeated(Rule):
    """Test pictures that stand among the training pictures.

    Number of the run's test pictures, of all tasks, whose file stands among the training files byte for byte, or whose
    pixels do in another file. They are counted as the run starts. It is silent where there are none, and for runs of
    versions that did not count them.
    """

    def find(self, facts: RunFacts) -> Finding | None:
        """How many there are."""
        found = facts.view.repeated
        total = int(facts.view.test_sizes().sum())
        both = found.same_bytes + found.same_pixels if found else 0
        if not found or not both:
            return None
        share = both / total
        return Finding(
            self.name,
            f"{counted(both, 'test picture')} {'was' if both == 1 else 'were'} also learnt from",
            f"Of {counted(total, 'test picture')} in all, {found.same_bytes} stand among the training pictures as the "
            f"same file and {found.same_pixels} with the same pixels in another file: {percent(share)} together.",
            float(both),
            "pictures",
            weight(_IMPORTANCE, share, _LARGE),
            Proof("tasks", "accuracy-matrix"),
            "On these pictures being right may be memory, so every accuracy of this run may be too high. Pictures that "
            "are merely alike, such as a crop or one saved with loss, are not counted.",
        )
