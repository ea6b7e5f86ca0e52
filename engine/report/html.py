"""The report of a run as one HTML file: see `engine.report.frame`."""

from __future__ import annotations

import shlex
from typing import Any

from engine.exhibits.exhibit import Exhibit
from engine.report import circumstances, summary
from engine.report.book import Book
from engine.report.chapters.base import Gap
from engine.report.frame import Numbering, definitions, render
from engine.runs.recipe import command
from engine.session.facts import RunFacts

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
    return render(
        "page.html",
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
        definitions=definitions({*summary.TERMS, *(term for one in book.exhibits for term in one.kind.terms)}),
    )


def _contents(book: Book) -> dict[str, str]:
    """Every part of the page, by its name in the address."""
    found = {"summary": "In short"}
    found |= {"left-out": "What had to be left out"} if book.losses else {}
    found |= {"findings": "What stands out"} if book.findings else {}
    return found | {section.page: section.title.partition(":")[0] for section in book.sections} | _LAST


def _printed(book: Book) -> dict[str, list[tuple[Any, ...]]]:
    """What each chapter shows: gaps with their command, and exhibits with number and drawing."""
    numbered = Numbering()

    def one(shown: Exhibit | Gap) -> tuple[Any, ...]:
        return (shown, _command(shown, book.facts)) if isinstance(shown, Gap) else numbered(shown)

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
