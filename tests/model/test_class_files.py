"""Class statistics on disk in every form: exact, carried along, bound to the model; others instead are refused."""

from dataclasses import replace

import pytest
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.errors import StoreDamaged, StoreTooNew
from engine.model import container
from engine.model.chain import classes_file, model_file
from engine.model.container import describe, read, write
from engine.model.covariance_form import FORMS, FULL, LOW_RANK, SHARED, CovarianceForm
from engine.model.covariances.every import COVARIANCES
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.model.statistics import class_statistics, without_covariances
from engine.model.storage import load, save

WIDTH, PER_TASK = 5, 2


def statistics(task, form):
    """Of the classes of one task, which have more images the later they come."""
    draw = torch.Generator().manual_seed(task)
    labels = torch.arange(PER_TASK).repeat_interleave(task + 2)
    features = torch.randn(len(labels), WIDTH, generator=draw)
    return class_statistics(features, labels, 0, torch.randn(PER_TASK, WIDTH, generator=draw), CovarianceForm(form, 3))


def model(task, classes):
    seen = len(classes.means)
    bank = ConceptBank((Concept("bill"),), torch.ones(1, WIDTH))
    parts = torch.ones(1, WIDTH), torch.ones(seen, 1), torch.zeros(seen)
    return Snapshot(task, tuple(range(seen)), bank, *parts, classes)


def saved(folder, form, tasks=3, carried=False):
    """What was saved after each task."""
    made = []
    for task in range(tasks):
        classes = made[-1].classes.extended(statistics(task, form)) if made else statistics(task, form)
        if carried:
            moved = classes.covariances.turned(lambda spread: 1.5 * spread)
            classes = ClassStatistics(classes.means + 1, moved, classes.texts)
        made.append(model(task, classes))
        save(folder, made[-1], carried)
    return made


@pytest.mark.parametrize("carried", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_task_comes_back_bit_for_bit(tmp_path, form, carried):
    for task, before in enumerate(saved(tmp_path, form, carried=carried)):
        found = load(tmp_path, task).classes
        assert type(found.covariances) is COVARIANCES[form] and torch.equal(found.means, before.classes.means)
        for name, kept in before.classes.covariances.tensors.items():
            assert torch.equal(found.covariances.tensors[name], kept)


def test_full_ones_are_written_as_ever_and_others_as_newer_files(tmp_path):
    for form, version in ((FULL, 4), (LOW_RANK, 5), (SHARED, 5)):
        saved(tmp_path / form, form, tasks=1)
        told = describe(model_file(tmp_path / form, 0)).described
        assert told["format"] == version and ("covariance_form" in told) == (form != FULL)


def test_an_older_plumage_says_that_a_newer_one_wrote_them(tmp_path, monkeypatch):
    saved(tmp_path, SHARED, tasks=1)
    monkeypatch.setattr(container, "FORMAT", 4)
    with pytest.raises(StoreTooNew, match="newer Plumage"):
        load(tmp_path, 0)


def test_a_file_of_another_form_is_refused(tmp_path):
    made = saved(tmp_path, LOW_RANK, tasks=1)
    for form in (FULL, SHARED):
        path = classes_file(tmp_path, 0)
        other = read(classes_file(tmp_path / form, 0)) if saved(tmp_path / form, form, tasks=1) else None
        write(path, other.arrays, {"class_ids": list(made[0].class_ids)})
        with pytest.raises(StoreDamaged, match="classes-0"):
            load(tmp_path, 0)


@pytest.mark.parametrize("form", ["half", 3, ""])
def test_a_form_that_nobody_knows_is_refused(tmp_path, form):
    saved(tmp_path, LOW_RANK, tasks=1)
    path = model_file(tmp_path, 0)
    whole = read(path)
    write(path, whole.arrays, {**whole.described, "covariance_form": form})
    with pytest.raises(StoreDamaged, match="covariance_form"):
        load(tmp_path, 0)


@pytest.mark.parametrize(("name", "wrong"), [("diagonals", -1.0), ("factors", float("nan"))])
def test_numbers_that_no_training_leaves_are_refused(tmp_path, name, wrong):
    (made,) = saved(tmp_path, LOW_RANK, tasks=1)
    kept = made.classes.covariances
    spoilt = replace(kept, **{name: torch.full_like(getattr(kept, name), wrong)})
    save(tmp_path, replace(made, classes=replace(made.classes, covariances=spoilt)))
    with pytest.raises(StoreDamaged, match=r"classes-0.*low_rank"):
        load(tmp_path, 0)


def test_a_method_that_needs_none_goes_on_from_one_that_kept_some(tmp_path):
    (before,) = saved(tmp_path, SHARED, tasks=1)
    new = without_covariances(statistics(1, FULL))
    save(tmp_path, model(1, without_covariances(before.classes).extended(new)))
    assert not load(tmp_path, 1).classes.covariances.kept and load(tmp_path, 0).classes.covariances.kept
