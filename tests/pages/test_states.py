"""Runs whose models are gone or that came from elsewhere, and stores of a newer Plumage: pages say so."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.archive.bring import bring
from engine.archive.write import write
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages.saying import sound, words

NEED_NO_MODEL = ("home", "tasks", "run")
NEED_MODELS = ("concepts", "picture", "repair", "attack")


def opened(open_tiny: Callable[..., AppTest], page: str, **query: str) -> AppTest:
    """A page over the fixture's home."""
    return sound(open_tiny(page, **query))


@pytest.fixture
def without_models(own_tiny_home: Path) -> RunStore:
    """The tiny run, every snapshot of which is gone."""
    store = RunStore(own_tiny_home)
    for path in store.snapshots(store.resolve("last")).iterdir():
        path.unlink()
    return store


@pytest.mark.parametrize("page", NEED_NO_MODEL)
def test_stored_numbers_are_shown_without_any_model(without_models, open_tiny, page):
    said = words(opened(open_tiny, page))
    last = RunView(without_models, without_models.resolve("last")).summary()["last_accuracy"]
    assert f"{100 * last:.0f} %" in said and "it is missing" not in said
    assert ("References that forget nothing: joint " in said) == (page == "tasks")


@pytest.mark.parametrize("page", NEED_MODELS)
def test_a_page_that_needs_a_model_says_that_it_is_gone(without_models, open_tiny, page):
    said = words(opened(open_tiny, page))
    assert ".safetensors" in said and "It is missing; a whole snapshot file is needed" in said


def test_concepts_still_shows_what_was_measured(without_models, open_tiny):
    view = RunView(without_models, without_models.resolve("last"))
    found = view.concept_metrics(2)
    said = words(sound(open_tiny("concepts")))
    assert f"{len(found.text)} concepts after task 3" in said
    assert f"rightly seen {100 * np.nanmean(found.accuracy['test']):.1f} % of the time" in said


@pytest.mark.parametrize("page", ["home", "tasks", "picture"])
def test_a_store_of_a_newer_plumage_is_told_and_left_alone(own_tiny_home, open_tiny, page):
    store = RunStore(own_tiny_home)
    with store.database.writing() as db:
        db.execute("PRAGMA user_version = 99")
    before = store.database.path.read_bytes()
    said = words(opened(open_tiny, page))
    assert "version 99" in said and "Use the newer Plumage" in said
    assert store.database.path.read_bytes() == before


@pytest.mark.parametrize("page", ["home", "tasks", "picture"])
def test_a_run_from_elsewhere_is_shown_as_any_other(own_tiny_home, open_tiny, page):
    store, sent = RunStore(own_tiny_home), own_tiny_home.parent / "run.zip"
    run = store.resolve("last")
    for _ in write(store, run, sent, report=False):
        pass
    store.delete(run)
    new = bring(store, io.BytesIO(sent.read_bytes()))
    said = words(opened(open_tiny, page, run=new))
    assert run not in said or page == "home"  # which says where it came from
    assert "is missing" not in said


@pytest.mark.parametrize("page", ["home", "tasks"])
def test_a_damaged_run_is_listed_and_told_of_and_no_number_of_it_is_shown(
    own_tiny_home, open_tiny, page, behind_its_back
):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    behind_its_back(store, "UPDATE tasks SET accuracy = 0.123 WHERE task = 2")
    said = words(opened(open_tiny, page, run=run))
    assert "12 %" not in said
    if page == "home":
        assert "damaged" in said and "what is stored is not what was written" in said
    else:
        assert f"run {run}" in said and "It is damaged" in said
