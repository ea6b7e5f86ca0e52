"""A report on a damaged run says at its top and in the chapter what it had to leave out, and why."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from engine.report import book as books
from engine.report.book import Book, read
from engine.report.complete import lacking
from engine.report.html import page
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.report.conftest import drained


@pytest.fixture
def facts(answered_home, tmp_path) -> RunFacts:
    """A copy of the run with every analysis, to be damaged before it is read."""
    store = RunStore(shutil.copytree(answered_home, tmp_path / "home"))
    return RunFacts(store, store.resolve("last"))


def concepts_only(facts: RunFacts, monkeypatch: pytest.MonkeyPatch) -> tuple[Book, str]:
    """The report with the one chapter that looks at what is damaged here, and its top."""
    monkeypatch.setattr(books, "chapters", lambda: ("concepts",))
    book = drained(read(facts))[0]
    found = re.search(r'<section id="left-out".*?</section>', page(book), re.S)
    return book, found[0] if found else ""


def reasons(book: Book) -> list[str]:
    return [gap.why for gap in book.gaps]


def test_a_whole_run_lost_nothing(facts, monkeypatch):
    book, top = concepts_only(facts, monkeypatch)
    assert book.losses == () and top == "" and not [why for why in reasons(book) if "cannot be used" in why]


def test_damaged_analyses_are_named_and_can_be_computed_again(facts, monkeypatch):
    with facts.store.database.writing() as db:
        db.execute("UPDATE results SET data = X'00' WHERE name IN ('hits', 'control_size')")
    book, top = concepts_only(facts, monkeypatch)
    told = {loss.what: loss for loss in book.losses}
    assert told.keys() == {"the analysis random words after task 3", "the analysis exemplars after task 3"}
    for name, array in (("random words", "control_size"), ("exemplars", "hits")):
        loss = told[f"the analysis {name} after task 3"]
        assert loss.why == f"it is damaged ({array}: it is no array of NumPy's)" and loss.page == "concepts"
        assert f"the analysis {name} after task 3" in top and array in top
        assert [why for why in reasons(book) if array in why and "the stored answer" in why]
    assert top.count('<a href="#concepts">Concepts</a>') == 2
    assert {question.name for question in lacking(book)} >= {"random_words", "exemplars"}  # --complete does so


def test_a_model_that_is_gone_is_named_without_telling_where_the_store_lies(facts, monkeypatch):
    (facts.store.snapshots(facts.view.id) / "model-1.safetensors").unlink()
    book, top = concepts_only(facts, monkeypatch)
    assert [loss.what for loss in book.losses][:2] == ["the model after task 2", "the rest of the chapter concepts"]
    assert all(loss.why.startswith("model-1.safetensors: it is missing") for loss in book.losses[:2])
    assert "model-1.safetensors" in top and str(Path(facts.store.home)) not in top
    assert [why for why in reasons(book) if "model-1.safetensors" in why]
