"""What an attack did, in one sentence made from its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from engine.figures.look import certainty
from engine.metrics.colour import NOTICEABLE, UNSEEN

STILL = 0.25
"""Patches below which attention is said to have hardly moved."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What an attack did to one image.

    Attributes:
        before, after: the answers.
        before_sure, after_sure: their probabilities.
        right: whether the clean answer is right, or None where nobody knows.
        largest: the largest change of a pixel, in 255ths.
        visible: how far colours moved, in dE*ab (`engine.metrics.colour.visibility`).
        moved: how far the attention's centre moved, in patches, or None where there is no map.
        won: whether the attacker got what it wanted.
        wanted: the class that was wanted, or nothing.
        switched: the concept that was to be switched, or nothing.
        on: whether it was to be switched on.
        held: whether the concepts were to hold.
    """

    before: str
    after: str
    before_sure: float
    after_sure: float
    right: bool | None
    largest: float
    visible: float
    moved: float | None
    won: bool
    wanted: str = ""
    switched: str = ""
    on: bool = False
    held: bool = False


def headline(deed: Deed) -> str:
    """The finding; plain text, so escape it."""
    if deed.switched:
        return _switch(deed) + _attention(deed)
    if deed.right is False:
        return _wrong(deed) + _attention(deed)
    if deed.before != deed.after:
        told = f"{size(deed)} turns {_said(deed.before, deed.before_sure)} into {_after(deed)}"
        if deed.wanted and not deed.won:
            told += f", not into the “{deed.wanted}” that was wanted"
        if deed.held:
            told += ", with every concept on its side" if deed.won else ", but concepts switched too"
        return told + _attention(deed)
    return (
        f"It holds: still “{deed.after}” ({certainty(deed.before_sure)} → {certainty(deed.after_sure)})"
        + _attention(deed)
    )


def size(deed: Deed) -> str:
    """How large a change is, as the beginning of a sentence: that nobody sees it only where that was measured."""
    if deed.visible <= UNSEEN:
        return "A change no eye can see"
    if deed.visible <= NOTICEABLE:
        return "A change hardly any eye can see"
    return f"A change of at most {deed.largest:.3g} of 255 levels"


def seen(visible: float) -> str:
    """What was measured of a change's visibility, without its full stop; a lesson says what the number counts."""
    how = "below" if visible <= NOTICEABLE else "above"
    return f"Colours move by {visible:.1f} dE*ab, {how} the just noticeable {NOTICEABLE:g}"


def reach(eps: float, norm: str) -> str:
    """What a strength allows, in plain words."""
    if norm != "linf":
        return f"All changes of pixels together, squared, summed and rooted, stay below {eps:g} of 255 levels"
    return f"Changes no pixel by more than {eps:g} of 255 levels"


def _switch(deed: Deed) -> str:
    verb = "on" if deed.on else "off"
    if deed.won:
        return f"{size(deed)} switches “{deed.switched}” {verb}, and it still says “{deed.after}”"
    if deed.before != deed.after:
        return f"“{deed.switched}” cannot be switched {verb} alone: the answer becomes {_after(deed)}"
    return f"“{deed.switched}” stays {'off' if deed.on else 'on'}, and the answer “{deed.after}”"


def _wrong(deed: Deed) -> str:
    told = f"Wrong before any attack: {_said(deed.before, deed.before_sure)}"
    if deed.before == deed.after:
        return f"{told}, and still so under attack ({certainty(deed.after_sure)})"
    return f"{told}; attacked, it says {_after(deed)}"


def _attention(deed: Deed) -> str:
    if deed.moved is None:
        return ""
    patches = f"{deed.moved:.1f} patch{'' if f'{deed.moved:.1f}' == '1.0' else 'es'}"
    return f"; its attention {'moved' if deed.moved >= STILL else 'hardly moved,'} {patches}"


def _said(name: str, sure: float) -> str:
    return f"“{name}” ({certainty(sure)})"


def _after(deed: Deed) -> str:
    return _said(deed.after, deed.after_sure)
