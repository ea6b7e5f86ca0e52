"""A chart's lesson and a metric's definition as HTML, for pages and reports alike; `assets/style.css` styles both."""

from __future__ import annotations

from collections.abc import Callable

from engine.escaping import html as escape
from engine.exhibits.exhibit import Lesson
from engine.metrics.definitions import Definition

_HEADINGS = {
    "what": "What it shows",
    "why": "Why it matters",
    "reading": "How to read it",
    "caveats": "What it does not say",
}


def lesson(found: Lesson, marked: Callable[[str], str] = escape, more: str = "") -> str:
    """The four parts of a lesson, each under its heading.

    Args:
        marked: makes HTML of a part, with links for example.
        more: further terms and their descriptions, in HTML.
    """
    parts = "".join(f"<dt>{head}</dt><dd>{marked(getattr(found, name))}</dd>" for name, head in _HEADINGS.items())
    return f"<dl class='pl-lesson'>{parts}{more}</dl>"


def definition(found: Definition, heading: str, name: str = "") -> str:
    """What a metric is, its formula and its source.

    Args:
        heading: its title, in HTML.
        name: of the element, where something leads to it.
    """
    better = {True: "Higher is better.", False: "Lower is better.", None: ""}[found.higher_is_better]
    start = f"<div class='pl-term' id='{escape(name)}'>" if name else "<div class='pl-term'>"
    return (
        f"{start}{heading}<p>{escape(found.text)} {better}</p>"
        f"<code>{escape(found.formula)}</code><small>{escape(found.source)}</small></div>"
    )
