"""Books of two runs: one trained without any analysis, and one with hostile names and no models."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.report.book import Book, read
from engine.report.html import page
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.pages.stores import write_run

HOSTILE = "</script><img src=x onerror=window.hacked=1>"
FORMULA = "=cmd()|' /C calc'!A0"


def drained(steps):
    """What a generator returns, and what it yielded."""
    yielded = []
    while True:
        try:
            yielded.append(next(steps))
        except StopIteration as end:
            return end.value, yielded


def book_of(home: Path) -> Book:
    store = RunStore(home)
    return drained(read(RunFacts(store, store.resolve("last"))))[0]


@pytest.fixture(scope="session")
def bare_book(tiny_home: Path) -> Book:
    """The tiny run, of which nothing was analysed."""
    return book_of(tiny_home)


@pytest.fixture(scope="session")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("hostile")
    names = (HOSTILE, FORMULA, "{{7*7}}", "a\u2028b", "<b>bold</b>", "&lt;i&gt;", "naïve—ü", "plain")
    write_run(home, name=f"{HOSTILE} & co", names=names)
    return home


@pytest.fixture(scope="session")
def hostile_book(hostile_home: Path) -> Book:
    """A run whose every name is meant to do harm."""
    return book_of(hostile_home)


@pytest.fixture(scope="session")
def hostile_page(hostile_book: Book) -> str:
    return page(hostile_book)
