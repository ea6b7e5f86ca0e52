"""A run as a book: all chapters in order, each with its exhibits and its gaps, and what was found on the way."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from engine.errors import ModelDropped, PlumageError, StoreDamaged
from engine.exhibits.every import load
from engine.exhibits.exhibit import Exhibit
from engine.findings.base import Finding, findings
from engine.report import chapters as package
from engine.report.chapters.base import Chapter, Gap, Shown
from engine.session.facts import Damage, RunFacts
from engine.steps import Step

_AGAIN = "Compute it again"


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
class Loss:
    """What had to be left out because it is damaged or gone.

    Attributes:
        what: the model, the analysis, or what of a chapter.
        why: as a clause.
        remedy: what to do, as an instruction.
        page: the chapter that misses it, or nothing where many do.
    """

    what: str
    why: str
    remedy: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A run after one of its tasks, ready to be printed."""

    facts: RunFacts
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    losses: tuple[Loss, ...]

    @property
    def exhibits(self) -> list[Exhibit]:
        """All exhibits in order."""
        return [shown for section in self.sections for shown in section.shown if isinstance(shown, Exhibit)]

    @property
    def gaps(self) -> list[Gap]:
        """All gaps in order."""
        return [shown for section in self.sections for shown in section.shown if isinstance(shown, Gap)]


def chapters() -> tuple[str, ...]:
    """The modules of `engine.report.chapters`, one a page, in the order of their `PLACE`."""
    names = [name for _, name, _ in pkgutil.iter_modules(package.__path__) if name != "base"]
    return tuple(sorted(names, key=lambda name: int(_chapter(name).PLACE)))


def _chapter(page: str) -> Any:
    return importlib.import_module(f"engine.report.chapters.{page}")


def read(facts: RunFacts) -> Generator[Step, None, Book]:
    """Read every chapter, yielding progress. What a chapter cannot show becomes a gap with the reason."""
    pages = chapters()
    total = len(pages) + 1
    sections, losses = [], list(_lost_models(facts))
    for number, page in enumerate(pages):
        yield Step(number, total, f"drawing the chapter {page}")
        before = len(facts.damaged)
        section, loss = _section(page, facts)
        losses += [*loss, *(_loss(damage, page) for damage in facts.damaged[before:])]
        sections.append(_marked(section, facts, before))
    yield Step(len(pages), total, "looking for what stands out")
    before = len(facts.damaged)
    found = tuple(findings(facts))
    losses += [_loss(damage, "") for damage in facts.damaged[before:]]
    return Book(facts, tuple(sections), found, tuple(losses))


def _lost_models(facts: RunFacts) -> Iterator[Loss]:
    """The models up to the moment that cannot be opened."""
    for task in range(facts.moment + 1):
        try:
            facts.view.snapshot(task)
        except ModelDropped as gone:
            yield Loss(gone.given, gone.allowed, gone.remedy)
        except StoreDamaged as error:
            yield Loss(f"the model after task {task + 1}", _told(error), error.remedy)


def _told(error: StoreDamaged) -> str:
    """Which file and why: a report is shown to others, whom it does not concern where the store lies."""
    return f"{Path(error.given).name}: {error.allowed}"


def _loss(damage: Damage, page: str) -> Loss:
    asked = damage.question
    what = f"the analysis {asked.name.replace('_', ' ')} after task {asked.task + 1}"
    return Loss(what, damage.why, _AGAIN, page)


def _marked(section: Section, facts: RunFacts, before: int) -> Section:
    """The chapter whose gaps say what is damaged, where that and not that nobody computed it is why they are there."""
    shown, told = [], set()
    for one in section.shown:
        damage = _behind(one, facts) if isinstance(one, Gap) else None
        if isinstance(one, Gap) and damage is not None:
            told.add(damage.question.key)
            one = replace(one, why=f"the stored answer of the analysis cannot be used: {damage.why}", remedy=_AGAIN)
        shown.append(one)
    for damage in facts.damaged[before:]:
        asked = damage.question
        if asked.key not in told:
            why = f"a stored answer of the analysis {asked.name.replace('_', ' ')} cannot be used: {damage.why}"
            shown.append(Gap((), why, _AGAIN, asked.name, asked.settings, asked.task))
    return replace(section, shown=tuple(shown))


def _behind(gap: Gap, facts: RunFacts) -> Damage | None:
    """The damaged answer that a gap misses."""
    wanted = gap.analysis, dict(gap.settings or {}), gap.after(facts.moment)
    asked = ((d.question.name, dict(d.question.settings), d.question.task) for d in facts.damaged)
    return next((d for d, one in zip(facts.damaged, asked, strict=True) if gap.analysis and one == wanted), None)


def _section(page: str, facts: RunFacts) -> tuple[Section, tuple[Loss, ...]]:
    """A chapter, and what in the store stopped it."""
    began = time.perf_counter()
    lost: tuple[Loss, ...] = ()
    module = _chapter(page)
    shown: list[Shown] = []
    try:
        for one in cast(Chapter, module.chapter)(facts):
            shown.append(one)
    except PlumageError as error:  # the rest of the book is still worth having
        shown.append(_gap(page, shown, error))
        if isinstance(error, StoreDamaged):
            lost = (Loss(f"the rest of the chapter {page}", _told(error), error.remedy, page),)
    return Section(page, str(module.TITLE), tuple(shown), time.perf_counter() - began), lost


def _gap(page: str, shown: list[Shown], error: PlumageError) -> Gap:
    """What is missing from a chapter that stopped in the middle."""
    there = {kind.name for one in shown for kind in (one.kinds if isinstance(one, Gap) else (one.kind,))}
    missing = tuple(kind for kind in load().values() if kind.page == page and kind.name not in there)
    return Gap(missing, f"{error.given}: {error.allowed}", error.remedy)
