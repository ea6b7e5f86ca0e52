"""The robustness bench: its arithmetic by hand, and its pieces on the tiny run."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.bench import (
    _robustness_art,
    _robustness_maps,
    _robustness_runs,
    _robustness_shift,
    _robustness_speed,
    robustness,
)
from engine.bench.figure import Figure, measured
from engine.errors import NotApplicable
from engine.runs.config import preset
from engine.store.store import RunStore

ASKED = robustness.settings("pgd", (1.0, 16.0), steps=3, per_class=1, to_the_end=True)


# -- figures -----------------------------------------------------------------------------------------------------------


def test_a_figure_of_several_seeds_is_judged_by_its_mean():
    assert measured("x", [1.0, 2.0, 6.0], "s", most=3.0) == Figure("x", 3.0, pytest.approx(7.0**0.5), "s", "<= 3", True)
    assert measured("x", [-1.0], "points", least=0.0) == Figure("x", -1.0, None, "points", ">= 0", False)
    assert measured("x", [5.0], "s").met is None


def test_the_worst_attack_decides_each_image():
    pgd = np.array([[1, 0, 1, -1]], np.int8)
    apgd = np.array([[1, 1, 0, -1]], np.int8)
    assert robustness.worst([pgd, apgd]).tolist() == [[1, 0, 0, -1]]
    assert robustness.held(robustness.worst([pgd, apgd])) == pytest.approx([100 / 3])  # the unseen one is not counted
    assert robustness.held(pgd) == pytest.approx([200 / 3])


@pytest.mark.parametrize(
    ("robust", "at"), [([75.0, 60.0, 12.5, 0.0], 2), ([19.9, 60.0], 0), ([20.0, 20.0], None), ([], None)]
)
def test_the_first_strength_at_which_the_plain_backbone_falls(robust, at):
    assert robustness.fallen(np.array(robust)) == at


class Made:
    """Two seeds of two tasks with two images each, as `Runs` gives them."""

    def __init__(self, plain, defended):
        self.labs = {robustness.PLAIN: [Trained(0.90), Trained(0.92)], robustness.DEFENDED: [Trained(0.85)] * 2}
        self._found = {robustness.PLAIN: plain, robustness.DEFENDED: defended}
        self.answers = {(spec, "pgd"): [{"task_of": np.array([0, 0, 1, 1])}] * 2 for spec in robustness.BACKBONES}

    def outcomes(self, spec):
        return {"worst": self._found[spec]}


class Trained:
    """A run of a given last accuracy, with a fifth less on moved birds."""

    splits = ("test", "moved")

    def __init__(self, accuracy):
        self.view = self
        self._accuracy = accuracy

    def summary(self, split):
        return {"last_accuracy": self._accuracy * (1.0 if split == "test" else 0.8)}


def outcome(*lasts):
    """Outcomes [E + 1, 2, 4]: the given ones after the last task; after the first both of its images are right."""
    first = [1, 1, -1, -1]
    return np.array([[first, last] for last in lasts], np.int8)


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(
        robustness, "_nearest_mean_accuracy", lambda lab, split: lab.summary(split)["last_accuracy"] / 2
    )
    fell = outcome([1, 1, 1, 1], [1, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0])
    stood = outcome([1, 1, 1, 0], [1, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0])
    better = outcome([1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0])
    return Made([fell, fell], [stood, better])


def test_gain_and_cost_of_the_defence(made):
    told = {figure.name: figure for figure in robustness._defence(made)}
    assert told["robustness.defence.eps"].value == 2.0
    gain = told["robustness.defence.gain"]  # 50 and 75 % where the plain one has 0
    assert (gain.value, gain.spread, gain.met) == (62.5, pytest.approx(25 / 2**0.5), True)
    cost = told["robustness.defence.cost.test"]  # of the whole test split: 5 and 7 points
    assert (cost.value, cost.target, cost.met) == (pytest.approx(6.0), "<= 8", True)
    assert told["robustness.defence.cost.moved"].value == pytest.approx(0.8 * 6.0)
    nearest = told["robustness.defence.ncm_cost.moved"]
    assert (nearest.value, nearest.met) == (pytest.approx(0.8 * 3.0), None)


def test_a_plain_backbone_that_never_falls_leaves_no_gain_to_tell(made):
    made._found[robustness.PLAIN] = [outcome(*[[1, 1, 1, 1]] * 5)] * 2
    assert not [one for one in robustness._defence(made) if one.name.endswith(("gain", "eps"))]


def test_robustness_forgetting_in_points(made):
    told = {figure.name: figure.value for figure in robustness._forgetting(made)}
    assert told[f"robustness.forgetting.{robustness.PLAIN}.clean"] == 0.0
    assert told[f"robustness.forgetting.{robustness.PLAIN}.eps1"] == 50.0  # of both images of task 1 one is lost
    assert told[f"robustness.forgetting.{robustness.DEFENDED}.eps2"] == 25.0


def test_only_what_is_asked_for_is_measured():
    assert robustness._asked("accuracy", "")
    assert robustness._asked("accuracy", "robustness.accuracy.aviary-clip.pgd")
    assert not robustness._asked("speed", "robustness.accuracy")


# -- shift and fooling -------------------------------------------------------------------------------------------------


def test_the_association_counts_contested_images_only_and_needs_ten_of_each():
    shift = np.zeros((1, 40, 2, 5))
    shift[0, :, 1, 3] = 1 - np.arange(40) / 40  # IoU: lower is further
    contested = np.arange(40)[None] >= 10
    fooled = np.arange(40)[None] >= 25
    margin = np.where(np.arange(40) % 2, 1.0, 2.0)
    margin[:10] = -9.0  # wrong before: takes no part
    whole = _robustness_shift.Shifted(shift, margin, contested, fooled)
    beyond = _robustness_shift.beyond_margin([whole], 0, 1, 3)
    # 8 of the 15 fooled and 7 of the 15 that held have the smaller margin
    assert beyond.margin == pytest.approx((8 * 8 + (8 * 7 + 7 * 8) / 2) / 15**2)
    # left of the ranks are 24's and 25's distance to the means of their margins, 24 and 25: one tie
    assert beyond.adjusted == pytest.approx(1 - 0.5 / 15**2)
    found = _robustness_shift.pooled([whole], 0, 1, 3)
    assert (found.auc, found.count, found.fooled) == (1.0, 30, 15)
    assert _robustness_shift.pooled([whole], 0, 0, 0).auc == 0.5  # nothing moved by its name
    few = _robustness_shift.Shifted(shift, margin, contested, np.arange(40)[None] >= 31)
    assert _robustness_shift.pooled([few], 0, 1, 3) is None
    assert _robustness_shift.pooled([few, few], 0, 1, 3).fooled == 18


def test_maps_of_classes_look_for_names_and_rows(tiny_lab):
    found = _robustness_shift.directions(tiny_lab, 2)
    snapshot = tiny_lab.snapshot(2)
    assert found.shape == (2, 6, snapshot.bottleneck.shape[1])
    assert torch.allclose(found.norm(dim=2), torch.ones(2, 6), atol=1e-5)
    logits = snapshot.head[3] @ snapshot.bottleneck
    assert torch.allclose(found[1, 3] * logits.norm(), logits, atol=1e-4)


# -- two implementations -----------------------------------------------------------------------------------------------


def test_two_implementations_are_judged_by_their_mean_difference_whichever_is_stronger():
    near = _robustness_art.difference("pgd", [2.0, -1.5])
    assert (near.value, near.met, near.target) == (0.25, True, "within 1 of 0")
    assert near.spread == pytest.approx(3.5 / 2**0.5)
    assert _robustness_art.difference("pgd", [-1.1]).met is False


# -- maps --------------------------------------------------------------------------------------------------------------


def test_maps_are_held_against_the_part_that_shows_a_true_concept(tiny_lab):
    found = _robustness_maps.pairs(tiny_lab, 6)
    assert len(found.images) == len(found.aims) == len(found.masks) == 6
    assert (found.masks.mean((1, 2)) > 0.02).all()
    bank = tiny_lab.snapshot(2).bank
    assert [aim.words for aim in found.aims] == [bank.concepts[k].text for k in found.concepts]
    for k, wrong in zip(found.concepts, found.wrong, strict=True):
        group = {concept.text for concept in bank.concepts if concept.group == bank.concepts[k].group}
        assert wrong is None or wrong.words in group - {bank.concepts[k].text}
    assert any(found.wrong)
    assert (_robustness_maps.pairs(tiny_lab, 4).concepts == found.concepts[:4]).all()  # fewer are the first of them


def test_a_map_is_worth_more_than_noise(tiny_lab):
    given = _robustness_maps.pairs(tiny_lab, 4)
    seeing = _robustness_maps._worth(tiny_lab, given, "text_guided")
    noise = _robustness_maps._worth(tiny_lab, given, "random")
    assert seeing["seconds"] > 0
    assert set(noise) == set(seeing) - {"seconds", "pointing_wrong"}
    assert 0 <= seeing["pointing_wrong"] <= 1
    assert all(0 <= found[name] <= 1 for found in (seeing, noise) for name in ("pointing", "iou", "stability"))
    assert seeing["pointing"] > noise["pointing"]
    assert seeing["iou"] > noise["iou"]


def test_a_score_is_of_each_images_own_concept_in_standard_deviations(tiny_lab):
    given = _robustness_maps.pairs(tiny_lab, 3)
    middle, spread = _robustness_maps._level(tiny_lab, 2)
    score = _robustness_maps._Score(tiny_lab.victim(2), given.concepts, middle, spread)
    row = tiny_lab.snapshot(2).bottleneck[given.concepts[1]]
    plain = tiny_lab.embed(as_pixels(given.images))[1] @ row
    k = given.concepts[1]
    assert float(score(given.images)[1]) == pytest.approx(float((plain - middle[k]) / spread[k]), abs=1e-3)
    with pytest.raises(ValueError, match="2 images for 3 concepts"):
        score(given.images[:2])


def as_pixels(images):
    """Images [n, 3, S, S] in 0..1 as uint8 [n, S, S, 3]."""
    return (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


# -- homes that outlive the bench --------------------------------------------------------------------------------------


@pytest.fixture
def case(own_tiny_home):
    """The tiny run where the bench would have left it."""
    (own_tiny_home / "made-of.txt").write_text("this and that", encoding="utf-8")
    return _robustness_runs.BenchRun(preset("tiny"), own_tiny_home, "this and that")


def test_an_interrupted_bench_finds_its_work_again(case, monkeypatch):
    [before] = RunStore(case.home).runs()
    lab = _robustness_runs.trained(case)
    assert lab.view.id == before.id  # not trained again
    assert _robustness_runs.share(case, [ASKED]) == 0.0
    with pytest.raises(NotApplicable):
        _robustness_runs.answered(lab, ASKED)
    _robustness_runs.carry_out(case, [ASKED])
    assert _robustness_runs.share(case, [ASKED, {}]) == 0.5
    found = _robustness_runs.answered(lab, ASKED)
    assert found["outcome"].shape == (3, 3, 6)

    monkeypatch.setattr(_robustness_runs, "perform", None)  # nothing is left to perform
    _robustness_runs.prepare([case], [ASKED])

    moved = _robustness_shift.of_result(found)
    noise = _robustness_shift.disturbed(lab, found, (1.0, 16.0))
    assert moved.shift.shape == noise.shift.shape == (2, 6, 2, 5)
    assert (moved.contested == noise.contested).all()
    assert moved.fooled[1].sum() > 0  # a strong attack
    weak, strong, attacked = (np.nanmean(one) for one in (*noise.shift[..., 0], moved.shift[1, ..., 0]))
    assert weak < strong < attacked
    names = {one.name for one in _robustness_shift.figures({"x": [lab]}, {"x": [found]}, (1.0, 16.0))}
    assert {"robustness.shift.x.row.eps16.iou", "robustness.shift.x.text.noise1.displacement"} <= names


def test_a_home_made_of_something_else_is_emptied(case):
    other = _robustness_runs.BenchRun(case.config, case.home, "something else")
    assert not _robustness_runs._all_there(other, [])
    assert RunStore(case.home).runs() == []


def test_every_seed_and_backbone_has_its_own_place(monkeypatch, tmp_path):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    tiny = preset("tiny")
    configs = [
        tiny,
        tiny.changed(seed=7),
        tiny.changed(backbone="ViT-B-16:openai"),
        tiny.changed(settings={"epochs": 2}),
    ]
    found = _robustness_runs.cases(configs)
    assert len({case.home for case in found}) == 3
    assert {case.home.parent for case in found} == {tmp_path / "bench" / "robustness"}
    assert len({case.made_of for case in found}) == 4  # what is made of other settings is not found again


def test_time_left():
    assert _robustness_runs.time_left(30.0, 0.5, 0.75) == 30.0
    assert _robustness_runs.time_left(30.0, 0.5, 0.51) is None


# -- speed -------------------------------------------------------------------------------------------------------------


def test_an_architecture_with_random_weights_is_timed(tmp_path, write_model):
    found = _robustness_speed.measure(f"local-dir:{write_model(tmp_path)}")
    assert {"pgd10", "map.text_guided", "map.row_guided", "peak_memory"} <= set(found)
    assert all(value > 0 for value in found.values())
    assert 100 < found["peak_memory"] < 16_000


def test_the_first_call_is_not_timed():
    calls = []
    assert _robustness_speed.seconds(lambda: calls.append(1)) < 0.1
    assert len(calls) == 6
