"""The frame of every report: one file with words, numbers, drawings and the script that draws. It asks no network.

Its Content-Security-Policy lets nothing in but what is in the file, and runs no script but those whose digests it
names, so that no text of anybody's can do harm. The templates escape whatever is not `Markup`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.exhibits import lessons
from engine.exhibits.exhibit import Exhibit, Kind
from engine.figures.film_script import plain_script
from engine.figures.script import plotly_script
from engine.figures.tables import Cell, Table, to_csv
from engine.metrics.definitions import DEFINITIONS
from engine.report.charts import chart
from engine.report.marks import digest, safe

_HERE = Path(__file__).parent
_SHARED = _HERE.parents[1] / "assets" / "style.css"
"""The pages' own sheet, whose classes the report shares."""
GENERATOR = "Plumage report"
"""How a report is told from other files."""
MOST = 200
"""Rows shown of a table; the CSV has all."""
WIDE = 12
"""A table of more columns does not fit on paper, where a line says so in its place."""
_PLAIN = ",;:/ ()"
"""Signs that need no escape in a data address and would only make it longer."""


def render(name: str, **values: Any) -> str:
    """A whole file from a template that extends `base.html`."""
    made: str = template(name).render(
        generator=GENERATOR,
        style=_SHARED.read_text(encoding="utf-8") + (_HERE / "page.css").read_text(encoding="utf-8"),
        scripts=(plotly_script(), plain_script(), (_HERE / "page.js").read_text(encoding="utf-8")),
        **values,
    )
    return made


@lru_cache(maxsize=4)
def template(name: str) -> Any:
    """A template, with the filters that all have."""
    loader = FileSystemLoader(_HERE / "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"MOST": MOST, "WIDE": WIDE}
    made.filters |= {"sentence": sentence, "unbroken": _unbroken, "digest": digest, "lesson": _lesson}
    made.filters |= {"csv": lambda table: quote(to_csv(table), safe=_PLAIN), "rows": _rows}
    return made.get_template(name)


def twin(table: Table, name: str, title: str) -> str:
    """A table behind "View as table", with the link that saves it."""
    return str(template("exhibit.html").module.twin(table, name, title))


class Numbering:
    """Exhibits as the template `exhibit.html` takes them, numbered; on paper each kind is explained once."""

    def __init__(self) -> None:
        self._taught: set[str] = set()
        self._number = 0

    def __call__(self, shown: Exhibit) -> tuple[Exhibit, int, Markup, bool]:
        """The exhibit, its number, its drawing, and whether one of its kind came before."""
        self._number += 1
        again = shown.kind.name in self._taught
        self._taught.add(shown.kind.name)
        return shown, self._number, Markup(chart(shown, f"fig-{self._number}")), again


def definitions(terms: Iterable[str]) -> str:
    """Metrics with their definitions, by title, as HTML."""
    used = sorted({DEFINITIONS[term].key: DEFINITIONS[term] for term in terms}.values(), key=lambda d: d.title.lower())
    return "".join(lessons.definition(one, f"<h3>{safe(one.title)}</h3>", f"term-{one.key}") for one in used)


def sentence(text: str) -> str:
    """`text` with a capital and a full stop."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _unbroken(text: str) -> Markup:
    return Markup(safe(text).replace(" %", "&nbsp;%"))


def _rows(table: Table) -> Iterator[tuple[Cell, ...]]:
    return zip(*(values[:MOST] for values in table.values()), strict=True)


def _lesson(kind: Kind) -> Markup:
    """What a chart shows and the metrics it needs."""
    met = "".join(f"<a href='#term-{safe(term)}'>{safe(DEFINITIONS[term].title)}</a>" for term in kind.terms)
    terms = f"<dt>Its metrics, defined</dt><dd class='terms'>{met}</dd>" if met else ""
    return Markup(lessons.lesson(kind.lesson, safe, terms))
