"""The line of what works in the background: on every page, but for the training that the page itself shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.errors import StoreReadOnly
from engine.jobs.analyses import Analyses, Question
from engine.runs.config import preset
from engine.store.store import RunStore
from tests.job_states import analysis, set_status
from tests.pages.saying import sound, words
from tests.pages.stores import write_run


@pytest.fixture
def training(home: Path) -> str:
    """A run at work, beside a finished one."""
    return write_run(home, status="running", done=2, name="my <b>birds</b>")


def lines(app: Any) -> list[str]:
    """The line, if there is one."""
    return [element.value for element in app.html if "class='pl-at-work'" in element.value]


@pytest.mark.parametrize("page", ["tasks", "concepts", "attack", "story"])
def test_another_runs_training_is_on_every_page(home: Path, training: str, open_page: Any, page: str) -> None:
    finished = write_run(home)
    (line,) = lines(sound(open_page(page, run=finished)))
    assert "Training my &lt;b&gt;birds&lt;/b&gt;: " in line and "%" in line


@pytest.mark.parametrize("page", ["home", "run"])
def test_a_page_does_not_say_twice_what_it_shows(home: Path, training: str, open_page: Any, page: str) -> None:
    assert lines(sound(open_page(page, run=training))) == []


def test_nothing_at_work_leaves_no_line(home: Path, open_page: Any) -> None:
    assert lines(sound(open_page("tasks", run=write_run(home)))) == []


def test_it_ends_what_it_lists(home: Path, training: str, open_page: Any) -> None:
    app = sound(open_page("tasks", run=write_run(home)))
    app.button(key="at-work-end-0").click().run()
    assert RunStore(home).training(training).wanted == "stop"


def test_what_has_ended_meanwhile_becomes_a_notice(home: Path, training: str, open_page: Any) -> None:
    app = sound(open_page("tasks", run=write_run(home)))
    set_status(RunStore(home), training, "finished")
    app.button(key="at-work-end-0").click().run()
    assert "pl-notice" in words(app) and "is finished" in words(app)


def test_a_damaged_row_breaks_no_page(home: Path, open_page: Any, behind_its_back: Any) -> None:
    run, store = write_run(home), RunStore(home)
    Analyses(store).request(Question(run, 3, "replay", {}))
    behind_its_back(store, "UPDATE jobs SET arguments = '{' WHERE kind = 'analysis'")
    assert lines(sound(open_page("tasks", run=run))) == []


def test_a_store_that_may_only_be_read_breaks_no_page(
    home: Path, open_page: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(home)
    RunStore(home).create(preset("tiny"), "in line")

    def refuse(store: RunStore, job: Any) -> None:
        raise StoreReadOnly("run store", "it cannot be written here", "Make it writable")

    monkeypatch.setattr("engine.jobs.queue._start", refuse)
    app = sound(open_page("tasks", run=run))
    assert "cannot be written" not in words(app) and "Training in line" in lines(app)[0]


def test_what_failed_is_told_on_every_page_tried_again_or_dismissed(home: Path, open_page: Any) -> None:
    run, store = write_run(home), RunStore(home)
    question = Question(run, 3, "replay", {})
    Analyses(store).request(question)
    analysis(store, question, "failed", "no memory")
    app = sound(open_page("tasks", run=run))
    assert "it failed" in lines(app)[0] and "no memory" in words(app)
    app.button(key="went-wrong-dismiss-0").click().run()
    assert "no memory" not in words(sound(app))
    app = sound(open_page("tasks", run=run))
    app.button(key="went-wrong-again-0").click().run()
    state = Analyses(store).state(question)
    assert state is not None and state.status == "running"
