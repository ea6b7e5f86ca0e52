"""Backbones made here: jobs whose folder is a backbone in the end, and everything that can become of them."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.backbone.presets import identify
from engine.errors import BadParameter, NotApplicable, StoreFull, StoreReadOnly
from engine.home import log_path
from engine.jobs import backbones, place
from engine.jobs.backbones import LocalBackbone
from engine.runs.config import preset
from engine.store import jobs
from engine.store.liveness import process_mark
from engine.store.states import LIVE
from engine.store.store import RunStore
from tests.job_states import complete, end_processes

PATIENCE = 240.0
"""Seconds a process may take on a machine with a dozen others at work."""
SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def command(empty_store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that sleeps in the command's place; what still runs at the end is ended."""
    monkeypatch.setattr(place, "_command", lambda job: [sys.executable, "-c", SLEEPS])
    yield
    end_processes(empty_store)


@pytest.fixture
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has a place has no process."""
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)


def wait(store: RunStore, name: str, when: Callable[[LocalBackbone], bool]) -> LocalBackbone:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = backbones.get(store, name)
        if when(found):
            return found
        time.sleep(0.02)
    raise AssertionError(f"still {found}")


def ended(found: LocalBackbone) -> bool:
    return found.status not in LIVE


def in_state(store: RunStore, name: str, status: str, error: str | None = None) -> None:
    with store.database.writing() as db:
        job = jobs.find(db, "backbone", name)
        assert job is not None
        jobs.move(db, job.id, status, error)


# -- what becomes of one -----------------------------------------------------------------------------------------------


def test_one_that_ends_well_is_a_backbone(no_processes: None, empty_store: RunStore) -> None:
    found = backbones.start(empty_store, "tga", "tga", {"steps": 4})
    assert (found.status, found.can, found.start) == ("running", {"stop"}, "aviary-clip")
    complete(found.folder)
    in_state(empty_store, "tga", "finished")
    found = backbones.get(empty_store, "tga")
    assert (found.status, found.defence, found.settings) == ("finished", "tga", {"steps": 4})
    assert found.spec == f"local-dir:{empty_store.home / 'backbones' / 'tga'}"
    assert found.can == {"drop"} and found.error is None


def test_stopped_resumed_and_dropped(command: None, empty_store: RunStore) -> None:
    backbones.start(empty_store, "tga", "tga", {"steps": 4})
    backbones.stop(empty_store, "tga")
    assert wait(empty_store, "tga", ended).status == "stopped"
    backbones.resume(empty_store, "tga")
    found = backbones.get(empty_store, "tga")
    assert (found.status, found.settings) == ("running", {"steps": 4})
    backbones.stop(empty_store, "tga")
    wait(empty_store, "tga", ended)
    backbones.drop(empty_store, "tga")
    assert backbones.listed(empty_store) == [] and not found.folder.exists()


def test_a_killed_process_is_seen_as_interrupted(command: None, empty_store: RunStore) -> None:
    job = backbones.start(empty_store, "tga", "tga", {}).job
    assert job is not None and job.pid is not None
    os.kill(job.pid, signal.SIGKILL)
    found = wait(empty_store, "tga", ended)
    assert found.status == "interrupted" and found.can == {"resume", "drop"}


def test_a_failure_says_why_and_is_forgotten_when_resumed(no_processes: None, empty_store: RunStore) -> None:
    backbones.start(empty_store, "tga", "tga", {})
    in_state(empty_store, "tga", "failed", "eps: too large. Lower it.")
    found = backbones.get(empty_store, "tga")
    assert (found.status, found.error) == ("failed", "eps: too large. Lower it.")
    backbones.resume(empty_store, "tga")
    found = backbones.get(empty_store, "tga")
    assert (found.status, found.error) == ("running", None)


def test_one_whose_model_is_gone_is_not_finished(no_processes: None, empty_store: RunStore) -> None:
    backbones.start(empty_store, "tga", "tga", {})
    in_state(empty_store, "tga", "finished")
    found = backbones.get(empty_store, "tga")
    assert (found.status, found.error, found.complete) == ("failed", "its model is gone", False)


def test_a_stale_number_is_not_killed(command: None, empty_store: RunStore) -> None:
    """The process is gone and its number may belong to somebody else by now."""
    job = backbones.start(empty_store, "tga", "tga", {}).job
    assert job is not None and job.pid is not None
    place.end(job.pid, "nobody:0")
    assert process_mark(job.pid) == job.pid_mark
    assert backbones.get(empty_store, "tga").status == "running"


def test_cancelling_stops_and_deletes(command: None, empty_store: RunStore) -> None:
    job = backbones.start(empty_store, "tga", "tga", {}).job
    assert job is not None
    backbones.cancel(empty_store, "tga")
    assert backbones.listed(empty_store) == []
    assert process_mark(job.pid or 0) != job.pid_mark or "Z" in Path(f"/proc/{job.pid}/stat").read_text()


def test_one_that_a_run_needs_is_kept(no_processes: None, empty_store: RunStore) -> None:
    found = backbones.start(empty_store, "tga", "tga", {})
    complete(found.folder)
    in_state(empty_store, "tga", "finished")
    run = empty_store.create(preset("tiny").changed(backbone=found.spec))
    with pytest.raises(NotApplicable, match=run):
        backbones.drop(empty_store, "tga")
    assert found.folder.exists()


# -- what is asked wrongly ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "-x", "A", "ä", "x\n", "x" * 41, "a b", "x\0"])
def test_hostile_names_are_refused(no_processes: None, empty_store: RunStore, name: str) -> None:
    for action in (
        lambda: backbones.start(empty_store, name, "tga", {}),
        lambda: backbones.drop(empty_store, name),
    ):
        with pytest.raises(BadParameter, match="small letters"):
            action()
    assert not (empty_store.home / "backbones").exists()


def test_a_name_that_exists_is_refused(no_processes: None, empty_store: RunStore) -> None:
    backbones.start(empty_store, "tga", "tga", {})
    with pytest.raises(BadParameter, match="there already"):
        backbones.start(empty_store, "tga", "tecoa", {})
    assert backbones.get(empty_store, "tga").defence == "tga"


def test_what_makes_no_sense_now_is_refused(no_processes: None, empty_store: RunStore) -> None:
    with pytest.raises(NotApplicable, match="none of this name"):
        backbones.stop(empty_store, "tga")
    backbones.start(empty_store, "tga", "tga", {})
    for action in (backbones.resume, backbones.drop):
        with pytest.raises(NotApplicable, match="it is running"):
            action(empty_store, "tga")


def test_half_a_backbone_of_which_nothing_is_known_can_be_dropped(empty_store: RunStore) -> None:
    (empty_store.home / "backbones" / "tga").mkdir(parents=True)
    (found,) = backbones.listed(empty_store)
    assert (found.status, found.can) == ("failed", {"drop"}) and "robustify --out" in str(found.error)
    backbones.drop(empty_store, "tga")
    assert backbones.listed(empty_store) == []


def test_a_model_put_there_by_the_command_line_is_listed(empty_store: RunStore) -> None:
    folder = empty_store.home / "backbones" / "mine"
    folder.mkdir(parents=True)
    complete(folder)
    (empty_store.home / "backbones" / "Not Ours").mkdir()
    assert [(found.name, found.status) for found in backbones.listed(empty_store)] == [("mine", "finished")]


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, StoreFull), (errno.EROFS, StoreReadOnly)])
def test_a_disk_that_takes_nothing_is_told(
    empty_store: RunStore, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    def refuse(*args: object, **kwargs: object) -> Any:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(place, "start", refuse)
    with pytest.raises(kind):
        backbones.start(empty_store, "tga", "tga", {})
    assert backbones.listed(empty_store) == []


def test_the_command_line_is_the_documented_one(tmp_path: Path) -> None:
    assert backbones._command(tmp_path, "tga", {"steps": 2, "lr": 0.1}, "aviary-clip", 500) == [
        *("robustify", "--out", str(tmp_path), "--defence", "tga"),
        *("--start", "aviary-clip", "--images", "500"),
        *("--set", "steps=2", "lr=0.1"),
    ]


def test_the_real_command_makes_a_backbone_that_a_run_can_name(empty_store: RunStore) -> None:
    """As short as it gets: 500 birds, two steps."""
    backbones.start(empty_store, "tiny", "tecoa", {"steps": 2, "batch": 8}, images=500)
    found = wait(empty_store, "tiny", ended)
    assert found.job is not None
    assert found.status == "finished", (found.error, log_path(empty_store.home, found.job.id).read_text())
    assert (found.job.done, found.job.total) == (2, 2) and "TeCoA" in (found.folder / "README.md").read_text()
    assert identify(found.spec) is not None


def test_the_real_command_says_why(empty_store: RunStore) -> None:
    backbones.start(empty_store, "tiny", "tecoa", {"steps": 0})
    found = wait(empty_store, "tiny", ended)
    assert found.status == "failed" and "steps must be a whole number" in str(found.error)
