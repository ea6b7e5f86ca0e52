"""Methods that draw samples of old classes do so from every form of covariances, and never mix two."""

import dataclasses

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import Setup
from engine.model.covariance_form import FORMS, FULL, LOW_RANK, SHARED, CovarianceForm

DRAWING = {
    "clg_cbm": {"prototype_augmentation": False, "gaussian_classes": 0, "gaussian_samples": 8, "epochs": 40},
    "pcbm": {},
    "rapf": {"near": 2.0},
    "replay": {"replayed": "gaussian"},
    "slca": {},
}
"""Settings with which old classes are known by such samples alone."""


def learnt(tools, name, form, tasks=3):
    """Snapshots after each task of a run in a form."""
    method, snapshots = tools.quick(name, **DRAWING[name]), [None]
    for task in range(tasks):
        data = dataclasses.replace(tools.Small().data(task, snapshots[-1]), covariance_form=CovarianceForm(form, 4))
        snapshots.append(tools.finish(method.learn(data)))
    return snapshots[1:]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", DRAWING)
def test_it_keeps_the_form_and_remembers_old_classes_by_it(tools, name, form):
    once, twice = learnt(tools, name, form), learnt(tools, name, form)
    assert all(tools.equal(a, b) for a, b in zip(once, twice, strict=True))
    kept = once[-1].classes.covariances
    assert kept.name == form and kept.why_not(6, tools.WIDTH) is None
    features, labels = tools.Small().test(2)
    right = once[-1].from_features(features).logits.argmax(1) == labels
    assert right[labels < 2].float().mean() > 0.5  # chance is a sixth, and without samples nothing is left of them


def test_a_class_of_one_image_in_every_form(tools):
    for form in FORMS:
        data = tools.Small().data(0, None)
        keep = torch.arange(31)  # 30 images of the first class, one of the second
        lone = dataclasses.replace(
            data, features=data.features[keep], labels=data.labels[keep], covariance_form=CovarianceForm(form)
        )
        before = tools.finish(tools.quick("clg_cbm").learn(lone))
        assert before.classes.covariances.why_not(2, tools.WIDTH) is None
        later = dataclasses.replace(tools.Small().data(1, before), covariance_form=CovarianceForm(form))
        assert torch.isfinite(tools.finish(tools.quick("clg_cbm").learn(later)).head).all()


def test_a_run_does_not_go_on_in_another_form(tools):
    (before,) = learnt(tools, "slca", LOW_RANK, tasks=1)
    for form in (FULL, SHARED):
        data = dataclasses.replace(tools.Small().data(1, before), covariance_form=CovarianceForm(form))
        with pytest.raises(NotApplicable, match="low_rank"):
            tools.finish(tools.quick("slca").learn(data))


def test_another_rank_is_no_other_form(tools):
    (before,) = learnt(tools, "slca", LOW_RANK, tasks=1)
    data = dataclasses.replace(tools.Small().data(1, before), covariance_form=CovarianceForm(LOW_RANK, 7))
    after = tools.finish(tools.quick("slca").learn(data)).classes.covariances
    assert after.factors.shape[1] == 7 and not after.factors[:2, 4:].any()


@pytest.mark.parametrize("name", DRAWING)
def test_the_memory_asked_for_is_that_of_the_form(tools, name):
    method = tools.quick(name, **DRAWING[name])
    full, low, shared = (
        method.memory_bytes(Setup(True, 1000, 100, 768, covariance_form=CovarianceForm(form))) for form in FORMS
    )
    assert full - low == 4 * 1000 * 768 * (2 * 768 - 34) and low > shared
