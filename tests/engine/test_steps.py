"""Work that yields its steps: its result comes through, and whoever stops it closes it."""

import pytest

from engine.steps import finish, told


def work(log):
    try:
        yield from range(3)
    finally:
        log.append("closed")
    return "made"


def test_steps_are_told_otherwise_and_the_result_comes_through():
    steps = []

    def asking():
        return (yield from told(work([]), lambda step: step * 10))

    assert finish(asking(), steps.append) == "made"
    assert steps == [0, 10, 20]


def test_stopping_early_closes_the_work():
    log = []
    telling = told(work(log), str)
    assert next(telling) == "0" and not log
    telling.close()
    assert log == ["closed"]


def test_a_listener_that_fails_closes_the_work_and_is_heard():
    def fails(step):
        raise ValueError(step)

    log = []
    with pytest.raises(ValueError, match="0"):
        finish(work(log), fails)
    assert log == ["closed"]
