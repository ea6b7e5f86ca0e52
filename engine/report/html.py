"""One file that holds a whole report: words, numbers, drawings and the script that draws. It asks no network.

Its Content-Security-Policy lets nothing in but what is in the file, and runs no script but the two whose digests it
names, so that no text of anybody's can do harm.
"""

from __future__ import annotations

from pathlib import Path

from engine.figures.script import plotly_script
from engine.report import circumstances, lessons, parts, summary
from engine.report.book import Book
from engine.report.marks import digest, safe, scrolled

_NO_SCRIPT = (
    "<noscript><p class='gap'>Charts need a browser that runs scripts. Each has its table below it.</p></noscript>"
)
_HERE = Path(__file__).parent
_SHARED = _HERE.parents[1] / "assets" / "style.css"
"""The pages' own sheet, whose classes the report shares."""
GENERATOR = "Plumage report"
"""How a report is told from other files."""


def page(book: Book) -> str:
    """The file."""
    plotly, own = plotly_script(), (_HERE / "page.js").read_text(encoding="utf-8")
    title = summary.title(book.facts)
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="generator" content="{GENERATOR}">'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(plotly, own)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{safe(title)}, a Plumage report</title>'
        f"<style>{_style()}</style></head>"
    )
    return f"{head}<body>{_body(book, title)}<script>{plotly}</script><script>{own}</script></body></html>"


def _policy(*scripts: str) -> str:
    allowed = " ".join(map(digest, scripts))
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _style() -> str:
    return _SHARED.read_text(encoding="utf-8") + (_HERE / "page.css").read_text(encoding="utf-8")


def _body(book: Book, title: str) -> str:
    printer = parts.Printer(book.facts)
    chapters = "".join(map(printer.chapter, book.sections))
    return (
        "<a class='skip' href='#summary'>Skip to the report</a>"
        "<header><p class='brand'>Plumage</p>"
        "<button type='button' id='theme' hidden>Dark</button></header>"
        f"<div class='sheet'><nav aria-label='Contents'><details open><summary>Contents</summary>{parts.contents(book)}"
        f"</details></nav><main>{_summary(book, title)}"
        f"{parts.losses(book)}{parts.findings(book)}{chapters}{_end(book)}</main></div>"
    )


def _summary(book: Book, title: str) -> str:
    facts = book.facts
    told = f"<div class='lead'>{summary.sentences(facts)}</div>{summary.numbers(facts)}{_NO_SCRIPT}"
    return f"<section id='summary'><p class='kicker'>Report on a run</p><h1>{safe(title)}</h1>{told}</section>"


def _end(book: Book) -> str:
    terms = {*summary.TERMS, *(term for exhibit in book.exhibits for term in exhibit.kind.terms)}
    bodies = {"made": _made(book), "caveats": _caveats(book), "terms": lessons.definitions(terms)}
    return "".join(parts.region(key, name, bodies[key]) for key, name in parts.LAST.items())


def _made(book: Book) -> str:
    view = book.facts.view
    rows = circumstances.circumstances(book.facts).items()
    told = "".join(f"<tr><th scope='row'>{name}</th><td>{safe(text)}</td></tr>" for name, text in rows)
    return (
        scrolled("Circumstances", f"<table class='facts'>{told}</table>")
        + f"<h3>To have it again</h3>{circumstances.again(view)}<h3>Settings</h3>"
        + scrolled("Settings", circumstances.settings(view.config))
    )


_ALWAYS = (
    "This is one run with one seed. Another seed gives other birds, other weights and slightly other numbers; a "
    "difference of a few points can be chance.",
    "Every chart has its own limits: “Explain this” below it says what it does not show.",
    "Charts of one image show one image, chosen by a rule that their caption states. They illustrate and prove nothing "
    "in general.",
    "Concept scores say what the embedding has to do with a text. They are no measurement of the bird.",
)
_AVIARY = (
    "The birds of the Aviary are painted by a program whose every attribute is known. Photographs are harder, and "
    "nothing here shows how a model would do on them."
)


def _caveats(book: Book) -> str:
    missing = len(book.gaps)
    told = [*_ALWAYS, *([_AVIARY] if book.facts.view.config.dataset == "aviary" else [])]
    if missing:
        told.append(
            f"{missing} part{'s are' if missing > 1 else ' is'} not shown, each with its reason in its place. "
            "Write the report with --complete to have computed what can be."
        )
    return f"<ul>{''.join(f'<li>{safe(one)}</li>' for one in told)}</ul>"
