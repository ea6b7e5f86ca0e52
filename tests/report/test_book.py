"""Nothing that a page shows is missing from the report without a reason."""

import sys
from types import SimpleNamespace

import pytest

from engine.analyses.base import ANALYSES
from engine.errors import NotApplicable
from engine.exhibits.every import load
from engine.exhibits.exhibit import Exhibit
from engine.report import book as books
from engine.report.chapters.base import Gap
from engine.report.complete import lacking
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.report.conftest import drained

ELSEWHERE = {"experiments"}
"""Pages whose exhibits are of many runs, and stand in a report of their own (`engine.report.experiment`)."""


def named(book):
    shown = {exhibit.kind.name for exhibit in book.exhibits}
    return shown, {kind.name for gap in book.gaps for kind in gap.kinds}


def test_every_kind_of_every_page_is_shown_or_missing_for_a_reason(bare_book):
    shown, missing = named(bare_book)
    of_a_run = {kind.name for kind in load().values() if kind.page not in ELSEWHERE}
    assert of_a_run - shown - missing == set()
    assert all(len(gap.why) > 10 and not gap.why.endswith(".") for gap in bare_book.gaps)


def test_every_page_with_exhibits_is_a_chapter():
    assert {kind.page for kind in load().values()} - set(books.chapters()) == ELSEWHERE


def test_what_a_gap_tells_to_compute_can_be_computed(bare_book):
    assert any(gap.analysis for gap in bare_book.gaps)
    for question in lacking(bare_book):
        ANALYSES.get(question.name).from_mapping(question.settings)


def test_what_a_gap_names_several_times_is_computed_once(bare_book):
    keys = [question.key for question in lacking(bare_book)]
    assert len(keys) == len(set(keys)) <= sum(bool(gap.analysis) for gap in bare_book.gaps)


def test_exhibits_have_names_of_their_own(bare_book):
    keys = [exhibit.key for exhibit in bare_book.exhibits]
    assert sorted(keys) == sorted(set(keys))


def test_figures_are_small_and_have_their_numbers(bare_book):
    for exhibit in bare_book.exhibits:
        if hasattr(exhibit.figure, "add_trace"):
            assert len(exhibit.figure.to_json()) < 400_000, exhibit.key
            assert exhibit.table is not None, exhibit.key


@pytest.fixture
def failing(monkeypatch, tiny_home):
    """A book with one chapter, which shows one thing and then cannot go on."""
    from engine.exhibits.tasks import accuracy

    def chapter(facts):
        yield accuracy.matrix(facts.view, "test", "class_il", facts.moment)
        raise NotApplicable("the moved birds", "their folder is gone", "Put it back")

    monkeypatch.setitem(sys.modules, "engine.report.chapters.tasks", SimpleNamespace(TITLE="T", chapter=chapter))
    monkeypatch.setattr(books, "chapters", lambda: ("tasks",))
    store = RunStore(tiny_home)
    return drained(books.read(RunFacts(store, store.resolve("last"))))


def test_a_chapter_that_fails_becomes_a_gap_with_its_words(failing):
    (section,) = failing[0].sections
    matrix, gap = section.shown
    assert isinstance(matrix, Exhibit) and isinstance(gap, Gap)
    assert gap.why == "the moved birds: their folder is gone" and gap.remedy == "Put it back"
    expected = {kind.name for kind in load().values() if kind.page == "tasks"} - {"accuracy-matrix"}
    assert {kind.name for kind in gap.kinds} == expected


def test_progress_goes_forward_and_names_the_chapter(failing):
    steps = failing[1]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert "tasks" in steps[0].word and all(0 <= step.share <= 1 for step in steps)
