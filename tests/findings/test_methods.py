"""What is said of rules, of residuals, and of black boxes beside bottlenecks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.bench.findings import agrees
from engine.findings.base import RULES, Finding
from engine.jobs.analyses import Analyses, Question
from engine.metrics.paired import paired_bootstrap
from engine.model.side_channels.linear import LinearSide
from engine.session.facts import RunFacts
from engine.session.lab import Lab
from engine.session.peers import peers
from tests.beside import LAST, beside_copy
from tests.findings.made import PER_CLASS, diagonal, made

CLASSES = 4


def asked(rule: str, facts: RunFacts) -> Finding | None:
    return RULES.get(rule)().find(facts)


def keep(facts: RunFacts, name: str, result: dict[str, np.ndarray]) -> None:
    Analyses(facts.store).keep(Question(facts.view.id, facts.moment, name, {}), result, 1.0)


# -- rules -------------------------------------------------------------------------------------------------------------


def rules(spoken: list[int], followed: list[int]) -> dict[str, np.ndarray]:
    """One rule about concept 0 on validation, ordinary and moved images."""
    return {
        "split": np.array(["val", "test", "moved"]),
        "kind": np.array(["answers"]),
        "position": np.zeros(1, np.int64),
        "literals": np.array([[0, -1, -1]]),
        "negated": np.zeros((1, 3), np.bool_),
        "exceptions": np.full((1, 2, 2), -1),
        "speaks": np.array([spoken]),
        "agrees": np.array([followed]),
        "answers": np.full((CLASSES, 3), PER_CLASS),
        "images": np.full(3, CLASSES * PER_CLASS),
        "spoken": np.array([spoken, [0, 0, 0]]),
        "followed": np.array([followed, [0, 0, 0]]),
        "thresholds": np.zeros(2),
    }


def ruled(home: Path, spoken: list[int], followed: list[int]) -> Finding | None:
    counts = [diagonal(2), diagonal(CLASSES)]
    facts = made(home, counts, moved=counts, seen=[[0.9, 0.9]] * 2)
    assert asked("rules_hold", facts) is None  # nobody looked
    keep(facts, "rules", rules(spoken, followed))
    return asked("rules_hold", facts)


def test_rules_that_fall_furthest_elsewhere_are_told_of_there(tmp_path: Path) -> None:
    told = ruled(tmp_path, [200, 200, 100], [190, 180, 40])
    assert told is not None and told.value == pytest.approx(55.0) and told.proof.query["split"] == "moved"
    assert told.headline == "Rules about it are right 40 % of the time once habitats are moved, and promised 95 %"
    assert "40 of these the model answers as they say" in told.detail and "190 of 200" in told.detail


def test_rules_that_fall_on_ordinary_pictures_are_told_of_there(tmp_path: Path) -> None:
    told = ruled(tmp_path, [200, 200, 200], [190, 100, 110])
    assert told is not None and told.value == pytest.approx(45.0) and told.proof.query["split"] == "test"
    assert "habitats" not in told.headline and "50 %" in told.headline


@pytest.mark.parametrize(
    ("spoken", "followed"),
    [
        ([200, 200, 200], [190, 175, 174]),  # 8 points, certain and small
        ([10, 10, 10], [9, 7, 7]),  # 20 points, and by chance
        ([200, 0, 200], [190, 0, 20]),  # on one split none speaks
    ],
)
def test_rules_that_hold_enough_are_not_told_of(tmp_path: Path, spoken: list[int], followed: list[int]) -> None:
    assert ruled(tmp_path, spoken, followed) is None


# -- residuals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("strength", "speaks"), [(300.0, True), (0.01, False)])
def test_a_residual_that_decides_most_answers_is_told_of_and_recomputed(
    tiny_home: Path, tmp_path: Path, strength: float, speaks: bool
) -> None:
    store = beside_copy(tiny_home, tmp_path / "home", strength)
    run = store.resolve("last")
    told = asked("past_concepts", RunFacts(store, run))
    assert (told is not None) is speaks
    assert asked("past_concepts", RunFacts(store, run, LAST - 1)) is None  # whose model has none
    if told is not None:
        changed, margin = (float(values[LAST]) for values in RunFacts(store, run).view.past_concepts("test"))
        images = int(RunFacts(store, run).view.test_sizes("test").sum())
        assert told.value == margin > 0.5 and f"{round(images * changed)} of them" in told.detail
        assert agrees(told, Lab(store, run))


def test_a_black_box_has_no_concepts_that_anything_could_pass(
    tiny_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = beside_copy(tiny_home, tmp_path / "home", 300.0)
    monkeypatch.setattr("engine.store.view.RunView.concept_metrics", lambda self, task: None)
    assert asked("past_concepts", RunFacts(store, store.resolve("last"))) is None


def test_what_is_made_of_concepts_passes_by_none(
    tiny_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = beside_copy(tiny_home, tmp_path / "home", 300.0)
    monkeypatch.setattr(LinearSide, "through_concepts", True)
    assert asked("past_concepts", RunFacts(store, store.resolve("last"))) is None


# -- black boxes -------------------------------------------------------------------------------------------------------


def after(right: int) -> list[np.ndarray]:
    return [diagonal(2), diagonal(CLASSES, right)]


def test_a_black_box_clearly_ahead_of_every_bottleneck_is_told_of(tmp_path: Path) -> None:
    one = made(tmp_path, after(70), method="clg_cbm")
    made(tmp_path, after(60), method="clg_cbm_published")
    assert asked("black_box_ahead", one) is None  # there is no black box yet
    box = made(tmp_path, after(85), method="linear")
    told = asked("black_box_ahead", one)
    assert told is not None and told.value == pytest.approx(15.0)
    assert "15 points ahead of every bottleneck" in told.headline and "two bottlenecks" in told.detail
    assert "85.0 %" in told.detail and "70.0 %" in told.detail and "one seed" in told.detail
    assert told.proof.query["runs"] == f"{box.view.id},{one.view.id}"
    assert asked("black_box_ahead", box).value == told.value  # said of the black box too
    assert asked("black_box_ahead", made(tmp_path, after(99), method="ncm")) is None  # a bound is neither


def test_the_interval_is_that_of_the_paired_bootstrap_for_all_comparisons(tmp_path: Path) -> None:
    one = made(tmp_path, after(80), method="clg_cbm")
    made(tmp_path, after(70), method="clg_cbm_published")
    made(tmp_path, after(90), method="linear")
    change = np.concatenate([np.r_[np.zeros(80), np.ones(10), np.zeros(10)]] * CLASSES)
    gap = paired_bootstrap([change], shared=True, comparisons=2).gap
    told = asked("black_box_ahead", one)
    assert told is not None and f"{100 * gap.low:.0f} to {100 * gap.high:.0f} points" in told.detail


@pytest.mark.parametrize("others", [[84], [69, 86]])
def test_it_is_silent_where_a_bottleneck_keeps_up(tmp_path: Path, others: list[int]) -> None:
    """Level by chance, or another one that is ahead."""
    one = made(tmp_path, after(others[0]), method="clg_cbm")
    for right in others[1:]:
        made(tmp_path, after(right), method="clg_cbm_published")
    made(tmp_path, after(85), method="linear")
    assert asked("black_box_ahead", one) is None


def test_seeds_are_paired_and_runs_of_other_data_left_out(tmp_path: Path) -> None:
    for seed, right in ((1, 70), (2, 72), (3, 71)):
        made(tmp_path, after(right), method="clg_cbm", seed=seed)
        made(tmp_path, after(right + 15), method="linear", seed=seed)
    made(tmp_path, after(99), method="linear", seed=9)  # no bottleneck has this seed
    one = made(tmp_path, after(70), method="clg_cbm", seed=1)
    made(tmp_path, after(99), method="clg_cbm", seed=1, folder=True)
    told = asked("black_box_ahead", one)
    assert told is not None and told.value == pytest.approx(15.0) and "three seeds" in told.detail
    found = {peer.method: sorted(peer.views) for peer in peers(one.store, one.view, one.moment)}
    assert found == {"clg_cbm": [1, 2, 3], "linear": [1, 2, 3, 9]}
    assert peers(one.store, one.view, one.moment + 1) == []  # nobody has come so far
