"""Which weights changed from one beat to the next: of concepts watched at both, and the largest of the whole head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.records.events import Watched


@dataclass(frozen=True, slots=True)
class WeightChange:
    """A weight that was there before: from which concept to which class (a position of learning), then and now."""

    concept: str
    position: int
    before: float
    now: float

    @property
    def size(self) -> float:
        """By how much it changed."""
        return abs(self.now - self.before)


def weight_changes(before: Watched | None, now: Watched | None) -> list[WeightChange]:
    """What changed, the largest change first; weights to classes that are new are no change."""
    if before is None or now is None:
        return []
    known, found = before.arrays["weight"].shape[1], dict[tuple[str, int], WeightChange]()
    rows = {text: k for k, text in enumerate(before.arrays["concept"].tolist())}
    for k, text in enumerate(now.arrays["concept"].tolist()):
        if text in rows:
            pairs = np.stack([before.arrays["weight"][rows[text]], now.arrays["weight"][k, :known]]).astype(np.float64)
            found |= {(text, c): WeightChange(text, c, *pairs[:, c].tolist()) for c in range(known)}
    changed = ("changed_concept", "changed_class", "changed_before", "changed_now")
    for text, position, then, value in zip(*(now.arrays[name].tolist() for name in changed), strict=True):
        if position < known:
            found[text, position] = WeightChange(text, position, then, value)
    return sorted((one for one in found.values() if one.size > 0), key=lambda one: (-one.size, one.concept))
