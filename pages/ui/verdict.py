"""What the model said before and says now, in words beside each other: HTML for every page that changes something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.figures.look import certainty
from pages.ui.text import safe


@dataclass(frozen=True, slots=True)
class Said:
    """One answer.

    Attributes:
        when: words before "taken for", such as `"now"`, or nothing.
        name: of the class; any text.
        share: its probability, 0..1.
        right: whether it is right, or None where that is not said.
    """

    when: str
    name: str
    share: float
    right: bool | None = None


def verdict(said: Sequence[Said], badge: str = "", good: bool | None = None) -> str:
    """The answers with the badge between or below them.

    Args:
        badge: whether it changed its mind, in a word or two; only with two answers.
        good: colours the badge: green, red, or not at all.
    """
    first, *later = map(_answer, said)
    kind = "" if good is None else " pl-good" if good else " pl-bad"
    marked = f"<b class='pl-badge{kind}'>{safe(badge)}</b>" if badge else ""
    return f"<div class='pl-verdict'>{first}{marked}{''.join(later)}</div>"


def _answer(one: Said) -> str:
    kind, word = ("pl-right", "rightly") if one.right else ("pl-wrong-answer", "wrongly")
    right = "" if one.right is None else f"<em class='{kind}'>{word}</em> "
    when = f"{safe(one.when)} " if one.when else ""
    return (
        f"<p><small>{when}{right}taken for</small><strong>{safe(one.name)}</strong>"
        f"<span>{certainty(one.share)}</span></p>"
    )
