"""The parts of a report's page: contents, findings, chapters, exhibits and gaps, as HTML."""

from __future__ import annotations

import shlex

from engine.exhibits.exhibit import Exhibit
from engine.findings.base import Finding
from engine.report.book import Book, Loss, Section
from engine.report.chapters.base import Gap
from engine.report.charts import chart
from engine.report.lessons import lesson
from engine.report.marks import safe, sentence
from engine.report.tables import twin
from engine.session.facts import RunFacts

LAST = {"made": "How it was made", "caveats": "What it does not say", "terms": "Definitions"}
"""Sections after the chapters, by their name in the address."""
_LEFT_OUT = "What had to be left out"


def contents(book: Book) -> str:
    """The table of contents."""
    links = {"summary": "In short"}
    links |= {"left-out": _LEFT_OUT} if book.losses else {}
    links |= {"findings": "What stands out"} if book.findings else {}
    links |= {section.page: _name(section) for section in book.sections} | LAST
    items = (f"<li><a href='#{safe(key)}'>{safe(name)}</a></li>" for key, name in links.items())
    return f"<ol>{''.join(items)}</ol>"


def findings(book: Book) -> str:
    """The findings, each with its sentence, its caveat and the chapter that proves it; empty without any."""
    if not book.findings:
        return ""
    names = {section.page: _name(section) for section in book.sections}
    told = "".join(_finding(one, names) for one in book.findings)
    return region("findings", "What stands out", f"<ol class='findings'>{told}</ol>", "")


def losses(book: Book) -> str:
    """What is damaged or gone and so missing from this report, each with its reason; empty where all is whole."""
    if not book.losses:
        return ""
    names = {section.page: _name(section) for section in book.sections}
    told = "".join(_loss(one, names) for one in book.losses)
    lead = "<p>Parts of this run are damaged or gone. What follows rests on the rest.</p>"
    return region("left-out", _LEFT_OUT, f"{lead}<ul>{told}</ul>", "gap")


def region(key: str, name: str, inside: str, style: str = "chapter") -> str:
    """A part of the page with its heading."""
    start = f"<section id='{safe(key)}' class='{style}' aria-labelledby='h-{safe(key)}'>"
    return f"{start}<h2 id='h-{safe(key)}'>{safe(name)}</h2>{inside}</section>"


class Printer:
    """Prints chapters, numbering their figures from 1; on paper each kind is explained once."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._number = 0
        self._taught: set[str] = set()

    def chapter(self, section: Section) -> str:
        """A chapter: what is after the colon of its title is its first line."""
        rest = section.title.partition(":")[2].strip()
        told = f"<p class='lead'>{sentence(rest)}</p>" if rest else ""
        shown = "".join(
            self._exhibit(one) if isinstance(one, Exhibit) else gap(one, self._facts) for one in section.shown
        )
        return region(section.page, _name(section), told + shown)

    def _exhibit(self, exhibit: Exhibit) -> str:
        self._number += 1
        kind, name = exhibit.kind, f"fig-{self._number}"
        more = lesson(kind, again=kind.name in self._taught)
        self._taught.add(kind.name)
        more += twin(exhibit.table(), exhibit.key, exhibit.headline) if exhibit.table else ""
        more += _png(exhibit, name) if hasattr(exhibit.figure, "add_trace") else ""
        return (
            f"<article class='exhibit' data-kind='{safe(kind.name)}' data-key='{safe(exhibit.key)}'>"
            f"<div class='whole'><h3>{safe(exhibit.headline)}</h3>"
            f"<p class='caption'><b>Figure {self._number}.</b> {sentence(exhibit.caption)}</p>"
            f"{chart(exhibit, name)}</div>"
            f"<div class='more'>{more}</div></article>"
        )


def gap(missing: Gap, facts: RunFacts) -> str:
    """What is not there, why, and what to do about it."""
    names = ", ".join(kind.name.replace("-", " ") for kind in missing.kinds) or missing.analysis.replace("_", " ")
    told = f"<p>{sentence(missing.why)}</p>"
    told += f"<p>{sentence(missing.remedy)}</p>" if missing.remedy else ""
    if missing.analysis:
        told += f"<pre tabindex='0' aria-label='Command'><code>{safe(command(missing, facts))}</code></pre>"
    kinds = " ".join(kind.name for kind in missing.kinds)
    return f"<aside class='gap' data-kinds='{safe(kinds)}'><h3>Not shown here: {safe(names)}</h3>{told}</aside>"


def command(missing: Gap, facts: RunFacts) -> str:
    """What computes what a gap lacks."""
    task = str(missing.after(facts.moment) + 1)
    words = ["python", "-m", "engine", "analyse", facts.view.id, missing.analysis, "--task", task]
    changed = [f"{name}={value}" for name, value in (missing.settings or {}).items()]
    return shlex.join([*words, *(["--set", *changed] if changed else [])])


def _loss(one: Loss, names: dict[str, str]) -> str:
    where = f" Missing under <a href='#{safe(one.page)}'>{safe(names[one.page])}</a>." if one.page else ""
    why = one.why.rstrip(".")  # begins with the name of a file, which keeps its letters
    return f"<li><b>{safe(one.what)}</b>: {safe(why)}. {sentence(one.remedy)}{where}</li>"


def _name(section: Section) -> str:
    return section.title.partition(":")[0]


def _png(exhibit: Exhibit, name: str) -> str:
    file = f"plumage-{safe(exhibit.key)}"
    return f"<button type='button' class='png' data-of='{name}' data-file='{file}'>Save as PNG</button>"


def _finding(one: Finding, names: dict[str, str]) -> str:
    page = one.proof.page
    where = f"<a href='#{safe(page)}'>Shown under {safe(names[page])}</a>" if page in names else ""
    caveat = f"<p class='caveat'>{sentence(one.caveat)}</p>" if one.caveat else ""
    return f"<li><h3>{safe(one.headline)}</h3><p>{sentence(one.detail)}</p>{caveat}{where}</li>"
