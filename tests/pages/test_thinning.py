"""Runs whose earlier models were dropped: from Home, and what the pages say then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.runs.config import preset
from engine.store.store import RunStore
from engine.store.thinning import thin
from tests.pages.test_pages import sound, words


@pytest.fixture
def run(own_tiny_home: Path) -> str:
    return RunStore(own_tiny_home).resolve("last")


def bulk(open_tiny: Callable[..., Any], *runs: str) -> AppTest:
    """Home with these runs ticked and what thinning them does in view."""
    app = open_tiny("home")
    app.session_state["shelf-chosen"] = [*runs]
    app.session_state["shelf-bulk-thin"] = True
    return app.run()


def test_what_goes_is_said_before_and_done_on_request(open_tiny: Any, own_tiny_home: Path, run: str) -> None:
    store = RunStore(own_tiny_home)
    app = bulk(open_tiny, run)
    assert "2 models of 1 run would go" in words(app) and "Forks, edited models" in words(app)
    app.number_input(key="shelf-bulk-thin-every").set_value(2).run()
    assert "1 model of 1 run would go" in words(app) and store.models_dropped(run) == frozenset()
    app.button(key="shelf-bulk-thin-now").click().run()
    sound(app)
    assert store.models_dropped(run) == {0}
    app.session_state["shelf-bulk-thin"] = True
    app.number_input(key="shelf-bulk-thin-every").set_value(0).run()
    app.button(key="shelf-bulk-thin-now").click().run()
    assert store.models_dropped(run) == {0, 1}
    app.session_state["shelf-bulk-thin"] = True
    assert "every model that is there would stay" in words(app.run())
    assert "shelf-bulk-thin-now" not in {button.key for button in app.button}


def test_a_run_that_can_go_on_is_named_and_stays(open_tiny: Any, own_tiny_home: Path, run: str) -> None:
    store = RunStore(own_tiny_home)
    waiting = store.create(preset("tiny"), status="stopped")
    app = bulk(open_tiny, run, waiting)
    assert f"Thinning run {waiting}: it is stopped, and whoever goes on with it needs its models." in words(app)
    app.button(key="shelf-bulk-thin-now").click().run()
    sound(app)
    assert store.models_dropped(run) == {0, 1} and store.models_dropped(waiting) == frozenset()


@pytest.mark.parametrize("page", ["tasks", "concepts", "picture", "repair", "attack", "story"])
def test_pages_show_the_last_model_and_say_where_another_is_gone(
    open_tiny: Any, own_tiny_home: Path, run: str, page: str
) -> None:
    thin(RunStore(own_tiny_home), run)
    last = open_tiny(page, run=run)
    sound(last)
    assert "dropped on request" not in words(last)
    assert "3 (latest)" in str(last.selectbox(key="task-choice").placeholder)
    assert last.selectbox(key="task-choice").options == ["1, no model", "2, no model", "3"]
    early = open_tiny(page, run=run, task="1")
    assert not early.exception and "This should not" not in words(early)
    assert ("kept is the model after task 3" in words(early)) == (page not in ("tasks", "story"))
