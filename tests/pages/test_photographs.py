"""On a run of photographs every page, slide, finding and chapter reads as if made for it, with 10 classes and with 40.

Every text that can be read is collected, also behind what folds and opens. A word of the drawn birds fails; the names
of the shipped backbones are let pass, because a run may stand on one. Questions of a new run (the form, what hardens
a backbone) are about no run and are not walked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine.data.texts.vocabulary import vocabulary
from engine.findings.base import findings
from engine.report.book import Book
from engine.report.html import page as printed
from engine.runs.config import RunConfig
from engine.session.facts import RunFacts
from engine.slides.decks import ALL, DECKS, missing, told
from engine.store.store import RunStore
from pages.ui.attack.parts_of import PARTS
from tests import photo_runs
from tests.pages import visible
from tests.pages.opening import at_page
from tests.pages.saying import sound
from tests.report.conftest import book_of
from tests.shared import own_copy

_OF_BIRDS = re.compile(
    r"\b(birds?|species|habitats?|beaks?|bills?|wings?|winged|feathers?|crowns?|crowned|flocks?|nests?|sisters?|genus"
    r"|aviary|field guides?)\b",
    re.IGNORECASE,
)
_COAT = re.compile(r"\bplumages?\b")
"""In small letters: the product has a capital."""
_BACKBONES = re.compile(r"\baviary-clip(-tga)?\b")
_VOCABULARY = re.compile(
    "|".join(rf"\b{re.escape(text)}\b" for texts in vocabulary().values() for text in texts if _OF_BIRDS.search(text))
)
"""Of the built-in words, which may be said of any picture."""
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n| \. ")
_VIEWS = (
    ("home", {}),
    ("home", {"help": "open"}),
    ("tasks", {}),
    ("tasks", {"class": "garment 003", "setting": "task_il"}),
    *(("tasks", {"tab": "compare", "by": by}) for by in ("runs", "seeds", "scenarios")),
    ("run", {}),
    *(("concepts", {"view": view}) for view in ("browse", "timeline", "weights", "map", "mark")),
    *(("picture", {"image": "test:0", "tab": tab}) for tab in ("why", "what", "time", "where")),
    ("picture", {"image": "test:0", "tab": "what", "how": "least"}),
    *(("repair", {"tab": tab}) for tab in ("edit", "kept", "lost", "clicks", "effects", "claims", "pairs")),
    *(("attack", {"view": part}) for part in PARTS),
    ("attack", {"view": "twins", "tab": "all"}),
    ("story", {}),
)


@pytest.fixture(scope="module", params=[(10, 8, 4), (40, 3, 2)], ids=["10 classes", "40 classes"])
def photographs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny: Callable[..., RunConfig]
) -> RunStore:
    """A finished run on a folder of pictures, after whose last task everything was asked that can be."""
    classes, train, test = request.param

    def make(home: Path) -> None:
        photo_runs.answer_all(photo_runs.trained(home, tiny, classes, train, test))

    return RunStore(own_copy(tmp_path_factory, f"photographs-{classes}", make))


@pytest.fixture(scope="module")
def book(photographs: RunStore) -> Book:
    """Its report."""
    return book_of(photographs.home)


@pytest.fixture(scope="module")
def facts(photographs: RunStore) -> RunFacts:
    """The run after its last task."""
    return RunFacts(photographs, photographs.resolve("last"))


@pytest.fixture
def unfolded(photographs: RunStore, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Opens a page with everything in it that folds."""
    monkeypatch.setenv("PLUMAGE_HOME", str(photographs.home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def opened(page: str, **query: str) -> AppTest:
        app = sound(at_page(page, **query).run())
        for key in visible.folded(app):
            app.session_state[key] = True
        return sound(app.run())

    return opened


def of_birds(*texts: str) -> list[str]:
    """Sentences that have a word of birds."""
    sentences = (one for text in texts for one in _SENTENCES.split(visible.words(text)))
    return [
        one.strip()
        for one in sentences
        if _OF_BIRDS.search(_VOCABULARY.sub("", _BACKBONES.sub("", one))) or _COAT.search(one)
    ]


def test_every_page_and_tab_reads_as_if_made_for_photographs(unfolded):
    for page, query in _VIEWS:
        app = unfolded(page, **query)
        assert of_birds(*visible.texts(app)) == [], (page, query)
        assert visible.empty_panels(app) == [], (page, query)


def test_every_slide_reads_as_if_made_for_photographs(unfolded, facts):
    for name in told(ALL, facts):
        app = unfolded("story", deck=ALL, slide=name, notes="yes")
        assert of_birds(*visible.texts(app)) == [], name
    assert of_birds(*(f"{title}. {why}" for deck in DECKS for title, why in missing(deck, facts).items())) == []


def test_every_finding_reads_as_if_made_for_photographs(facts):
    found = findings(facts)
    assert len(found) >= 4
    assert of_birds(*(text for one in found for text in (one.headline, one.detail, one.caveat))) == []


def test_every_chapter_reads_as_if_made_for_photographs(book):
    assert book.losses == () and len(book.exhibits) > 20
    assert of_birds(visible.in_html(printed(book))) == []
    assert of_birds(*_drawn(book)) == []


def test_the_words_that_are_looked_for_are_found():
    assert of_birds("Ten birds. Nothing. Plumage says so.") == ["Ten birds."]
    assert of_birds("Its plumage.", "aviary-clip", "plumage-forgetting.csv", "The Aviary") == [
        "Its plumage.",
        "The Aviary",
    ]


def _drawn(book: Book) -> Iterator[str]:
    """The words of the report's charts, which its script draws."""
    for exhibit in book.exhibits:
        if hasattr(exhibit.figure, "add_trace"):
            yield visible.in_plotly(exhibit.figure.to_json())
        if exhibit.table is not None:
            yield " . ".join(str(cell) for column, cells in exhibit.table().items() for cell in (column, *cells))
