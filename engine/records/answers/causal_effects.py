"""Answer of `causal_effects`: E edits of single attributes of birds, and what they change on average."""

from collections.abc import Iterator

import numpy as np

from engine.data.aviary.attributes import ATTRIBUTES
from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.forms import index, number, share, whole

SIZES = np.array([len(attribute.values) for attribute in ATTRIBUTES])
"""How many values each attribute has, in the order of the truth's columns."""
VALUES = int(SIZES.sum())
_A = len(ATTRIBUTES)


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    for name in ("old", "new"):
        if (arrays[name] >= SIZES[arrays["attribute"]]).any():
            yield f"{name}: an attribute does not have so many values"


_MEANS = {
    f"{what}{part}": form
    for what in ("shown", "removed")
    for part, form in (
        ("", number(VALUES, "C", nan=True)),
        ("_error", number(VALUES, "C", low=0.0, nan=True)),
        ("_count", whole(VALUES, high="E")),
    )
}
RETURNS = Returns(
    {
        "bird": index("images", "E"),
        "label": index("C", "E"),
        "attribute": whole("E", high=_A - 1),
        "old": whole("E"),
        "new": whole("E"),
        "before": index("C", "E"),
        "after": index("C", "E"),
        "sure_before": share("E"),
        "sure_after": share("E"),
        "own": number("E"),
        "predicted": number("E"),
        "through": number("E"),
        "claimed": number("E", nan=True),
        "visible": share("E"),
        "value_claims": number(VALUES, "C", nan=True),
        "value_concepts": whole(VALUES, high="B"),
        "paths": number(_A, _A + 1, low=0.0, nan=True),
        **_MEANS,
    },
    rules=_rules,
)
