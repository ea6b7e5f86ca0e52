"""What happens to an experiment whose clock jumps, whose store moves, whose disk is full, or whose grid changes."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import StoreError
from engine.experiments.driving import drive_here
from engine.jobs import experiments as jobs_of
from engine.store import jobs
from engine.store.database import FILE
from engine.store.states import INTERRUPTED
from engine.store.store import RunStore
from tests.disks import disk, fill, needs_root

ROOT = Path(__file__).parents[2]
DAY = 86_400
_ROOM = 150_000
"""Bytes left on a full disk: rows fit, models do not."""


def statuses(states):
    return [state.status for state in states]


def test_a_cancelled_one_goes_on_with_another_grid(store, declare, driven, states, trained):
    number = declare(seed=[1, 2], hours=1e-7, at_once=1)
    driven(number)
    jobs_of.cancel(store, number)
    assert statuses(states(number)) == ["finished", "waiting"]
    declare(seed=[2, 3])
    driven(number)
    assert statuses(states(number)) == ["finished"] * 2 and len(trained) == 3
    assert sorted(run.seed for run in store.runs()) == [1, 2, 3], "what the first grid found stays"


@pytest.mark.parametrize("by", [-DAY, DAY])
def test_a_clock_that_jumps_loses_and_repeats_nothing(store, declare, states, trained, monkeypatch, by):
    class Jumping:
        """It jumps at every look."""

        off = 0.0

        def time(self):
            return time.time() + self.off

        def __getattr__(self, name):
            return getattr(time, name)

    clock = Jumping()
    for module in ("engine.store.store", "engine.store.jobs", "engine.store.experiments"):
        monkeypatch.setattr(f"{module}.time", clock)

    def jump(step):
        clock.off += by

    number = declare(seed=[1, 2, 3], at_once=1)
    end = drive_here(store, number, jump)
    assert end.status == "finished" and end.message is None
    assert statuses(states(number)) == ["finished"] * 3 and len(trained) == 3


def test_a_store_that_is_moved_ends_it_in_words_and_it_goes_on_where_the_store_is(store, declare, trained):
    number, moved = declare(seed=[1, 2], at_once=1), store.home.with_name(f"{store.home.name}-moved")
    looks = 0

    def move(step):
        nonlocal looks
        looks += 1
        if looks == 2:
            store.home.rename(moved)

    with pytest.raises(StoreError, match="moved away or replaced"):
        drive_here(store, number, move)
    assert not (store.home / FILE).exists(), "no new store is begun in the old place"
    there = RunStore(moved)
    assert [run.status for run in there.runs()] == ["finished"] and len(trained) == 1
    job = jobs_of.find(there, number)
    with there.database.writing() as db:
        jobs.move(db, job.id, INTERRUPTED)  # its process is this one, which lives on
    end = drive_here(there, number, lambda step: None)
    assert end.status == "finished" and len(trained) == 2
    assert [run.status for run in there.runs()] == ["finished"] * 2
    shutil.rmtree(moved)


@needs_root
def test_a_full_disk_is_said_and_what_is_left_is_done_once_there_is_room(backbone, tmp_path):
    """With real processes: what cannot be written down ends them."""
    with disk(tmp_path / "disk", "64m") as place:

        def sweep(seeds):
            command = [sys.executable, "-m", "engine", "sweep", "--name", "full", "--preset", "tiny", "--grid"]
            command += [f"seed={seeds}", "--set", "method=ncm", f"backbone={backbone}", "--option", "watching=false"]
            environment = {**os.environ, "PLUMAGE_HOME": str(place), "OMP_NUM_THREADS": "1"}
            return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)

        assert sweep("1").returncode == 0
        filler = fill(place, but=_ROOM)
        done = sweep("1,2")
        assert "no space is left" in done.stdout + done.stderr and "Traceback" not in done.stderr
        assert [run.status for run in RunStore(place).runs() if run.seed == 1] == ["finished"]
        filler.unlink()
        done = sweep("1,2")
        assert done.returncode == 0, done.stderr
        assert sorted(run.seed for run in RunStore(place).runs() if run.status == "finished") == [1, 2]
