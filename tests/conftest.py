"""What tests of several packages share: one real run, trained once, on the shipped CLIP."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished run of the tiny preset (6 species, 3 tasks). To be read only: copy it to write."""
    from engine.runs.config import preset
    from engine.runs.store import RunStore
    from engine.runs.worker import work

    home = tmp_path_factory.mktemp("tiny")
    store = RunStore(home)
    assert work(store, store.create(preset("tiny"), "tiny")).status == "finished"
    return home


@pytest.fixture
def own_tiny_home(tiny_home: Path, tmp_path: Path) -> Path:
    """A copy of `tiny_home` that a test may change."""
    return Path(shutil.copytree(tiny_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def tiny_lab(tiny_home: Path):
    """The tiny run, reopened."""
    from engine.runs.lab import Lab
    from engine.runs.store import RunStore

    store = RunStore(tiny_home)
    return Lab(store, store.resolve("last"))


@pytest.fixture
def open_tiny(own_tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Open a page of the dashboard over a copy of the tiny run."""
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    st.cache_data.clear()
    st.cache_resource.clear()

    def opened(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(Path(__file__).parents[1] / "app.py"), default_timeout=90)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        app.run()  # the first run of a session draws the words, the second the rest
        return app.switch_page(f"pages/{page}.py").run()

    return opened
