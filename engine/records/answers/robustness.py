"""Answer of `robustness`: N images under attack at E strengths after each of T tasks; F = E + 1 with none at all."""

from collections.abc import Iterator

import numpy as np

from engine.metrics.attention_shift import NAMES
from engine.metrics.robustness import strengths
from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.forms import flag, index, number, optional, share, text, whole

EPS = "1,2,4,8"
"""Strengths, unless the settings say otherwise."""
GUIDES = ("text", "row")
"""What a map of the true class is guided by: the embedding of its name, or what the model has learnt for it."""


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    if not np.array_equal(arrays["eps"], np.array(strengths(str(settings.get("eps", EPS))), np.float32)):
        yield "eps: these are not the strengths that were asked for"
    if sizes["F"] != sizes["E"] + 1:
        yield f"outcome: it must have a part for each of {sizes['E']} strengths, and one without"
    if (np.diff(arrays["task_of"]) < 0).any() or (np.diff(arrays["labels"]) < 0).any():
        yield "labels: images must come class by class, in the order of learning"


RETURNS = Returns(
    {
        "eps": number("E", low=0.0, high=255.0, dtype="f4"),
        "rows": index("images", "N"),
        "labels": index("C", "N"),
        "task_of": index("T", "N"),
        "outcome": whole("F", "T", "N", low=-1, high=1, dtype="i1"),
        "accuracy": share("F", "T", "T", nan=True, dtype="f4"),
        "margin": optional(number("T", "N", nan=True, dtype="f4")),
        "guides": text(len(GUIDES), among=GUIDES, exact=True),
        "shift": number("E", "T", "N", len(GUIDES), len(NAMES), nan=True, dtype="f4"),
        "groups": text("R"),
        "group_shift": number("E", "T", "R", len(NAMES), nan=True, dtype="f4"),
        "concepts": text("concepts"),
        "flips": share("E", "concepts", nan=True, dtype="f4"),
        "moved": number("E", "concepts", low=0.0, nan=True, dtype="f4"),
        "flat": share("E", "T", dtype="f4"),
        "rising": flag("E", "T"),
    },
    free={"R": (0, 10_000), "concepts": (0, 100_000)},
    rules=_rules,
)
