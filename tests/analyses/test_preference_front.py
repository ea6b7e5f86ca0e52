"""The front of old against new, on a tiny run."""

import numpy as np
import pytest

from engine.analyses.performing import answer
from engine.analyses.preference_front import PreferenceFront
from engine.errors import NotApplicable
from engine.jobs.analyses import Question
from engine.methods.ibcl import preferring
from tests.analyses.one_method import lab_of, withstands

NAME = "preference_front"


@pytest.fixture(scope="module")
def lab(tiny_home, tmp_path_factory):
    return lab_of(tiny_home, tmp_path_factory.mktemp("ibcl"), "ibcl", newest=0.25)


@pytest.fixture(scope="module")
def found(lab):
    return answer(lab, Question(lab.view.id, 2, NAME, {"points": 5}))


def test_each_preference_is_measured_on_old_and_new_images(lab, found):
    assert found["preference"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert found["split"].tolist() == ["val", "test", "moved"]
    assert found["declared"] == 0.25
    model = lab.view.snapshot(2, memory=True)
    for place, newest in enumerate((0, 0.25, 0.5, 0.75, 1)):
        sample = lab.sample("test", 2)
        labels = sample.labels.numpy()
        right = preferring(model, newest).from_features(sample.features).logits.argmax(1).numpy() == labels
        parts = right[labels < 4].mean(), right[labels >= 4].mean(), right.mean()
        assert [found[name][1, place] for name in ("old", "newest", "every")] == pytest.approx(parts)


def test_the_runs_own_accuracy_is_that_of_the_declared_preference(lab, found):
    assert found["every"][1, 1] == pytest.approx(
        (lab.predicted("test", 2) == lab.sample("test", 2).labels.numpy()).mean()
    )


def test_all_for_the_newest_is_best_for_the_newest_and_the_front_holds_no_worse_point(found):
    assert (found["newest"][:, -1] == found["newest"].max(1)).all()
    assert (found["old"][:, -1] <= found["old"].max(1)).all() and found["front"].any(1).all()
    for row in range(3):
        for place in np.flatnonzero(~found["front"][row]):
            old, newest = found["old"][row], found["newest"][row]
            better = (old >= old[place]) & (newest >= newest[place]) & ((old > old[place]) | (newest > newest[place]))
            assert better.any()


def test_at_the_first_task_there_is_nothing_old(lab):
    first = answer(lab, Question(lab.view.id, 0, NAME, {"points": 2}))
    assert np.isnan(first["old"]).all() and np.isfinite(first["newest"]).all() and not first["front"].any()


def test_its_answer_is_of_its_form_and_nothing_else_is(lab, found):
    withstands(lab, NAME, 2, found)


def test_another_method_has_none(tiny_lab):
    assert "only the method ibcl" in PreferenceFront().why_not(tiny_lab)
    with pytest.raises(NotApplicable, match="and this is clg_cbm"):
        answer(tiny_lab, Question(tiny_lab.view.id, 2, NAME, {}))
