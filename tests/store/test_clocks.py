"""Clocks that were set back: what came in last is the last, and a sign of life from the future is none."""

import os
import time

import pytest

from engine.runs.config import preset
from engine.store import liveness
from engine.store.liveness import STALE, alive, process_mark
from engine.store.store import RunStore
from tests.job_states import ask_again, set_status

DAY = 86_400


class Clock:
    """A clock that goes right until it is set."""

    def __init__(self):
        self.by = 0.0

    def time(self):
        return time.time() + self.by

    def __getattr__(self, name):
        return getattr(time, name)


@pytest.fixture
def clock(monkeypatch):
    kept = Clock()
    for module in ("engine.store.store", "engine.store.jobs"):
        monkeypatch.setattr(f"{module}.time", kept)
    return kept


def test_the_run_just_made_is_the_last_whatever_the_clock_says(tmp_path, clock):
    runs = RunStore(tmp_path)
    first = runs.create(preset("tiny"))
    clock.by = -DAY
    second = runs.create(preset("tiny"))
    assert runs.resolve("last") == second and [run.id for run in runs.runs()] == [second, first]
    set_status(runs, second, "stopped")
    runs.delete(second)
    assert runs.resolve("last") == first


def test_a_run_from_the_future_whose_process_never_came_can_be_resumed(tmp_path, clock):
    runs = RunStore(tmp_path)
    clock.by = DAY
    run = runs.create(preset("tiny"), status="running")
    assert runs.status(run) == "running"
    clock.by = 0
    assert runs.status(run) == "interrupted"
    ask_again(runs, run)
    assert runs.status(run) == "running"


def test_a_process_that_lives_needs_no_sign():
    mark = process_mark(os.getpid())
    assert alive(os.getpid(), mark, -DAY) and alive(os.getpid(), mark, DAY)
    assert not alive(os.getpid(), f"{mark}0", 0.0)


@pytest.mark.parametrize(
    ("age", "lives"), [(-STALE - 1, False), (-1, True), (0, True), (STALE - 1, True), (STALE, False)]
)
def test_signs_of_life(age, lives, monkeypatch):
    monkeypatch.setattr(liveness.platform, "node", lambda: "here")
    assert alive(None, None, age) is lives and alive(1, "there:1", age) is lives
