"""Boundaries noticed and images routed, on a tiny run and by hand."""

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.analyses.task_boundaries import TaskBoundaries, delays
from engine.jobs.analyses import Question
from tests.analyses.one_method import lab_of, withstands

NAME = "task_boundaries"


@pytest.fixture(scope="module")
def lab(tiny_home, tmp_path_factory):
    return lab_of(tiny_home, tmp_path_factory.mktemp("tame"), "tame", passes=20, window=40, batch_size=8)


@pytest.fixture(scope="module")
def found(lab):
    return answer(lab, Question(lab.view.id, 2, NAME, {}))


@pytest.mark.parametrize(
    ("step", "expected"),
    [([], [0, -1, -1]), ([100], [0, 0, -1]), ([30, 104, 150, 203], [0, 4, 3]), ([250], [0, -1, 50])],
)
def test_a_boundary_is_noticed_by_the_first_switch_after_it(step, expected):
    assert delays(np.array([0, 100, 200]), np.array(step, np.int64)).tolist() == expected


def test_the_stream_is_told_step_by_step(lab, found):
    steps = [len(task.train) // 8 + (len(task.train) % 8 > 0) for task in lab.stream.tasks]
    assert found["boundary"].tolist() == [0, 20 * steps[0], 20 * (steps[0] + steps[1])]
    assert len(found["loss"]) == len(found["bound"]) == 20 * sum(steps)
    assert np.isnan(found["bound"][:40]).all() and np.isfinite(found["bound"][40])
    over = np.flatnonzero(found["bound"] < np.inf)
    assert set(found["step"].tolist()) <= set(over.tolist())
    assert (found["delay"][1:] >= 0).all()  # labels that nobody knew cannot be missed
    assert found["false_alarms"] == len(found["step"]) - 2


def test_images_are_counted_by_who_learnt_their_class(lab, found):
    sizes = [len(task.train) for task in lab.stream.tasks]
    assert found["lessons"].sum() == 20 * sum(sizes)
    assert found["owner"].tolist() == found["lessons"].argmax(0).tolist()
    side, sample = lab.snapshot(2).side, lab.sample("test", 2)
    labels = sample.labels.numpy()
    sent = side.routes(sample.features).argmax(1).numpy()
    hit = sent == found["owner"][labels]
    tasks = lab.stream.task_of_position[labels]
    assert found["routing"][1] == pytest.approx([hit[tasks == k].mean() for k in range(3)])
    own = side.opinions(sample.features).argmax(2).numpy()[np.arange(len(labels)), sent] == labels
    assert found["sent"][1] == pytest.approx([own[tasks == k].mean() for k in range(3)])


def test_answers_are_the_runs_own_and_knowing_the_owner_helps(lab, found):
    confusion = lab.predicted("test", 2) == lab.sample("test", 2).labels.numpy()
    tasks = lab.stream.task_of_position[lab.sample("test", 2).labels.numpy()]
    assert found["answered"][1] == pytest.approx([confusion[tasks == k].mean() for k in range(3)])
    assert found["told"][1].mean() >= found["sent"][1].mean()


def test_its_answer_is_of_its_form_and_nothing_else_is(lab, found):
    withstands(lab, NAME, 2, found)


def test_another_method_has_none(tiny_lab):
    assert "only the method tame" in TaskBoundaries().why_not(tiny_lab)
