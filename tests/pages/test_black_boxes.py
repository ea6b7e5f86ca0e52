"""Every page of a run without concepts: it says so in a sentence, offers what does apply, and draws nothing empty."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.jobs.training import work
from engine.runs.config import preset
from engine.store.store import RunStore
from tests.pages.opening import at_page
from tests.pages.saying import sound, words
from tests.pages.visible import empty_panels
from tests.shared import own_copy

Opened = Callable[..., Any]
_SAID = {
    "run": "",
    "tasks": "",
    "story": "its method learns no concepts",
    "attack": "",
    "concepts": "This run has no concepts",
    "concepts?view=timeline": "This run has no concepts",
    "concepts?view=weights": "This run has no concepts",
    "picture": "decides by whole classes",
    "picture?tab=time": "",
    "picture?tab=where": "is seen most at the",
    "picture?tab=what": "",
    "repair?tab=lost": "",
    "repair?tab=kept": "has no concepts",
    "repair?tab=clicks": "has no concepts",
    "repair?tab=claims": "has no concepts",
}
"""Places, and what stands there because of the method."""


@pytest.fixture(scope="module")
def black_boxes(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run whose rows are class means, and one that answers by a side channel alone, its head zero."""

    def train(home: Path) -> None:
        shutil.copytree(tiny_home / "cache", home / "cache")
        store = RunStore(home)
        for method in ("ncm", "fecam"):
            assert work(store, store.create(preset("tiny").changed(method=method), method)).status == "finished"

    return own_copy(tmp_path_factory, "black-boxes", train)


@pytest.fixture
def opened(black_boxes: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Open a place of one of the two runs."""
    monkeypatch.setenv("PLUMAGE_HOME", str(black_boxes))
    runs = {run.name: run.id for run in RunStore(black_boxes).runs()}

    def at(method: str, where: str) -> Any:
        page, _, query = where.partition("?")
        asked = dict(part.split("=") for part in query.split("&") if part)
        return sound(at_page(page, run=runs[method], **asked).run())

    return at


def test_each_page_says_what_it_lacks_and_draws_nothing_empty(opened: Opened) -> None:
    for where, said in _SAID.items():
        app = opened("fecam", where)
        assert said in words(app), where
        assert empty_panels(app) == [], where
        assert "concepts adds to the class" not in words(app), where


def test_in_place_of_bars_stands_what_can_be_looked_at(opened: Opened) -> None:
    app = opened("ncm", "picture")
    assert "Nearest class mean decides by whole classes" in words(app) and "It is nearest to " in words(app)
    app.button(key="whole-where").click().run()
    assert app.query_params["tab"] in ("where", ["where"])
    assert "Where does it look?" in words(sound(app))


def test_the_map_begins_with_the_class_that_is_answered(opened: Opened) -> None:
    """By what rows add, of a model whose head is zero, it would be no matter which."""
    app = opened("fecam", "picture?tab=where")
    (listed,) = (box for box in app.selectbox if box.label == "Direction of a class")
    answer = words(app).partition("aken for ")[2].partition("<")[0].strip()
    assert answer and str(listed.value).endswith(f"of {answer}")
