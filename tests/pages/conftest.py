"""A dashboard under test: app.py over a home of its own, driven without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

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
