"""A longer look that has no place yet says what it waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.jobs.analyses import Analyses, Question
from engine.store.store import RunStore
from pages.ui.analysis import _Waiting
from tests.pages.stores import write_run


def test_a_page_says_what_it_waits_for_and_its_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.jobs.queue.os.cpu_count", lambda: 2)
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    run = write_run(home, status="running", done=2)
    questions = [Question(run, 1, name, {}) for name in ("curves", "embedding_map", "exemplars")]
    for question in questions:
        Analyses(RunStore(home)).request(question)
    said = [_Waiting(question, "the map", True)._waits() for question in questions]
    assert said == [None, "The map: waits for curves, place 1", "The map: waits for curves, place 1"]
