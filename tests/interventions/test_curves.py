"""Clicking through images: what no click, all clicks and a wrong person must give; and what a budget recovers."""

import dataclasses

import numpy as np
import pytest

from engine.interventions.base import POLICIES
from engine.interventions.curves import (
    InterventionTrace,
    answered,
    answers_of,
    click_by_click,
    everything,
    height,
    joined,
)
from engine.interventions.planner import plan, shares, thinned

UCP = POLICIES.get("ucp")()


@pytest.mark.parametrize("follow", [False, True])
def test_no_click_is_plain_accuracy_and_all_clicks_are_everything(small, follow):
    instances = small.world(1, follow=follow)
    trace = joined(list(click_by_click(UCP, instances, 5)))
    assert np.array_equal(trace.right[0], instances.head.predicted(instances.scores) == instances.labels)
    assert np.array_equal(trace.right[-1], everything(instances))


@pytest.mark.parametrize("name", POLICIES.names())
def test_with_every_unit_set_all_policies_agree(small, name):
    instances = small.world(2)
    trace = joined(list(click_by_click(POLICIES.get(name)(), instances, 99)))  # no more than there are
    assert trace.right.shape == (6, 60) and np.array_equal(trace.right[-1], everything(instances))


def test_the_oracles_are_no_worse_than_chance(small):
    areas = {}
    for name in ("random", "lcp", "greedy"):
        traces = [joined(list(click_by_click(POLICIES.get(name)(), small.world(s), 5))) for s in range(4)]
        areas[name] = np.mean([height(trace.right) for trace in traces])
    assert areas["greedy"] > areas["random"] and areas["lcp"] > areas["random"]


def test_the_pieces_join_to_the_same_as_one_piece(small, monkeypatch):
    whole = joined(list(click_by_click(UCP, small.world(4), 3)))
    monkeypatch.setattr("engine.interventions.curves._ANSWERS", 7 * 5 * 2 * 4)
    pieces = list(click_by_click(UCP, small.world(4), 3))
    assert len(pieces) == 9 and np.array_equal(joined(pieces).right, whole.right)


def test_only_what_was_answered_moves(small):
    instances = small.world(0)
    asked = np.zeros((60, 5), bool)
    asked[:, 1] = True  # concepts 1 and 5
    moved = answered(instances, asked)
    assert np.array_equal(moved[:, [0, 2, 3, 4]], instances.scores[:, [0, 2, 3, 4]])
    assert (moved[:, [1, 5]] != instances.scores[:, [1, 5]]).any()
    assert np.array_equal(answered(instances, np.zeros((60, 5), bool)), instances.scores)


def test_a_person_errs_as_often_as_said_and_always_the_same_way():
    truth = np.random.default_rng(0).random((2000, 10)) < 0.3
    assert np.array_equal(answers_of(truth, 1.0, seed=1), truth)
    assert np.array_equal(answers_of(truth, 0.0, seed=1), ~truth)
    told = answers_of(truth, 0.8, seed=1)
    assert (told == truth).mean() == pytest.approx(0.8, abs=0.01)
    assert np.array_equal(told, answers_of(truth, 0.8, seed=1)) and (told != answers_of(truth, 0.8, seed=2)).any()


def test_a_liar_does_harm(small):
    honest = small.world(6)
    liar = dataclasses.replace(honest, answers=~honest.answers)
    assert everything(liar).mean() < 0.3 < 0.7 < everything(honest).mean()


def test_area_by_hand():
    assert height(np.array([0.0, 1.0, 1.0])) == pytest.approx(0.75)
    assert height(np.array([0.4])) == 0.4
    right = np.array([[False, True], [True, True], [True, False]])  # [clicks + 1, images]
    assert height(right).tolist() == [0.75, 0.75] and height(right).mean() == height(right.mean(1))


# -- the budget --------------------------------------------------------------------------------------------------------

TRACE = InterventionTrace(
    right=np.array([[False, True, False], [True, True, False], [True, False, True]]),
    asked=np.zeros((2, 3), np.int64),
    urgency=np.array([[5.0, 4.0, 1.0], [2.0, 3.0, 9.0]]),  # the third image wants its second click most, but not yet
)
FORGOTTEN = np.array([True, False, True])


def test_a_budget_by_hand():
    found = plan(TRACE, FORGOTTEN)
    assert found.clicks.tolist() == [0, 1, 2, 3, 4, 5, 6]
    # order: image 0, image 1, image 1 again (breaks), image 0 again, image 2, image 2 again (recovered)
    assert found.recovered.tolist() == [0, 1, 1, 1, 1, 1, 2]
    assert found.broken.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert shares(found).tolist() == [0, 0.5, 0.5, 0.5, 0.5, 0.5, 1.0]


def test_all_clicks_spent_are_the_last_row_of_the_curve(small):
    trace = joined(list(click_by_click(UCP, small.world(8), 4)))
    forgotten = ~trace.right[0]
    found = plan(trace, forgotten)
    assert found.recovered[-1] == (forgotten & trace.right[-1]).sum()
    assert found.broken[-1] == (trace.right[0] & ~trace.right[-1]).sum()


def test_nothing_forgotten_nothing_to_recover():
    found = plan(TRACE, np.zeros(3, bool))
    assert found.forgotten == 0 and np.isnan(shares(found)).all()


def test_a_thinned_plan_keeps_both_ends():
    found = thinned(plan(TRACE, FORGOTTEN), 3)
    assert (found.clicks[0], found.clicks[-1]) == (0, 6) and len(found.clicks) <= 4
    assert found.recovered[-1] == 2
