"""Answer of `search_stability`: which of N candidates of all tasks up to the one asked for S seeds choose."""

from collections.abc import Iterator

import numpy as np

from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.forms import flag, index, text, whole

SEEDS = 20
"""How many search at most."""
KINDS = ("true", "wrong", "useless", "non-visual", "not known")


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    if (np.diff(arrays["task"]) < 0).any():
        yield "task: candidates must come task by task"
    if len(set(arrays["seeds"].tolist())) != sizes["searches"]:
        yield "seeds: one is there twice"


RETURNS = Returns(
    {
        "seeds": whole("searches"),
        "chosen": flag("searches", "candidates"),
        "text": text("candidates"),
        "task": index("T", "candidates"),
        "kind": text("candidates", among=KINDS),
    },
    free={"searches": (2, SEEDS)},
    rules=_rules,
)
