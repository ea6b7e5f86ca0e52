"""What is chosen on the Weights and Map views, as the address has it."""

from __future__ import annotations

from collections.abc import Sequence

from pages.ui import address
from pages.ui.concepts.choices import CONCEPT
from pages.ui.context import Context

NOTHING = ""
"""The option that stands for no choice."""


def concept(words: Sequence[str]) -> int | None:
    """Index of the concept chosen on any page, or None; the address tells it from now on."""
    asked = address.value(CONCEPT)
    if asked is None or asked not in words:
        return None
    address.settle(CONCEPT, asked)
    return list(words).index(asked)


def numbered(count: int, everything: str) -> dict[str, str]:
    """Options for one of `count` tasks, from 1, after one for all of them."""
    return {NOTHING: everything, **{str(t + 1): f"task {t + 1}" for t in range(count)}}


def moment_of(here: Context) -> int:
    """The chosen finished task; the caller has made sure that there is one."""
    if here.moment is None:
        raise ValueError("this view needs a finished task")
    return here.moment
