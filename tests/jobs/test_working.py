"""What surrounds every job: one process at a time, ends that are written down, and nothing left behind for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import BadParameter, NotApplicable
from engine.home import jobs_folder, log_path
from engine.jobs import clearing, files
from engine.jobs.ending import end
from engine.jobs.kinds import IMPORT, REPORT
from engine.jobs.working import Stopped, carry_out
from engine.steps import Step
from engine.store import jobs
from engine.store.states import LIVE
from engine.store.store import RunStore


@pytest.fixture
def job(empty_store):
    with empty_store.database.writing() as db:
        return jobs.get(db, jobs.ask(db, REPORT.name, "r", {"command": []}, status="running"))


def now(store: RunStore, job: jobs.Job) -> jobs.Job:
    with store.database.reading() as db:
        assert db is not None
        return jobs.get(db, job.id)


def test_what_came_out_and_what_it_lacks_are_written_down(empty_store, job):
    def work(at_work):
        at_work.tell(Step(1, 2, "writing"))
        assert (at_work.now.status, at_work.now.pid, at_work.now.word) == ("running", os.getpid(), "writing")
        at_work.remarks.append("left out: a chart")
        return "/the/file"

    found = carry_out(empty_store, job, work)
    kept = now(empty_store, job)
    assert (found.status, kept.status, kept.made, kept.error) == (
        "finished",
        "finished",
        "/the/file",
        "left out: a chart",
    )
    assert kept.seconds is not None and not kept.live


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (BadParameter("eps", "too large", "Lower it"), "failed", "eps: too large. Lower it."),
        (ValueError("nan"), "failed", "A bug in Plumage: ValueError: nan"),
        (Stopped("stopped"), "stopped", None),
        (Stopped("interrupted"), "interrupted", None),
    ],
)
def test_every_end_is_told(empty_store, job, raised, status, said):
    def work(at_work):
        raise raised

    found = carry_out(empty_store, job, work)
    kept = now(empty_store, job)
    assert found.status == kept.status == status and (said is None or said in str(kept.error))
    assert found.problem is (raised if isinstance(raised, Exception) else None)
    log = log_path(empty_store.home, job.id)
    assert ("Traceback" in log.read_text() if log.exists() else False) == isinstance(raised, ValueError)


def test_one_that_was_stopped_learns_it_when_it_tells(empty_store, job):
    def work(at_work):
        with empty_store.database.writing() as db:
            jobs.move(db, job.id, "stopped")
        at_work.tell(Step(1, 2))
        raise AssertionError("it went on")

    assert carry_out(empty_store, job, work).status == "stopped"


def test_stopped_before_its_process_came_it_does_not_begin(empty_store, job):
    end(empty_store, job)
    assert now(empty_store, job).status == "stopped"
    with pytest.raises(NotApplicable, match="stopped before it began"):
        carry_out(empty_store, job, lambda at_work: None)


def test_two_processes_do_not_do_the_same(empty_store, job, monkeypatch):
    monkeypatch.setattr("engine.jobs.working._LOCK_PATIENCE", 0.1)

    def work(at_work):
        with pytest.raises(NotApplicable, match="another worker"):
            carry_out(empty_store, job, lambda at_work: None)

    assert carry_out(empty_store, job, work).status == "finished"


def test_a_file_is_made_by_a_process_of_its_own_and_told_to_go_it_goes(own_tiny_home, wait_until):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    files.make(store, REPORT, run, 2)
    wait_until(lambda: files.made(store, REPORT, run, 2).status not in LIVE)
    made = files.made(store, REPORT, run, 2)
    assert made.status == "finished" and Path(made.made).name == f"plumage-{run}.html", made.error
    assert Path(made.made).read_text().startswith("<!doctype html>")
    files.make(store, REPORT, run, 2)
    end(store, files.made(store, REPORT, run, 2))
    wait_until(lambda: files.made(store, REPORT, run, 2).status not in LIVE)
    assert files.made(store, REPORT, run, 2).status == "stopped"


def test_a_run_is_brought_in_or_the_reason_is_told(own_tiny_home, tmp_path, wait_until):
    store = RunStore(own_tiny_home)
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    with (tmp_path / "bad.zip").open("rb") as given:
        subject = files.bring(store, given)
    wait_until(lambda: files.brought(store, subject).status not in LIVE)
    assert files.brought(store, subject).status == "failed" and "no zip file" in files.brought(store, subject).error


def test_what_nobody_came_for_is_cleared_away(empty_store, monkeypatch):
    with empty_store.database.writing() as db:
        old = jobs.ask(db, REPORT.name, "old", {}, status="running")
        jobs.move(db, old, "finished")
        db.execute("UPDATE jobs SET ended = ended - ?", (2 * clearing._KEPT,))
        imported = jobs.ask(db, IMPORT.name, "x", {}, status="running")
        jobs.move(db, imported, "finished")
        training = jobs.ask(db, "training", "gone", {}, status="running")
    folder = jobs_folder(empty_store.home)
    for name in (old, imported, training, "nobody"):
        (folder / str(name)).mkdir(parents=True)
    (folder / str(imported) / clearing.GIVEN).write_bytes(b"x")
    monkeypatch.setattr(clearing, "_YOUNG", -1.0)
    clearing.clear(empty_store)
    assert sorted(path.name for path in folder.iterdir()) == sorted([str(imported), str(training)])
    assert list((folder / str(imported)).iterdir()) == []


def test_a_job_outlives_who_asked_for_it(own_tiny_home, wait_until):
    """As the page does it: the starter ends, the job goes on; and asking loads no torch."""
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    code = (
        "import sys; from engine.jobs import files, kinds; from engine.store.store import RunStore\n"
        "files.make(RunStore(), kinds.SCALARS, sys.argv[1], 2); print('torch' in sys.modules)"
    )
    environment = {**os.environ, "PLUMAGE_HOME": str(own_tiny_home)}
    done = subprocess.run(
        [sys.executable, "-c", code, run], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.strip() == "False", done.stderr
    began = time.monotonic()
    wait_until(lambda: files.made(store, files.SCALARS, run, 2).status not in LIVE)
    assert files.made(store, files.SCALARS, run, 2).status == "finished", time.monotonic() - began
