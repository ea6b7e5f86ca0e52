"""A dashboard under test: app.py over a home of its own, driven without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from engine.runs.config import RunConfig
from engine.store.store import RunStore
from tests.pages.opening import at_page

Opened = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """An app under test puts its script in the place of `__main__`, which processes started later would then run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def no_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page asks for by itself is lined up, and no process works on it; a test's own fake comes after this."""
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits until data are open: nothing under test looks again by itself."""
    monkeypatch.setattr("pages.ui.bring.looking.PATIENCE", 60.0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `PLUMAGE_HOME`, and no cache left over from another test."""
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path


@pytest.fixture
def open_page(home: Path) -> Opened:
    """Open a page of the dashboard, by name and query."""

    def opened(page: str = "run", **query: str) -> AppTest:
        return at_page(page, **query).run()

    return opened


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Configs that would have been started."""
    found: list[Any] = []

    def start(config: RunConfig, name: str = "", store: RunStore | None = None, watch: Any = None) -> str:
        found.append((config, name))
        return (store or RunStore()).create(config, name)

    monkeypatch.setattr("engine.jobs.control.start", start)
    return found


@pytest.fixture
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes whose names the shipped backbone does not know, with concept texts that it does."""
    folder = tmp_path_factory.mktemp("photos")
    for shade, name in enumerate(("zebra", "giraffe")):
        (folder / name).mkdir()
        for i in range(8):
            Image.new("RGB", (32, 32), (90 * shade, 20 * i, 99)).save(folder / name / f"{i}.png")
    (folder / "concepts.txt").write_text("red crown\nlong tail\n")
    return folder
