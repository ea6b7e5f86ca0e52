"""Real worker processes, killed at random moments: what is left shows as interrupted and goes on to the same result."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.jobs import control
from engine.jobs.training import work
from engine.records.events import EpochEnded
from engine.store.view import RunView
from tests.job_states import ask_again, set_status, want

ROOT = Path(__file__).parents[2]
KILLS = 3
LONG = {"epochs": "60", "search_epochs": "30"}


@pytest.fixture
def long_reference(store, tiny):
    """A run of some seconds, done without interruption: (config, view)."""
    config = tiny(**LONG)
    run_id = store.create(config)
    assert work(store, run_id).status == "finished"
    return config, RunView(store, run_id)


def test_killed_at_random_moments_it_ends_the_same(store, long_reference, same_results, wait_until):
    config, uninterrupted = long_reference
    seed = int(os.environ.get("PLUMAGE_KILL_SEED") or time.time_ns())  # set it to repeat a failure
    dice = random.Random(seed)
    run_id = control.start(config, store=store)
    view = RunView(store, run_id)
    epochs = len(uninterrupted.epochs())
    tasks_before = 0
    for kill in range(KILLS):
        # wait for a random share of what is left, then for a random part of the time between two stored batches
        goal = dice.randint(0, epochs * (kill + 1) // (KILLS + 1))
        wait_until(lambda goal=goal: view.status == "finished" or started_again(view, goal))
        time.sleep(dice.random() * 0.3)
        wait_until(lambda: view.training.pid is not None or view.status == "finished")
        pid = view.training.pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: view.status in ("interrupted", "finished"))
        assert view.tasks_done >= tasks_before, "a finished task was lost"
        tasks_before = view.tasks_done
        for task in range(view.tasks_done):
            assert view.snapshot(task).task == task
        if view.status == "finished":
            break
        control.resume(run_id, store)
    wait_until(lambda: view.status not in ("queued", "running"))
    assert view.status == "finished", f"PLUMAGE_KILL_SEED={seed} {view.error} {view.log_path.read_text()}"
    same_results(view, uninterrupted)
    assert len(view.epochs()) == epochs
    assert not list(store.snapshots(run_id).glob(".*"))


def started_again(view, goal):
    return view.status == "running" and len(view.epochs()) >= goal


def test_killed_before_it_says_a_word(store, reference, same_results, wait_until):
    run_id = control.start(reference.config, store=store)
    view = RunView(store, run_id)
    assert view.status == "running"
    os.kill(view.training.pid, signal.SIGKILL)
    wait_until(lambda: view.status == "interrupted")
    assert view.tasks_done == 0
    assert work(store, run_id).status == "finished"
    same_results(view, reference.view)


def test_killed_between_snapshot_and_commit(store, reference, monkeypatch, same_results):
    """The narrowest moment: the model's file is in place, the database knows nothing of it."""

    class Killed(BaseException):
        pass

    run_id = store.create(reference.config)

    def die(*arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(store, "commit_task", die)
        with pytest.raises(Killed):
            work(store, run_id)
    assert list(store.snapshots(run_id).iterdir())
    assert store.tasks_done(run_id) == 0
    assert work(store, run_id).status == "finished"
    same_results(RunView(store, run_id), reference.view)


@pytest.mark.parametrize(
    ("number", "code", "status"), [(signal.SIGINT, 130, "stopped"), (signal.SIGTERM, 143, "interrupted")]
)
def test_told_to_go_it_leaves_a_resumable_run(store, tiny, wait_until, number, code, status):
    sets = [f"{key}={value}" for key, value in {"backbone": tiny().backbone, "epochs": "1000"}.items()]
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", "train", "--preset", "tiny", "--set", *sets],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: store.runs() and RunView(store, store.runs()[0].id).epochs())
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code, said
    run_id = store.runs()[0].id
    assert store.status(run_id) == status
    assert f"python -m engine resume {run_id}" in said
    assert "Traceback" not in said


def test_a_worker_outlives_the_one_who_started_it(store, reference, wait_until):
    code = (
        "from engine.jobs import control; from engine.store.store import RunStore;"
        f"control.resume({store.create(reference.config)!r}, RunStore())"
    )
    run_id = store.runs()[0].id
    set_status(store, run_id, "stopped")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    wait_until(lambda: store.status(run_id) == "finished")
    assert RunView(store, run_id).log_path.exists()


def test_a_pause_survives_the_death_of_the_worker(store, reference, same_results):
    class Killed(BaseException):
        pass

    def pause_and_die(event):
        if isinstance(event, EpochEnded) and event.task == 1:
            want(store, run_id, "pause")
            set_status(store, run_id, "paused")
            raise Killed

    run_id = store.create(reference.config)
    with pytest.raises(Killed):
        work(store, run_id, pause_and_die)
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET pid_mark = pid_mark || 'x'")  # this process lives on; the worker does not
    assert store.status(run_id) == "interrupted"
    ask_again(store, run_id)
    assert work(store, run_id).status == "finished"
    same_results(RunView(store, run_id), reference.view)
