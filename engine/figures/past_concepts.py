"""How much of an answer, and of how many answers, comes past the concepts."""

from __future__ import annotations

from collections.abc import Sequence

from engine.escaping import html as escape
from engine.explain.wording import signed
from engine.figures.bars import HtmlFigure, bar
from engine.metrics.wording import percent

CONCEPTS, CONSTANT, SIDE = "concepts", "constant", "side"
"""The parts of a lead, which are their classes in the style sheet too."""


def parts_bar(parts: Sequence[tuple[str, str, float]], total: float) -> HtmlFigure:
    """One bar of the parts of a lead by their sizes, and the sum below it in numbers.

    Args:
        parts: of each its class, its words, and its signed value in logits.
        total: what they add up to.
    """
    whole = sum(abs(value) for _, _, value in parts) or 1.0
    bars = "".join(bar(abs(value) / whole, f"pl-{which}") for which, _, value in parts)
    said = "".join(
        f"<li><i class='pl-{which}'></i>{escape(words)} <b>{signed(value, 2)}</b> ({percent(abs(value) / whole)})</li>"
        for which, words, value in parts
    )
    return HtmlFigure(
        f"<div class='pl-parts'><div>{bars}</div><ul>{said}<li>lead <b>{signed(total, 2)}</b></li></ul></div>"
    )


def share_bars(rows: Sequence[tuple[str, float, str]]) -> HtmlFigure:
    """One bar a share.

    Args:
        rows: of each its words, its share, and a class that colours it.
    """
    drawn = "".join(
        f"<tr><th scope='row'>{escape(words)}</th><td><span>{bar(share, which)}<small>{percent(share)}</small></span>"
        "</td></tr>"
        for words, share, which in rows
    )
    return HtmlFigure(f"<table class='pl-words'>{drawn}</table>")
