"""One file that holds a whole report: words, numbers, drawings and the script that draws. It asks no network.

Its Content-Security-Policy lets nothing in but what is in the file, and runs no script but those whose digests it
names, so that no text of anybody's can do harm. The templates escape whatever is not `Markup`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
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
from engine.report import circumstances, summary
from engine.report.book import Book
from engine.report.chapters.base import Gap
from engine.report.charts import chart
from engine.report.marks import digest, safe
from engine.runs.recipe import command
from engine.session.facts import RunFacts

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
_LAST = {"made": "How it was made", "caveats": "What it does not say", "terms": "Definitions"}
"""Sections after the chapters, by their name in the address."""
_ALWAYS = (
    "This is one run with one seed. Another seed gives another split, other weights and slightly other numbers; a "
    "difference of a few points can be chance.",
    "Every chart has its own limits: “Explain this” below it says what it does not show.",
    "Charts of one image show one image, chosen by a rule that their caption states. They illustrate and prove nothing "
    "in general.",
    "Concept scores say what the embedding has to do with a text. They are no measurement of what is in the picture.",
)
_AVIARY = (
    "The birds of the Aviary are painted by a program whose every attribute is known. Photographs are harder, and "
    "nothing here shows how a model would do on them."
)


def page(book: Book) -> str:
    """The file."""
    facts, view = book.facts, book.facts.view
    made: str = _template("page.html").render(
        generator=GENERATOR,
        style=_SHARED.read_text(encoding="utf-8") + (_HERE / "page.css").read_text(encoding="utf-8"),
        scripts=(plotly_script(), plain_script(), (_HERE / "page.js").read_text(encoding="utf-8")),
        title=summary.title(facts),
        contents=_contents(book),
        sentences=summary.sentences(facts),
        numbers=summary.numbers(facts),
        book=book,
        printed=_printed(book),
        view=view,
        circumstances=circumstances.circumstances(facts),
        command=command(view.config),
        settings=circumstances.settings(view.config),
        caveats=_caveats(book),
        definitions=_definitions(book),
    )
    return made


def twin(table: Table, name: str, title: str) -> str:
    """A table behind "View as table", with the link that saves it."""
    return str(_template("exhibit.html").module.twin(table, name, title))


@lru_cache(maxsize=2)
def _template(name: str) -> Any:
    loader = FileSystemLoader(_HERE / "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals |= {"MOST": MOST, "WIDE": WIDE}
    made.filters |= {"sentence": sentence, "unbroken": _unbroken, "digest": digest, "lesson": _lesson}
    made.filters |= {"csv": lambda table: quote(to_csv(table), safe=_PLAIN), "rows": _rows}
    return made.get_template(name)


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


def _contents(book: Book) -> dict[str, str]:
    """Every part of the page, by its name in the address."""
    found = {"summary": "In short"}
    found |= {"left-out": "What had to be left out"} if book.losses else {}
    found |= {"findings": "What stands out"} if book.findings else {}
    return found | {section.page: section.title.partition(":")[0] for section in book.sections} | _LAST


def _printed(book: Book) -> dict[str, list[tuple[Any, ...]]]:
    """What each chapter shows: gaps with their command, and exhibits with number, drawing and whether one of the kind
    came before; on paper each kind is explained once."""
    taught: set[str] = set()
    number = 0

    def one(shown: Exhibit | Gap) -> tuple[Any, ...]:
        nonlocal number
        if isinstance(shown, Gap):
            return shown, _command(shown, book.facts)
        number += 1
        again = shown.kind.name in taught
        taught.add(shown.kind.name)
        return shown, number, Markup(chart(shown, f"fig-{number}")), again

    return {section.page: [one(shown) for shown in section.shown] for section in book.sections}


def _command(missing: Gap, facts: RunFacts) -> str:
    """What computes what a gap lacks."""
    task = str(missing.after(facts.moment) + 1)
    words = ["python", "-m", "engine", "analyse", facts.view.id, missing.analysis, "--task", task]
    changed = [f"{name}={value}" for name, value in (missing.settings or {}).items()]
    return shlex.join([*words, *(["--set", *changed] if changed else [])])


def _caveats(book: Book) -> list[str]:
    missing = len(book.gaps)
    told = [*_ALWAYS, *([_AVIARY] if book.facts.view.config.dataset == "aviary" else [])]
    if missing:
        told.append(
            f"{missing} part{'s are' if missing > 1 else ' is'} not shown, each with its reason in its place. "
            "Write the report with --complete to have computed what can be."
        )
    return told


def _definitions(book: Book) -> str:
    """Every metric used, by title, as HTML."""
    terms = {*summary.TERMS, *(term for exhibit in book.exhibits for term in exhibit.kind.terms)}
    used = sorted({DEFINITIONS[term].key: DEFINITIONS[term] for term in terms}.values(), key=lambda d: d.title.lower())
    return "".join(lessons.definition(one, f"<h3>{safe(one.title)}</h3>", f"term-{one.key}") for one in used)
