"""A class in words: the concepts that set it apart, each with a bar as long as its number."""

from __future__ import annotations

from collections.abc import Sequence

from engine.escaping import html as escape
from engine.explain.wording import Clause, signed
from engine.figures.bars import HtmlFigure, bar
from engine.figures.plates import Captioned, strip


def clause_bars(clauses: Sequence[Clause], plates: Sequence[Captioned] = ()) -> HtmlFigure:
    """The reasons as a list, blue for the class and orange against it, above pictures of the class."""
    most = max((abs(clause.value) for clause in clauses), default=1.0)
    rows = "".join(
        f"<li><span>{'<b>NOT</b> ' if c.negated else ''}{escape(c.text)}</span>"
        f"{bar(abs(c.value) / most, 'pl-against' if c.value < 0 else 'pl-for')}<b>{signed(c.value)}</b></li>"
        for c in clauses
    )
    return HtmlFigure(f"<ul class='pl-clauses'>{rows}</ul>{strip(plates)}")
