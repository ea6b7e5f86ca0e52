"""How many answers of a model with a side channel come past its concepts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.data.streams import VAL
from engine.methods.base import METHODS
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.session.lab import Lab


@ANALYSES.register
@dataclass(frozen=True)
class AnswersPastConcepts(Analysis):
    """What comes past the concepts.

    Takes the side channel of a model away (see `engine.explain.past_concepts`), on every test split. Where there is
    none nothing changes.

    Result:
        images: of each split.
        decides: images whose answer owes more than half of its lead to the side channel.
        changes: images that would get another answer without it.
        right, without: accuracy as it is, and without it.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "split": text("S", among="splits", exact=True),
            "images": whole("S", low=1),
            "decides": whole("S"),
            "changes": whole("S"),
            "right": share("S"),
            "without": share("S"),
        }
    )

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts."""
        if METHODS.get(lab.config.method).learns_concepts:
            return None
        return "its method learns no concepts, so nothing comes past any"

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """No part is larger than its whole."""
        for name in ("decides", "changes"):
            if (arrays[name] > arrays["images"]).any():
                yield f"{name}: more than there are images"

    def run(self, lab: Lab, task: int) -> Answering:
        """Split by split."""
        from engine.explain.past_concepts import past_concepts

        splits = [split for split in lab.splits if split != VAL]
        found: dict[str, list[float]] = {name: [] for name in ("images", "decides", "changes", "right", "without")}
        for number, split in enumerate(splits):
            yield Step(number, len(splits), f"taking the side channel away, {split}")
            sample = lab.sample(split, task)
            parts, labels = past_concepts(lab.snapshot(task), sample.features), sample.labels.numpy()
            found["images"].append(len(labels))
            found["decides"].append(int(parts.decides.sum()))
            found["changes"].append(int(parts.changes.sum()))
            found["right"].append(float((parts.answers == labels).mean()))
            found["without"].append(float((parts.without == labels).mean()))
        counts = {name: np.array(found[name], np.int64) for name in ("images", "decides", "changes")}
        shares = {name: np.array(found[name], np.float64) for name in ("right", "without")}
        return {"split": np.array(splits, np.str_), **counts, **shares}
