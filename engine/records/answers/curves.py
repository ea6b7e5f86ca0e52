"""Answer of `curves`: accuracy against clicks by P policies, and what budgets of clicks bring back."""

from collections.abc import Iterator

from engine.interventions.base import POLICIES
from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.forms import flag, number, optional, share, text, whole

BUDGETS = 120
"""Points kept of a budget's curve."""
CLICKS = 20
"""Concepts set of each image, unless the settings say otherwise."""
KINDS = ("all", "old", "new")
"""Of all images, of earlier tasks' and of the newest task's."""


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    clicks = min(int(settings.get("clicks", CLICKS)), int(arrays["concepts"]))
    if arrays["accuracy"].shape[2] != clicks + 1:
        yield f"accuracy: it must have a value before any and after each of {clicks} clicks"
    if len(set(arrays["policy"].tolist())) != sizes["P"]:
        yield "policy: one is there twice"


RETURNS = Returns(
    {
        "policy": text("P", among=POLICIES.names()),
        "bound": flag("P"),
        "accuracy": share("P", len(KINDS), "clicks", nan=True),
        "every": share(len(KINDS), nan=True),
        "gain": optional(number("P", low=-1.0, high=1.0, nan=True)),
        "low": optional(number("P", low=-2.0, high=2.0, nan=True)),
        "high": optional(number("P", low=-2.0, high=2.0, nan=True)),
        "budget": whole("P", "budgets"),
        "recovered": number("P", "budgets", low=0.0, high="seen"),
        "broken": number("P", "budgets", low=0.0, high="seen"),
        "forgotten": whole(high="seen"),
        "images": whole(low=1, high="seen"),
        "concepts": whole(high="K"),
    },
    free={"budgets": (1, BUDGETS)},
    rules=_rules,
)
