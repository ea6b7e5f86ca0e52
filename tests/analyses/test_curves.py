"""Curves of a real, tiny run, against plain recomputation."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.analyses.curves import CHANCE, Curves, counted, policy_heights
from engine.analyses.intervention_setup import (
    CLASS,
    KIND,
    PICTURE,
    about_the_place,
    field_guide,
    instances,
    intervention_setup,
    telling,
    truth_of,
    why_no_truth,
    why_not,
)
from engine.analyses.performing import answer
from engine.errors import NotApplicable
from engine.interventions.base import POLICIES
from engine.interventions.curves import everything, height
from engine.interventions.evidence import LABELLED, NEWEST
from engine.jobs.analyses import Question
from engine.model.covariances.full import no_covariances

CLICKS = 4


@pytest.fixture(scope="module")
def last(tiny_lab):
    return tiny_lab.view.tasks_done - 1


@pytest.fixture(scope="module")
def found(tiny_lab, last):
    return answer(tiny_lab, Question(tiny_lab.view.id, last, "curves", {"clicks": CLICKS}))


def test_without_a_click_it_is_the_accuracy_the_run_was_given(tiny_lab, last, found):
    view = tiny_lab.view
    measured = view.accuracy("test")[last]
    assert found["policy"].tolist() == list(POLICIES.names())
    assert found["accuracy"].shape == (len(POLICIES.names()), 3, CLICKS + 1)
    np.testing.assert_allclose(found["accuracy"][:, 0, 0], view.accuracy_seen("test")[last])
    np.testing.assert_allclose(found["accuracy"][:, 2, 0], measured[last])


def test_everything_answered_is_the_oracle(tiny_lab, last, found):
    """Both analyses ask the same person: by default one who sees the picture, by levels without labels."""
    asked = answer(tiny_lab, Question(tiny_lab.view.id, last, "oracles", {}))
    first = asked["truth"][0], asked["competence"][0], asked["levels"][0], asked["split"][0]
    assert first == (PICTURE, 1.0, NEWEST.name, "test")
    assert (found["accuracy"][0, 0, 0], found["every"][0]) == pytest.approx((asked["before"][0], asked["after"][0, 0]))


def test_gains_are_of_each_image_against_itself(tiny_lab, last, found):
    chance = found["policy"].tolist().index(CHANCE)
    heights = height(found["accuracy"][:, 0].T)  # [P]
    assert found["gain"] == pytest.approx(heights - heights[chance])
    assert (found["low"] <= found["gain"]).all() and (found["gain"] <= found["high"]).all()
    assert found["low"][chance] == found["high"][chance] == 0


def test_areas_for_the_bench_are_those_of_the_curves(tiny_lab, last):
    asked = {"truth": CLASS, "levels": LABELLED.name}
    found = answer(tiny_lab, Question(tiny_lab.view.id, last, "curves", asked))
    areas = policy_heights(tiny_lab, last, "test", 0, CLASS, LABELLED.name)
    for i, name in enumerate(POLICIES.names()):
        if name != CHANCE:  # there the curve is the mean of several orders
            assert areas[name].mean() == pytest.approx(height(found["accuracy"][i, 0]))


def test_what_was_forgotten_is_counted_and_no_more_comes_back(tiny_lab, last, found):
    labels = tiny_lab.sample("test", last).labels.numpy()
    owner = tiny_lab.stream.task_of_position[labels]
    now = tiny_lab.predicted("test", last) == labels
    once = np.zeros(len(labels), bool)
    for task in range(last):
        then = tiny_lab.predicted("test", task)
        once[: len(then)] |= (then == labels[: len(then)]) & (owner[: len(then)] == task)
    assert found["forgotten"] == (once & ~now).sum() and found["images"] == len(labels)
    assert (found["recovered"] <= found["forgotten"]).all() and (found["budget"][:, 0] == 0).all()
    assert (found["budget"][:, -1] == CLICKS * len(labels)).all()


def test_the_same_question_has_the_same_answer_and_another_person_another(tiny_lab, last, found):
    again = answer(tiny_lab, Question(tiny_lab.view.id, last, "curves", {"clicks": CLICKS}))
    assert all(
        np.array_equal(again[name], found[name], equal_nan=True) for name in found if found[name].dtype.kind == "f"
    )
    erring = answer(tiny_lab, Question(tiny_lab.view.id, last, "curves", {"clicks": CLICKS, "competence": 0.6}))
    assert erring["every"][0] < found["every"][0]


def test_after_the_first_task_there_are_no_old_classes(tiny_lab):
    first = answer(tiny_lab, Question(tiny_lab.view.id, 0, "curves", {"clicks": 1}))
    assert np.isnan(first["accuracy"][:, 1]).all() and np.isfinite(first["accuracy"][:, [0, 2]]).all()
    assert first["forgotten"] == 0


def test_the_field_guide_is_what_most_training_birds_show(tiny_lab, last):
    snapshot = tiny_lab.snapshot(last)
    guide = field_guide(tiny_lab, snapshot)
    split = tiny_lab.dataset.splits["train"]
    k = next(i for i, concept in enumerate(snapshot.bank.concepts) if concept.truth is not None)
    column = split.truth[:, snapshot.bank.concepts[k].truth]
    for position, class_id in enumerate(snapshot.class_ids):
        assert guide[position, k] == (column[split.labels == class_id].mean() > 0.5)
    sample = tiny_lab.sample("test", last)
    assert np.array_equal(truth_of(tiny_lab, snapshot, "test", sample, "class"), guide[sample.labels.numpy()])


def test_every_concept_is_in_one_unit_and_levels_come_from_validation_only(tiny_lab, last):
    here = intervention_setup(tiny_lab, last)
    assert sorted(np.concatenate(here.units).tolist()) == list(range(len(here.snapshot.bank)))
    scores = here.scores(tiny_lab.sample("val", last))
    assert here.correlations.mean == pytest.approx(scores.mean(0)) and here.correlations.source == "errors"
    assert here.evidence is LABELLED and here.evidence.earlier_images
    cases = instances(tiny_lab, here, "moved", "picture")
    assert all(here.known[unit].all() for unit in cases.units)


def test_levels_without_labels_know_the_newest_tasks_training_images_only(tiny_lab, last, monkeypatch):
    here = intervention_setup(tiny_lab, last, NEWEST.name)
    new = tiny_lab.stream.tasks[last]
    features = tiny_lab.train(last)
    mine = tiny_lab.stream.task_of_position[features.labels.numpy()] == last
    scores = here.scores(features.where(torch.from_numpy(mine)))
    assert mine.sum() == len(new.train) == len(tiny_lab.fresh(last).rows)
    assert here.levels.present == pytest.approx(np.quantile(scores, 0.95, axis=0))
    assert here.levels.absent == pytest.approx(np.quantile(scores, 0.05, axis=0))
    assert here.correlations.source == "statistics" and not here.evidence.earlier_images
    lied = lambda split, rows, bank: (np.ones((len(rows), len(bank)), bool), here.known)  # noqa: E731
    monkeypatch.setattr(tiny_lab, "truth", lied)
    assert np.array_equal(intervention_setup(tiny_lab, last, NEWEST.name).levels.present, here.levels.present)
    monkeypatch.setattr(tiny_lab, "sample", None)  # nor is any image of an earlier task, or of validation, looked at
    assert np.array_equal(intervention_setup(tiny_lab, last, NEWEST.name).levels.absent, here.levels.absent)


def test_the_kind_is_the_class_where_the_picture_shows_it(tiny_lab, last):
    snapshot, sample = tiny_lab.snapshot(last), tiny_lab.sample("moved", last)
    shown, usual, kind = (truth_of(tiny_lab, snapshot, "moved", sample, t) for t in (PICTURE, CLASS, KIND))
    place = about_the_place(tiny_lab, snapshot)
    groups = [concept.group for concept in snapshot.bank.concepts]
    assert place.any() and place.tolist() == [group == "habitat" for group in groups]
    assert np.array_equal(kind[:, place], shown[:, place]) and np.array_equal(kind[:, ~place], usual[:, ~place])
    assert (usual[:, place] & ~shown[:, place]).any()  # away from home the class's habitat is not what is seen


def test_answers_that_no_other_class_has_name_the_class(tiny_lab, last):
    here = intervention_setup(tiny_lab, last)
    guide = [tuple(row) for row in field_guide(tiny_lab, here.snapshot)[:, here.known].tolist()]
    assert telling(tiny_lab, here) == sum(guide.count(row) == 1 for row in guide) > 0


def test_every_oracle_is_recomputed(tiny_lab, last):
    found = answer(tiny_lab, Question(tiny_lab.view.id, last, "oracles", {"competence": 0.8}))
    assert len(found["truth"]) == 12 and found["split"].tolist() == ["test", "moved"]
    for q in (3, 6, 9):
        here = intervention_setup(tiny_lab, last, str(found["levels"][q]))
        for s, split in enumerate(("test", "moved")):
            cases = instances(tiny_lab, here, split, str(found["truth"][q]), competence=float(found["competence"][q]))
            assert found["after"][q, s] == pytest.approx(everything(cases).mean())
            gain = found["after"][q, s] - found["before"][s]
            assert found["low"][q, s] < found["high"][q, s] and -1 <= gain <= 1


def test_setting_one_concept_helps_the_others_more_often_than_it_harms(tiny_lab, last):
    counts = counted(tiny_lab, last, "test")
    assert counts.improved > counts.harmed and counts.unchanged > 0


class Blind(SimpleNamespace):
    """A lab whose data say nothing about concepts."""

    def truth(self, split, rows, bank):
        return np.zeros((len(rows), len(bank)), bool), np.zeros(len(bank), bool)


@pytest.fixture
def blind(tiny_lab):
    splits = {name: SimpleNamespace(labels=split.labels, truth=None) for name, split in tiny_lab.dataset.splits.items()}
    lab = Blind(view=tiny_lab.view, config=tiny_lab.config, stream=tiny_lab.stream)
    lab.dataset = SimpleNamespace(splits=splits, class_names=tiny_lab.dataset.class_names)
    lab.snapshot, lab.sample, lab.fresh = tiny_lab.snapshot, tiny_lab.sample, tiny_lab.fresh
    return lab


def test_without_truth_levels_remain_and_curves_say_why_not(blind, last):
    here = intervention_setup(blind, last)
    assert not here.levels.known.any() and here.correlations.source == "statistics"
    assert "do not say" in (why_no_truth(blind) or "") and Curves().why_not(blind) == why_no_truth(blind)
    with pytest.raises(NotApplicable, match="do not say"):
        instances(blind, here, "test", "class")


def test_without_stored_covariances_scores_serve(blind, last):
    whole = blind.snapshot(last)
    kept = dataclasses.replace(whole.classes, covariances=no_covariances(len(whole.classes.means)))
    blind.snapshot = lambda task: dataclasses.replace(whole, classes=kept)
    assert intervention_setup(blind, last).correlations.source == "scores"


@pytest.mark.parametrize("method", ["ncm", "zero_shot"])
def test_rows_that_are_classes_cannot_be_set(tiny_lab, method):
    lab = SimpleNamespace(config=SimpleNamespace(method=method), view=tiny_lab.view, dataset=tiny_lab.dataset)
    assert "classes" in (why_not(lab) or "") and why_no_truth(lab) == why_not(lab)
    with pytest.raises(NotApplicable, match="classes"):
        intervention_setup(lab, 0)
