"""What a chart shows and what its metrics mean, in the report."""

from __future__ import annotations

from collections.abc import Iterable

from engine.exhibits import lessons
from engine.exhibits.exhibit import Kind
from engine.metrics.definitions import DEFINITIONS
from engine.report.marks import safe


def lesson(kind: Kind, again: bool = False) -> str:
    """A kind's lesson and the metrics it needs, behind "Explain this".

    Args:
        again: it was there before; on paper it is left out.
    """
    met = "".join(f"<a href='#term-{safe(term)}'>{safe(DEFINITIONS[term].title)}</a>" for term in kind.terms)
    terms = f"<dt>Its metrics, defined</dt><dd class='terms'>{met}</dd>" if met else ""
    return (
        f"<details class='lesson{' again' if again else ''}'><summary>Explain this</summary>"
        f"{lessons.lesson(kind.lesson, safe, terms)}</details>"
    )


def definitions(terms: Iterable[str]) -> str:
    """Every metric used, by title."""
    used = sorted({DEFINITIONS[term].key: DEFINITIONS[term] for term in terms}.values(), key=lambda d: d.title.lower())
    return "".join(lessons.definition(one, f"<h3>{safe(one.title)}</h3>", f"term-{one.key}") for one in used)
