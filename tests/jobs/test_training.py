"""Workers in this process: pause, step, stop, fork, failures. Killed processes are in test_kill.py."""

import threading
import time

import pytest

from engine.errors import BadParameter, MissingWeights, NotApplicable, StoreError
from engine.jobs import control
from engine.jobs.training import work
from engine.records.events import EpochEnded, TaskFinished, TaskStarted
from engine.store.view import RunView
from tests.job_states import ask_again, set_status, want


class Worker(threading.Thread):
    """A worker in a thread that does something at an event: `at(condition, action)`."""

    def __init__(self, store, run_id, condition=lambda event: False, action=lambda: None):
        super().__init__(daemon=True)
        self.store, self.run_id, self.condition, self.action = store, run_id, condition, action
        self.outcome = None
        self.seen = []

    def run(self):
        self.outcome = work(self.store, self.run_id, self.listen)

    def listen(self, event):
        self.seen.append(event)
        if self.condition(event):
            self.condition = lambda event: False
            self.action()


def epoch(task, number):
    return lambda event: (
        isinstance(event, EpochEnded) and (event.task, event.phase, event.epoch) == (task, "train", number)
    )


@pytest.fixture
def no_processes(monkeypatch):
    """Do not start worker processes; note what would have been started."""
    started = []
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: started.append(job.subject))
    return started


def test_pause_waits_with_everything_in_memory(store, reference, same_results, wait_until):
    run_id = store.create(reference.config)
    worker = Worker(store, run_id, epoch(1, 2), lambda: control.pause(run_id, store))
    worker.start()
    wait_until(lambda: store.status(run_id) == "paused")
    view = RunView(store, run_id)
    assert view.tasks_done == 1
    assert view.active
    shown = view.epochs()
    assert (shown[-1].task, shown[-1].phase) == (1, "train")
    assert worker.is_alive()
    control.resume(run_id, store)
    worker.join(60)
    assert worker.outcome.status == store.status(run_id) == "finished"
    assert [(e.task, e.phase, e.epoch) for e in worker.seen if isinstance(e, EpochEnded)].count((1, "train", 1)) == 1
    same_results(view, reference.view)


def test_step_does_one_task(store, reference, same_results, wait_until):
    run_id = store.create(reference.config)
    want(store, run_id, "step")
    worker = Worker(store, run_id)
    worker.start()
    for done in (1, 2):
        wait_until(lambda done=done: store.status(run_id) == "paused" and store.tasks_done(run_id) == done)
        control.step(run_id, store)
    worker.join(60)
    assert store.status(run_id) == "finished"
    same_results(RunView(store, run_id), reference.view)


def test_stop_and_resume(store, reference, same_results):
    run_id = store.create(reference.config)
    worker = Worker(store, run_id, epoch(1, 3), lambda: control.stop(run_id, store))
    worker.start()
    worker.join(60)
    assert worker.outcome.status == store.status(run_id) == "stopped"
    assert store.tasks_done(run_id) == 1
    ask_again(store, run_id)
    assert work(store, run_id).status == "finished"
    view = RunView(store, run_id)
    same_results(view, reference.view)
    rows = [(row.task, row.phase, row.epoch) for row in view.epochs()]
    assert len(rows) == len(set(rows)) == len(reference.view.epochs())


def test_stop_while_paused(store, reference, wait_until):
    run_id = store.create(reference.config)
    worker = Worker(store, run_id, epoch(0, 1), lambda: control.pause(run_id, store))
    worker.start()
    wait_until(lambda: store.status(run_id) == "paused")
    control.stop(run_id, store)
    worker.join(60)
    assert store.status(run_id) == "stopped"


def test_only_one_worker(store, reference, wait_until):
    run_id = store.create(reference.config)
    worker = Worker(store, run_id, epoch(0, 1), lambda: control.pause(run_id, store))
    worker.start()
    wait_until(lambda: store.status(run_id) == "paused")
    with pytest.raises(NotApplicable, match="another worker"):
        work(store, run_id)
    assert store.status(run_id) == "paused"
    control.resume(run_id, store)
    worker.join(60)
    assert store.status(run_id) == "finished"


def test_two_runs_at_once(store, reference, tiny, same_results):
    other = tiny("finetune", seed=5)
    ids = [store.create(reference.config), store.create(other), store.create(other)]
    workers = [Worker(store, run_id) for run_id in ids]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.outcome.status for worker in workers] == ["finished"] * 3
    same_results(RunView(store, ids[0]), reference.view)
    same_results(RunView(store, ids[1]), RunView(store, ids[2]))


def test_a_fork_without_changes_repeats_its_parent(store, reference, no_processes, same_results):
    parent = store.create(reference.config)
    assert work(store, parent).status == "finished"
    child = control.fork(parent, 0, {}, "child", store)
    assert no_processes == [child]
    view = RunView(store, child)
    assert (view.parent, view.parent_task, view.tasks_done, view.name) == (parent, 0, 1, "child")
    assert view.class_names == reference.view.class_names
    assert {row.task for row in view.epochs()} == {0}
    assert work(store, child).status == "finished"
    same_results(view, reference.view)


def test_a_fork_with_changes_shares_the_past_only(store, reference, no_processes):
    parent = store.create(reference.config)
    work(store, parent)
    child = control.fork(parent, 1, {"seed": 3, "settings": {"epochs": 2}}, store=store)
    assert work(store, child).status == "finished"
    one, other = RunView(store, parent), RunView(store, child)
    assert (other.config.seed, other.config.settings["epochs"]) == (3, 2)
    assert one.snapshot(1).head.equal(other.snapshot(1).head)
    assert not one.snapshot(2).head.equal(other.snapshot(2).head)
    store.delete(parent)
    assert other.snapshot(0).head.shape[0] == 2  # shared files outlive the parent


@pytest.mark.parametrize(
    ("after", "changes", "error", "words"),
    [
        (3, {}, NotApplicable, "3 finished tasks"),
        (-1, {}, NotApplicable, "3 finished tasks"),
        (0, {"classes": 4}, BadParameter, "may change seed and settings"),
        (0, {"settings": {"epochs": -1}}, BadParameter, "epochs"),
    ],
)
def test_forks_that_make_no_sense(reference, no_processes, after, changes, error, words):
    before = len(reference.store.runs())
    with pytest.raises(error, match=words):
        control.fork(reference.view.id, after, changes, store=reference.store)
    assert len(reference.store.runs()) == before
    assert no_processes == []


def test_what_makes_sense_when(reference):
    finished = reference.view.id
    for verb in (control.pause, control.resume, control.step, control.stop):
        with pytest.raises(NotApplicable, match="it is finished"):
            verb(finished, reference.store)
    assert control.can("finished") == {"fork"}
    assert "resume" not in control.can("running")
    assert {"resume", "step"} <= control.can("interrupted")
    assert control.can("nonsense") == frozenset()


def test_a_failure_is_stored_in_words(store, tiny):
    run_id = store.create(tiny(backbone="local-dir:/nowhere"))
    outcome = work(store, run_id)
    assert isinstance(outcome.problem, MissingWeights)
    view = RunView(store, run_id)
    assert (view.status, view.tasks_done) == ("failed", 0)
    assert "/nowhere" in view.error
    assert "Traceback" not in view.error


def test_a_bug_is_stored_in_short_with_the_log(store, reference, monkeypatch):
    def broken(*arguments):
        raise RuntimeError("the sky is falling")

    monkeypatch.setattr("engine.training.loop.evaluate", broken)
    run_id = store.create(reference.config)
    outcome = work(store, run_id)
    log = RunView(store, run_id).log_path
    assert isinstance(outcome.problem, RuntimeError)
    assert "the sky is falling" in store.runs()[0].error
    assert str(log) in store.runs()[0].error
    assert "Traceback" not in store.runs()[0].error
    assert "Traceback" in log.read_text()
    monkeypatch.undo()
    ask_again(store, run_id)
    assert work(store, run_id).status == "finished"
    assert RunView(store, run_id).error is None


def test_a_store_that_fails_in_the_middle_leaves_a_resumable_run(store, reference, monkeypatch, same_results):
    run_id = store.create(reference.config)
    commit = store.commit_task
    refused = []

    def full_once(run, event, *rest):
        if event.task == 1 and not refused:
            refused.append(True)
            raise StoreError("disk", "full", "free some")
        commit(run, event, *rest)

    monkeypatch.setattr(store, "commit_task", full_once)
    assert work(store, run_id).status == "failed"
    assert store.tasks_done(run_id) == 1
    ask_again(store, run_id)
    assert work(store, run_id).status == "finished"
    same_results(RunView(store, run_id), reference.view)


def test_events_reach_the_listener_after_the_store(store, reference):
    run_id = store.create(reference.config)
    done = []

    def listen(event):
        if isinstance(event, TaskFinished):
            done.append(store.tasks_done(run_id))
        if isinstance(event, TaskStarted):
            assert store.status(run_id) == "running"

    work(store, run_id, listen)
    assert done == [1, 2, 3]


def test_a_paused_training_gives_its_place_away_and_waits_for_it(store, tiny, wait_until, monkeypatch):
    """On two cores one run is trained at a time."""
    monkeypatch.setattr("engine.jobs.queue.os.cpu_count", lambda: 2)
    first = store.create(tiny())
    worker = Worker(store, first, epoch(0, 1), lambda: control.pause(first, store))
    worker.start()
    wait_until(lambda: store.status(first) == "paused")
    second = store.create(tiny(seed=5), status="running")  # takes the place that is free now
    control.resume(first, store)
    time.sleep(0.5)
    assert store.status(first) == "paused"  # its process is there, and waits for its place
    assert work(store, second).status == "finished"
    worker.join(60)
    assert worker.outcome.status == store.status(first) == "finished"


def test_who_waits_can_be_taken_out_of_the_line(store, tiny, no_processes, monkeypatch):
    monkeypatch.setattr("engine.jobs.queue.os.cpu_count", lambda: 2)
    first, second = control.start(tiny(), store=store), control.start(tiny(seed=5), store=store)
    assert no_processes == [first] and [store.status(run) for run in (first, second)] == ["running", "queued"]
    control.stop(second, store)
    assert store.status(second) == "stopped" and "resume" in control.can("stopped")
    set_status(store, first, "finished")
    control.resume(second, store)
    assert no_processes == [first, second]
