"""Answer of `repairs`: R models, the first as it is, on X splits: validation, its N images elsewhere, and tests."""

from collections.abc import Iterator

import numpy as np

from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.forms import index, number, optional, share, text, whole
from engine.structures import Malformed, checked, parse_json

VAL, AWAY = "val", "away"
"""The validation images, and where they are after they were moved elsewhere."""
HOW = ("drawn", "swapped")
"""Ways to move them."""
_MOST_EDITS = 20_000  # characters
_BY_STATISTICS = "order_statistics"
_ORDERS = ("order", _BY_STATISTICS, "order_elsewhere", "order_ordinary")
"""The repairs, the best first, by every way to choose; the first is that of an older version."""


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    if not np.allclose(np.linalg.norm(arrays["away"], axis=1), 1.0, atol=1e-3):
        yield "away: it must hold embeddings, which are of length 1"
    done = np.flatnonzero(arrays["why_not"] == "")
    if arrays["split"].tolist()[:2] != [VAL, AWAY]:
        yield "split: it must begin with the validation images, here and elsewhere"
    if not len(done) or done[0] != 0:
        yield "why_not: the first is the model as it is, which can be had"
    for name in _ORDERS:
        none = name == _BY_STATISTICS and not arrays.get(name, done).size  # not every run keeps those
        if name in arrays and not none and sorted(arrays[name].tolist()) != done[1:].tolist():
            yield f"{name}: it must hold every repair that can be done once"
    try:
        for told in arrays["edits"].tolist():
            checked(list[dict[str, object]], parse_json(told))
    except Malformed as error:
        yield f"edits: {error}"


RETURNS = Returns(
    {
        "name": text("R"),
        "title": text("R"),
        "edits": text("R", most=_MOST_EDITS),
        "why_not": text("R"),
        "split": text("X"),
        "accuracy": share("R", "X", nan=True),
        "corrected": whole("R", "X"),
        "broken": whole("R", "X"),
        "nec": number("R", low=0.0, nan=True),
        **{name: optional(index("R", name)) for name in _ORDERS},
        "ncm": share("X", nan=True),
        "rows": optional(index("train images", "N")),
        "away": number("N", "D", low=-1.0, high=1.0, dtype="f4"),
        "how": text(among=HOW),
    },
    free=dict.fromkeys(_ORDERS, (0, 1000)),
    rules=_rules,
)
