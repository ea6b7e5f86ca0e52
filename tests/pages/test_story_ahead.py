"""Slides that are made ahead of time."""

from __future__ import annotations

import time

import pytest

from engine.errors import PlumageError
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from pages.ui.story.prepared import Prepared
from tests.pages.stores import write_run


def test_one_after_the_other_past_those_that_cannot_be_made(tmp_path):
    ready = Prepared(RunFacts(RunStore(tmp_path), write_run(tmp_path)))
    ready.ahead(("knows", "learns", "forgets"))  # without a model nothing can be said of what it learns
    end = time.monotonic() + 60
    while not ready.ready("forgets") and time.monotonic() < end:
        time.sleep(0.02)
    assert ready.ready("knows") and ready.ready("forgets") and not ready.ready("learns")
    assert ready.get("forgets") is ready.get("forgets")
    with pytest.raises(PlumageError, match="snapshot"):
        ready.get("learns")
