"""The form of a definition: what a number on the screen means, one click away from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """One metric, explained.

    Attributes:
        key: its name in the engine.
        title: its name on screen.
        text: what it is, in one sentence.
        formula: the same in symbols. a[t, k] is the accuracy on task k after task t; T is the last task.
        higher_is_better: None where neither is.
        limits: lowest and highest value; None where there is no end.
        source: who defined it so.
    """

    key: str
    title: str
    text: str
    formula: str
    higher_is_better: bool | None
    limits: tuple[float, float | None]
    source: str
