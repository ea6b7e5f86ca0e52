"""The same attack after every task: each number can be had again by hand, and work that was stopped is not lost."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.analyses.performing import answer
from engine.analyses.robustness import Robustness, _signs
from engine.analyses.under_attack import GUIDES, AttackedModel, ReadyBatch, picked
from engine.attacks.base import ATTACKS, trace
from engine.attacks.objectives import Mislabel
from engine.errors import BadParameter
from engine.explain.attention.base import ATTENTION
from engine.interventions.levels import levels
from engine.jobs.analyses import Question
from engine.jobs.training import work
from engine.metrics import robustness as measures
from engine.metrics.attention_shift import NAMES, shifts
from engine.runs.config import configure
from engine.session.aims import aim_of_class
from engine.session.lab import Lab
from engine.store.store import RunStore

SETTINGS = {"eps": "2,8", "per_class": 2, "steps": 3}
E, T, N = 2, 3, 12  # strengths, tasks, images of 6 species


@pytest.fixture(scope="module")
def result(tiny_lab):
    return answer(tiny_lab, Question(tiny_lab.view.id, T - 1, "robustness", SETTINGS))


# -- what is measured --------------------------------------------------------------------------------------------------


def test_the_images_are_test_images_of_every_class(tiny_lab, result):
    order = tiny_lab.stream.class_order
    shown = tiny_lab.dataset.splits["test"].labels[result["rows"]]
    assert [order.index(c) for c in shown] == result["labels"].tolist() == np.repeat(np.arange(6), 2).tolist()
    assert result["task_of"].tolist() == np.repeat(np.arange(3), 4).tolist()
    allowed = np.concatenate([task.tests["test"] for task in tiny_lab.stream.tasks])
    assert set(result["rows"]) <= set(allowed) and len(set(result["rows"])) == N


def test_more_images_keep_those_of_fewer_and_another_seed_takes_others(tiny_lab, result):
    more = picked(tiny_lab, T - 1, 4, 1993)
    assert set(result["rows"]) < set(more.rows)
    first = picked(tiny_lab, 0, 2, 1993)
    assert first.rows.tolist() == result["rows"][:4].tolist()
    assert picked(tiny_lab, T - 1, 2, 7).rows.tolist() != result["rows"].tolist()


def test_shapes(tiny_lab, result):
    concepts, groups, guides, names = len(tiny_lab.snapshot(T - 1).bank), len(result["groups"]), len(GUIDES), len(NAMES)
    assert {name: array.shape for name, array in result.items()} == {
        **dict.fromkeys(("rows", "task_of", "labels"), (N,)),
        **{"eps": (E,), "guides": (guides,), "groups": (groups,), "concepts": (concepts,)},
        **{"outcome": (E + 1, T, N), "margin": (T, N), "accuracy": (E + 1, T, T), "shift": (E, T, N, guides, names)},
        **{"group_shift": (E, T, groups, names), "flips": (E, concepts), "moved": (E, concepts)},
        **{"flat": (E, T), "rising": (E, T)},
    }


def test_outcomes_and_accuracies_fit_together(result):
    outcome, later = result["outcome"], result["task_of"][None, :] > np.arange(T)[:, None]
    assert ((outcome == -1) == later).all()
    assert (outcome[1:][np.broadcast_to(outcome[:1] == 0, outcome[1:].shape)] == 0).all()  # wrong before, wrong after
    np.testing.assert_array_equal(result["accuracy"], measures.matrices(outcome, result["task_of"]).astype(np.float32))
    clean, weak, strong = measures.overall(outcome)[:, T - 1]
    assert clean > 0.5 and clean >= weak > strong


def test_clean_outcomes_are_the_runs_own(tiny_lab, result):
    for t in range(T):
        sample = tiny_lab.sample("test", t)
        right = dict(zip(sample.rows, tiny_lab.predicted("test", t) == sample.labels.numpy(), strict=True))
        known = result["outcome"][0, t] >= 0
        assert [right[row] for row in result["rows"][known]] == (result["outcome"][0, t][known] == 1).tolist()


def test_clean_margins_are_those_of_the_runs_own_logits(tiny_lab, result):
    for t in range(T):
        known = result["outcome"][0, t] >= 0
        assert (~np.isnan(result["margin"][t]) == known).all()
        rows, labels = result["rows"][known].tolist(), result["labels"][known]
        sample = tiny_lab.sample("test", t)
        at = [sample.rows.tolist().index(row) for row in rows]
        logits = tiny_lab.snapshot(t).from_features(sample.features[at]).logits.numpy()
        others = np.where(np.arange(logits.shape[1]) == labels[:, None], -np.inf, logits).max(1)
        by_hand = logits[np.arange(len(rows)), labels] - others
        np.testing.assert_allclose(result["margin"][t, known], by_hand, atol=1e-3)
        assert ((by_hand > 0) == (result["outcome"][0, t, known] == 1)).all()


def test_a_shift_is_known_for_every_image_that_was_attacked_and_no_other(result):
    attacked = np.broadcast_to(result["outcome"][0] == 1, (E, T, N))
    known = ~np.isnan(result["shift"])
    assert (known.all((3, 4)) == attacked).all() and (known.any((3, 4)) == attacked).all()
    l1 = result["shift"][..., 0]
    assert np.nanmean(l1[1]) > np.nanmean(l1[0]) > 0  # the stronger attack moves more


def test_stopping_at_the_first_success_finds_the_same_outcomes_and_measures_nothing_else(tiny_lab, result):
    stopped = answer(tiny_lab, Question(tiny_lab.view.id, T - 1, "robustness", {**SETTINGS, "to_the_end": False}))
    assert np.array_equal(stopped["outcome"], result["outcome"])
    assert all(np.isnan(stopped[name]).all() for name in ("shift", "group_shift", "flips", "moved"))


@pytest.mark.parametrize(("task", "e"), [(1, 0), (2, 1)])
def test_one_image_by_hand(tiny_lab, result, task, e):
    image = int(np.flatnonzero(result["outcome"][0, task] == 1)[-1])
    row, label = int(result["rows"][image]), int(result["labels"][image])
    pixels = tiny_lab.tensor(tiny_lab.pixels("test", [row]))
    victim = tiny_lab.victim(task)
    attack = ATTACKS.get("pgd")(eps=float(result["eps"][e]), steps=3)
    looks, found = trace(attack.run(victim, pixels, Mislabel(torch.tensor([label])), 1993, whole=True))
    assert result["outcome"][e + 1, task, image] == int(not found.won)
    for g, name in enumerate(("text_guided", "row_guided")):
        heats = [
            ATTENTION.get(name)().heat(victim.backbone, images, aim_of_class(tiny_lab, task, label)).numpy()
            for images in (pixels, looks[-1].images)
        ]
        np.testing.assert_allclose(result["shift"][e, task, image, g], shifts(*heats)[0], atol=1e-4)


def test_fooled_concepts_by_hand(tiny_lab, result):
    """The first image alone: how far each concept moved, in units of validation images."""
    images = picked(tiny_lab, T - 1, 1, 1993)
    task, victim = T - 1, tiny_lab.victim(T - 1)
    found = answer(tiny_lab, Question(tiny_lab.view.id, task, "robustness", {"eps": "8", "per_class": 1, "steps": 2}))
    pixels, labels = tiny_lab.tensor(tiny_lab.pixels("test", images.rows)), torch.from_numpy(images.labels)
    right = victim.says(pixels).logits.argmax(1) == labels
    attack = ATTACKS.get("pgd")(eps=8.0, steps=2)
    looks, _ = trace(attack.run(victim, pixels[right], Mislabel(labels[right]), 1993, whole=True))
    before, after = (victim.says(one).scores.double().numpy() for one in (pixels[right], looks[-1].images))
    val = tiny_lab.sample("val", task)
    scores = victim.snapshot.from_features(val.features).scores.double().numpy()
    scale = levels(scores, *tiny_lab.truth("val", val.rows, victim.snapshot.bank))
    np.testing.assert_allclose(found["moved"][0], (np.abs(after - before) / scores.std(0)).mean(0), atol=1e-3)
    crossed = (before > scale.threshold) != (after > scale.threshold)
    np.testing.assert_allclose(found["flips"][0], crossed.mean(0), atol=1e-6)
    assert 0 < found["flips"].max() <= 1


def test_groups_are_those_of_the_bank_and_every_group_moves(tiny_lab, result):
    bank = tiny_lab.snapshot(T - 1).bank.concepts
    assert set(result["groups"]) == {concept.group for concept in bank if concept.group}
    assert "bill" in result["groups"]
    bill = result["group_shift"][1, T - 1, list(result["groups"]).index("bill")]
    assert (bill[[0, 1, 4]] > 0).all() and (bill[[2, 3]] < 1).all()


def test_gradients_that_work_show_no_sign_of_being_masked_and_a_model_that_says_nothing_does(tiny_lab, result):
    assert (result["flat"] == 0).all() and result["rising"].all()
    snapshot = tiny_lab.snapshot(0)
    mute = replace(snapshot, head=torch.zeros_like(snapshot.head), bias=torch.tensor([1.0, 0.0]))
    images = picked(tiny_lab, 0, 2, 1993)
    model = replace(
        AttackedModel.of(tiny_lab, 0, torch.zeros(2, 128), ()), victim=replace(tiny_lab.victim(0), snapshot=mute)
    )
    ready = ReadyBatch(model, images.rows, images.labels)
    assert ready.right.tolist() == [True, True, False, False]  # it always says the first class
    found = finish(ready, ATTACKS.get("pgd")(steps=3))
    flat, rising = _signs({(0, 0, 0): found}, 1, 1)
    assert flat[0, 0] == 1.0 and not rising[0, 0]
    assert found["held"].tolist() == ready.right.tolist()


def test_where_nobody_knows_the_truth_the_model_says_which_concepts_are_there(tiny_lab, monkeypatch):
    lab, images = tiny_lab, picked(tiny_lab, 0, 1, 1993)
    known = lab.truth
    monkeypatch.setattr(lab, "truth", lambda *a: tuple(np.zeros_like(part) for part in known(*a)))
    model = AttackedModel.of(lab, 0, torch.full((2, 128), torch.nan), ("bill",))
    ready = ReadyBatch(model, images.rows, images.labels)
    scores = lab.victim(0).says(lab.tensor(lab.pixels("test", images.rows))).scores.double().numpy()[ready.right]
    val = lab.victim(0).snapshot.from_features(lab.sample("val", 0).features).scores.double().numpy()
    of_bill = np.array([concept.group == "bill" for concept in lab.snapshot(0).bank.concepts])
    expected = (scores > levels(val).threshold)[:, of_bill].sum()
    assert finish(ready)["group_count"].tolist() == [expected]


def test_a_name_that_the_backbone_does_not_know_has_no_text_guided_map(tiny_lab):
    images = picked(tiny_lab, 0, 1, 1993)
    model = AttackedModel.of(tiny_lab, 0, torch.full((2, 128), torch.nan), ())
    found = finish(ReadyBatch(model, images.rows, images.labels))
    assert np.isnan(found["shift"][:, 0]).all()
    assert not np.isnan(found["shift"][found["right"], 1]).any()


def finish(ready, attack=None):
    running = ready.attack(attack or ATTACKS.get("fgsm")(eps=2.0), 0)
    while True:
        try:
            next(running)
        except StopIteration as end:
            return end.value


# -- other runs --------------------------------------------------------------------------------------------------------


def test_classes_for_concepts_and_a_backbone_without_patch_tokens(tmp_path, convolutional_folder):
    store = RunStore(tmp_path)
    config = configure("tiny", {"backbone": f"local-dir:{convolutional_folder}"}, method="ncm")
    run_id = store.create(config, "blind")
    assert work(store, run_id).status == "finished"
    lab = Lab(store, run_id)
    assert Robustness().why_not(lab) is None
    settings = {"attack": "fgsm", "eps": "0.5,64", "per_class": 1}
    found = answer(lab, Question(run_id, T - 1, "robustness", settings))
    assert found["groups"].shape == (0,) and found["group_shift"].shape == (2, 3, 0, 5)
    assert np.isnan(found["shift"]).all()
    assert found["flips"].shape == (2, 6)
    assert (found["outcome"][1:, 2] <= found["outcome"][0, 2]).all()


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "eps", ["", "0", "1,1", "4,2", "65", "-1", "1;2", "nan", "1,,2", "1,2,3,4,5,6,7,8,9", "a bird"]
)
def test_strengths_that_make_no_sense_are_refused_in_words(eps):
    with pytest.raises(BadParameter, match=r"1 to 8 different numbers from 0.01 to 64, ascending"):
        Robustness(eps=eps)


@pytest.mark.parametrize(
    "given", [{"attack": "magic"}, {"steps": 0}, {"steps": 1001}, {"per_class": 0}, {"per_class": 201}, {"seed": -1}]
)
def test_limits(given):
    with pytest.raises(BadParameter, match=next(iter(given))):
        Robustness(**given)


def test_every_attack_can_be_chosen():
    for name in ATTACKS:
        assert Robustness(attack=name)._attack(2.0).eps == 2.0
    assert Robustness(attack="pgd", steps=7)._attack(2.0).steps == 7
