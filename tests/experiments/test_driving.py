"""An experiment begins what is not done, tries again what failed, and leaves alone what it need not touch."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.experiments import driving, places, standing
from engine.jobs import experiments as jobs_of
from engine.jobs.training import work
from engine.store.experiments import KeptExperiments
from engine.store.view import RunView
from tests.job_states import set_status


def statuses(states):
    return [state.status for state in states]


def test_every_cell_is_an_ordinary_run_and_none_is_done_twice(store, declare, driven, states, trained):
    number = declare(method=["ncm", "zero_shot"], seed=[1, 2])
    end = driven(number)
    assert end.status == "finished" and end.message is None
    assert statuses(states(number)) == ["finished"] * 4 and len(trained) == 4
    assert {RunView(store, run).name for run in trained} == {
        f"one: method {method}, seed {seed}" for method in ("ncm", "zero_shot") for seed in (1, 2)
    }
    driven(number)
    assert len(trained) == 4
    declare(method=["ncm", "zero_shot"], seed=[1, 2, 3])  # a value more
    assert statuses(states(number)).count("waiting") == 2
    driven(number)
    assert statuses(states(number)) == ["finished"] * 6 and len(trained) == 6


def test_a_run_that_somebody_else_began_counts_and_one_of_other_code_or_data_does_not(
    store, tiny, declare, driven, states, trained, monkeypatch
):
    number = declare(seed=[1, 2])
    own = store.create(states(number)[0].cell.config, "by hand")
    assert work(store, own).status == "finished"
    driven(number)
    assert len(trained) == 1 and states(number)[0].run.id == own
    monkeypatch.setattr(standing, "code_version", lambda: "other sources")
    assert statuses(states(number)) == ["waiting"] * 2
    seen = standing.shown(store, [state.cell for state in states(number)])
    assert statuses(seen) == ["finished"] * 2 and all(state.outdated for state in seen)  # not out of sight


def test_runs_of_changed_pictures_are_done_anew(declare, driven, states, trained, monkeypatch):
    number = declare(seed=[1])
    driven(number)
    (before,) = states(number)
    monkeypatch.setattr(driving.Inputs, "changed", lambda self, run: run == before.run.id)
    driven(number)
    assert len(trained) == 2 and states(number)[0].run.id == trained[1]


def test_what_fails_is_tried_again_as_declared_and_the_rest_goes_on(declare, driven, states, trained):
    odd = {"common": {"set_aside": "no such group", "method": "discriminant_cbm"}}
    number = declare("odd", odd["common"], seed=[1], retries=2)
    end = driven(number)
    assert end.status == "finished" and "1 runs did not finish; the first" in end.message
    assert "no such group" in end.message and len(trained) == 3 and set(trained) == {trained[0]}
    both = declare("both", method=["ncm", "discriminant_cbm"], discriminant_cbm__set_aside=["no such group"], retries=0)
    end = driven(both)
    assert statuses(states(both)) == ["finished", "failed"] and "1 runs did not finish" in end.message


def test_what_was_killed_goes_on_and_what_a_person_stopped_is_left(store, declare, driven, states, trained):
    number = declare(seed=[1, 2])
    first, second = (state.cell.config for state in states(number))
    half = store.create(first, "half")
    set_status(store, half, "failed", "killed")
    driven(number)
    assert trained[0] == half and RunView(store, half).status == "finished"
    assert statuses(states(number)) == ["finished"] * 2
    assert second.seed == 2


def test_no_run_is_begun_once_the_time_is_spent(declare, driven, states, trained):
    number = declare(seed=[1, 2, 3], hours=1e-7, at_once=1)
    end = driven(number)
    assert statuses(states(number)) == ["finished", "waiting", "waiting"]
    assert "2 runs were not finished" in end.message


def test_a_search_draws_until_its_trials_are_done_and_keeps_them(store, declare, driven, states, trained):
    pytest.importorskip("optuna", reason="optional: requirements-sweeps.txt")
    number = declare(search="bayes", trials=3, method=["slda"], shrinkage={"low": 0.001, "high": 0.9}, at_once=1)
    assert (end := driven(number)).status == "finished", end.message
    kept = KeptExperiments(store.database).get(number)
    assert len(kept.settings) == len(set(kept.settings)) == 3 == len(trained)
    assert statuses(states(number)) == ["finished"] * 3
    driven(number)
    assert len(trained) == 3


def test_memory_is_measured_before_more_of_a_kind_are_begun(store, declare, states, monkeypatch):
    begun = []
    monkeypatch.setattr(places.queue, "advance", lambda store: None)
    number = declare(seed=[1, 2, 3, 4], at_once=4)
    job = jobs_of.find(store, number)
    assert job is None
    monkeypatch.setattr(driving, "_LOOK", 0.0)

    class Looked(Exception):
        pass

    def tell(step):
        begun.append(len([one for one in states(number) if one.live]))
        if len(begun) == 3:
            raise Looked

    end = driving.drive_here(store, number, tell)
    assert isinstance(end.problem, Looked) and begun == [0, 1, 1]  # nothing of the first is known yet


def test_pausing_begins_no_more_and_cancelling_stops_all(store, declare, states, trained, monkeypatch):
    number = declare(seed=[1, 2], at_once=1)
    monkeypatch.setattr(driving, "_LOOK", 0.0)
    seen = []

    def tell(step):
        seen.append((jobs_of.status(store, number), statuses(states(number))))
        if len(seen) == 1:
            jobs_of.pause(store, number)
        elif len(seen) == 3:
            assert seen[-1] == ("paused", ["finished", "waiting"])
            jobs_of.start(store, number)
        elif len(seen) == 4:
            jobs_of.cancel(store, number)

    end = driving.drive_here(store, number, tell)
    assert end.status == "stopped" and jobs_of.status(store, number) == "stopped"


def test_killing_the_driver_loses_nothing(store, declare, states, wait_until):
    """Real processes: the driver is killed at once, a training goes on without it, and another driver ends the rest."""
    number = declare(seed=[1, 2])
    code = "from engine.store.store import RunStore; from engine.experiments.driving import drive_here"
    code += f"; drive_here(RunStore(), {number}, print)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: any(state.live for state in states(number)))
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: jobs_of.status(store, number) == "interrupted")
    jobs_of.start(store, number)
    wait_until(lambda: jobs_of.status(store, number) == "finished", 120.0)
    assert statuses(states(number)) == ["finished"] * 2
    assert len(store.runs()) == 2


def test_a_cell_of_two_experiments_is_begun_once(store, declare, driven, states, trained, monkeypatch):
    """Both look before either begins, unless one waits for the other."""
    both, look = threading.Barrier(2), driving.standing
    first = True

    def met(*given):
        nonlocal first
        if first:
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(1.0)
            first = False
        return look(*given)

    monkeypatch.setattr(driving, "standing", met)
    numbers = declare("one", seed=[2, 1]), declare("other", seed=[2, 3])
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(driven, numbers))
    assert [end.status for end in ends] == ["finished"] * 2
    assert sorted(run.seed for run in store.runs()) == [1, 2, 3] and len(trained) == 3
    assert all(statuses(states(number)) == ["finished"] * 2 for number in numbers)
