"""A dashboard under test: app.py over a home of its own, driven without a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

_APP = Path(__file__).resolve().parents[2] / "app.py"
_TIMEOUT = 90
"""Seconds; the first page of a session may have to wait for the methods to be read on a busy machine."""

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
    monkeypatch.setattr("engine.jobs.analyses.Analyses._spawn", lambda self, question: None)


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

    def opened(page: str = "train", **query: str) -> AppTest:
        app = AppTest.from_file(str(_APP), default_timeout=_TIMEOUT)
        if page != "home":  # a test begins on Home, which takes nothing from the address but the run
            app.run()
            app.switch_page(f"pages/{page}.py")
            app.session_state["address-page"] = page  # under test a page is drawn without app.py's frame, which does so
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        app.run()  # the first run of a session draws the words, the second the rest
        return app

    return opened
