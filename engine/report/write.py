"""A report as a file: made whole under another name, then renamed, so that nobody meets half of one."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadInput
from engine.files import write_text
from engine.paths import output_file, told
from engine.report.book import Book, read
from engine.report.complete import compute, lacking
from engine.report.frame import GENERATOR
from engine.report.html import page
from engine.session.facts import RunFacts
from engine.steps import Step
from engine.store.store import RunStore

_BEGINNING = 400
"""Characters of a file in which a report says that it is one."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was written.

    Attributes:
        book: what is in it.
        problems: why some of what it lacks could not be computed.
    """

    book: Book
    problems: tuple[str, ...]


def write(
    store: RunStore, run: str, path: Path, moment: int | None = None, *, complete: bool = False
) -> Generator[Step, None, Report]:
    """Write the report of a run after one of its tasks, the last if not given; yields progress.

    Args:
        complete: first compute what it would lack. That may show that more is lacking, which is computed too.

    Raises:
        BadInput: the path cannot be used or written.
        UnknownRun, NotApplicable: there is no such run, or the task is not finished.
    """
    check(path)
    book = yield from read(RunFacts(store, run, moment))
    asked: set[object] = set()
    problems: tuple[str, ...] = ()
    while complete and (missing := [one for one in lacking(book) if one.key not in asked]):
        asked |= {one.key for one in missing}
        problems += yield from compute(store, missing)
        book = yield from read(RunFacts(store, run, moment))
    yield Step(len(book.sections), len(book.sections) + 1, "writing the file")
    save(page(book), path)
    return Report(book, problems)


def check(path: Path) -> None:
    """Refuse a path that no report can be written to, before any work is done.

    Raises:
        BadInput: nothing can be written there (see `output_file`), or it is a file that is no report.
    """
    output_file(path, "the file")
    if path.exists() and not _is_report(path):
        raise BadInput(
            f"the file {path}", "it exists and is no Plumage report, so it is not overwritten", "Choose another name"
        )


def save(text: str, path: Path) -> None:
    """Put a text into a file, whole or not at all.

    Raises:
        BadInput: it cannot be written.
    """
    with told(path, "the file"):
        write_text(text, path)


def _is_report(path: Path) -> bool:
    with told(path, "the file"), path.open(encoding="utf-8", errors="replace") as file:
        return f'content="{GENERATOR}"' in file.read(_BEGINNING)
