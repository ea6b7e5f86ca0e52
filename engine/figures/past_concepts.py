"""How much of an answer, and of how many answers, comes past the concepts."""

from __future__ import annotations

from collections.abc import Sequence

from engine.escaping import html as escape
from engine.explain.wording import signed
from engine.figures.bars import HtmlFigure, bar
from engine.metrics.wording import percent

CONCEPTS, SIDE = "concepts", "side"
"""What the two parts of a lead are called in the style sheet."""


def parts_bar(own: Sequence[tuple[str, float]], beside: tuple[str, float], share: float) -> HtmlFigure:
    """One bar, divided between what the concepts add and what comes past them, and the sum below it in numbers.

    Args:
        own: the concepts' parts, each with its words and its signed value in logits.
        beside: likewise what comes past them.
        share: its share of the bar, 0..1.
    """
    terms = [*((CONCEPTS, *part) for part in own), (SIDE, *beside)]
    said = "".join(
        f"<li><i class='pl-{which}'></i>{escape(words)} <b>{signed(v, 2)}</b></li>" for which, words, v in terms
    )
    total = sum(value for _, _, value in terms)
    return HtmlFigure(
        f"<div class='pl-parts'><div>{bar(1 - share, f'pl-{CONCEPTS}')}{bar(share, f'pl-{SIDE}')}</div>"
        f"<ul>{said}<li>lead <b>{signed(total, 2)}</b></li></ul></div>"
    )


def share_bars(rows: Sequence[tuple[str, float]]) -> HtmlFigure:
    """One hatched bar a share, with its words."""
    drawn = "".join(
        f"<tr><th scope='row'>{escape(words)}</th><td><span>{bar(share, f'pl-{SIDE}')}<small>{percent(share)}</small>"
        "</span></td></tr>"
        for words, share in rows
    )
    return HtmlFigure(f"<table class='pl-words'>{drawn}</table>")
