"""Time left, worked out by hand."""

import pytest

from engine.records.events import EpochEnded, FeaturesProgress, HardeningProgress, TaskStarted
from engine.records.progress import TaskTiming, estimate

DONE = [TaskTiming(0, 30.0, 1.0), TaskTiming(1, 10.0, 1.0)]


def test_before_anything():
    at = estimate(None, [], None)
    assert (at.task, at.phase, at.fraction, at.eta_seconds) == (0, "start", 0.0, None)


def test_images_of_the_first_task():
    at = estimate(FeaturesProgress(0, 50, 100), [], 4)
    assert (at.phase, at.epoch, at.epochs, at.eta_seconds) == ("features", 50, 100, None)
    assert at.fraction == pytest.approx(0.2 / 4)  # half of the 40 % that features take of a task


def test_epochs_of_the_first_task():
    # 0.6 + 0.4 * 10 / 40 = 0.7 of the task after 7 s: the task takes 10 s, the run has 3.3 tasks left
    at = estimate(EpochEnded(0, "train", 10, 40, 0.0, 0.0, None, 7.0), [], 4)
    assert at.fraction == pytest.approx(0.7 / 4)
    assert at.eta_seconds == pytest.approx(33.0)


def test_later_tasks_go_by_the_ones_before_but_not_the_first():
    # a task takes 10 s, 5 s of this one are over: 5 s and one more task
    at = estimate(EpochEnded(2, "train", 1, 61, 0.0, 0.0, None, 5.0), DONE, 4)
    assert at.fraction == pytest.approx(2.5 / 4)
    assert at.eta_seconds == pytest.approx(15.0)


def test_a_slow_task_is_never_done_before_it_is():
    at = estimate(EpochEnded(2, "train", 1, 61, 0.0, 0.0, None, 500.0), DONE, 4)
    assert at.fraction < 0.75
    assert at.eta_seconds > 10.0


def test_between_two_tasks():
    assert estimate(EpochEnded(1, "train", 61, 61, 0.0, 0.0, None, 9.0), DONE, 4).phase == "start"
    assert estimate(TaskStarted(2, (1,)), DONE, 4).phase == "features"


def test_the_end():
    at = estimate(EpochEnded(1, "train", 61, 61, 0.0, 0.0, None, 9.0), DONE, 2)
    assert (at.task, at.phase, at.fraction, at.eta_seconds) == (1, "done", 1.0, 0.0)


def test_a_run_that_hardens_its_eyes_first():
    # 0.8 * 20 / 100 = 0.16 of the task after 8 s: the task takes 50 s, the run has 3.84 tasks left
    at = estimate(HardeningProgress(0, 20, 100, 8.0), [], 4, hardens=True)
    assert (at.phase, at.epoch, at.epochs) == ("hardening", 20, 100)
    assert at.fraction == pytest.approx(0.16 / 4)
    assert at.eta_seconds == pytest.approx(3.84 * 50)
    at = estimate(HardeningProgress(2, 20, 100, 5.0), DONE, 4, hardens=True)
    assert at.fraction == pytest.approx(2.16 / 4)
    assert at.eta_seconds == pytest.approx(1.84 * 10)  # a task took 10 s before
    assert estimate(TaskStarted(0, (1,)), [], 4, hardens=True).fraction == 0.0
    at = estimate(FeaturesProgress(0, 1, 2), [], 4, hardens=True)
    assert at.fraction == pytest.approx(0.85 / 4)  # reading images comes after the pass: it never goes back
