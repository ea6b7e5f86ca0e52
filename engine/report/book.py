"""A run as a book: all chapters in order, each with its exhibits and its gaps, and what was found on the way."""

from __future__ import annotations

import importlib
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import cast

from engine.errors import PlumageError
from engine.exhibits.every import load
from engine.exhibits.exhibit import Exhibit
from engine.findings.base import Finding, findings
from engine.report.chapters.base import Chapter, Gap, Shown
from engine.report.progress import Step
from engine.runs.dossier import Dossier

CHAPTERS = ("train", "tasks", "concepts", "explain", "intervene", "aviary", "attention", "robustness", "compare")
"""Modules of `engine.report.chapters`, one a page, in the order of the menu."""


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter, read.

    Attributes:
        page: the page it belongs to, as in the address.
        title: its heading.
        shown: exhibits and gaps in order.
        seconds: how long it took to make them.
    """

    page: str
    title: str
    shown: tuple[Shown, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Book:
    """A run after one of its tasks, ready to be printed."""

    dossier: Dossier
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]

    @property
    def exhibits(self) -> list[Exhibit]:
        """All exhibits in order."""
        return [shown for section in self.sections for shown in section.shown if isinstance(shown, Exhibit)]

    @property
    def gaps(self) -> list[Gap]:
        """All gaps in order."""
        return [shown for section in self.sections for shown in section.shown if isinstance(shown, Gap)]


def read(dossier: Dossier) -> Generator[Step, None, Book]:
    """Read every chapter, yielding progress. What a chapter cannot show becomes a gap with the reason."""
    total = len(CHAPTERS) + 1
    sections = []
    for number, page in enumerate(CHAPTERS):
        yield Step(number, total, f"drawing the chapter {page}")
        sections.append(_section(page, dossier))
    yield Step(len(CHAPTERS), total, "looking for what stands out")
    return Book(dossier, tuple(sections), tuple(findings(dossier)))


def _section(page: str, dossier: Dossier) -> Section:
    began = time.perf_counter()
    module = importlib.import_module(f"engine.report.chapters.{page}")
    shown: list[Shown] = []
    try:
        for one in cast(Chapter, module.chapter)(dossier):
            shown.append(one)
    except PlumageError as error:  # the rest of the book is still worth having
        shown.append(_gap(page, shown, error))
    return Section(page, str(module.TITLE), tuple(shown), time.perf_counter() - began)


def _gap(page: str, shown: list[Shown], error: PlumageError) -> Gap:
    """What is missing from a chapter that stopped in the middle."""
    there = {kind.name for one in shown for kind in (one.kinds if isinstance(one, Gap) else (one.kind,))}
    missing = tuple(kind for kind in load().values() if kind.page == page and kind.name not in there)
    return Gap(missing, f"{error.given}: {error.allowed}", error.remedy)
