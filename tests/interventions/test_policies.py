"""What every policy must keep, and each against numbers worked out by hand on two concepts."""

import dataclasses

import numpy as np
import pytest

from engine.errors import BadParameter
from engine.interventions.base import POLICIES, units_of
from engine.interventions.curves import click_by_click, joined
from engine.params import parameters_of

NAMES = POLICIES.names()
SCORES = np.array([[0.0, 2.0]])  # undecided about the first, sure of the second: p = 1/2 and s(4)
WEIGHTS = np.array([[1.0, 0.5], [0.0, 0.0]])  # two classes; the second never moves


def logistic(x):
    return 1 / (1 + np.exp(-x))


SURE = logistic(4.0)  # slope 2 at score 2


def test_the_issues_policies_are_there():
    assert set(NAMES) >= {"random", "ucp", "cctp", "ectp", "coop", "lcp", "greedy"}


# -- contracts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_order_and_nothing_asked_twice(small, name):
    policy = POLICIES.get(name)()
    first, second = (joined(list(click_by_click(policy, small.world(3), 5))) for _ in range(2))
    assert np.array_equal(first.asked, second.asked) and np.array_equal(first.right, second.right)
    assert (np.sort(first.asked, axis=0) == np.arange(5)[:, None]).all()  # each of the five units once
    assert np.isfinite(first.urgency).all()


@pytest.mark.parametrize("name", NAMES)
def test_urgency_has_the_shape_of_images_by_units_and_leaves_the_state_alone(small, name):
    policy, instances = POLICIES.get(name)(), small.world()
    before = instances.scores.copy()
    next(iter(click_by_click(policy, instances, 2)))
    assert np.array_equal(instances.scores, before)
    state = small.state(np.tile(SCORES, (4, 1)), WEIGHTS, np.zeros((4, 2), bool), np.zeros(4, int))
    assert policy.urgency(state).shape == (4, 2) and np.isfinite(policy.urgency(state)).all()


@pytest.mark.parametrize("name", NAMES)
def test_images_do_not_disturb_each_other(small, name):
    instances = small.world(5)
    whole = joined(list(click_by_click(POLICIES.get(name)(), instances, 3)))
    part = joined(list(click_by_click(POLICIES.get(name)(), instances.some(slice(10, 20)), 3)))
    assert np.array_equal(whole.asked[:, 10:20], part.asked)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_why_it_cannot_choose_and_declares_what_it_looks_at(small, name):
    policy = POLICIES.get(name)()
    assert policy.why_not(has_truth=True, has_label=True) is None
    reason = policy.why_not(has_truth=False, has_label=False)
    assert (reason is not None) == (policy.needs_truth or policy.needs_labels)
    if reason is None:  # then it works without either
        assert policy.urgency(small.state(SCORES, WEIGHTS)).shape == (1, 2)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_title_and_cites_a_source(name):
    assert 0 < len(POLICIES.title(name)) < 60
    assert "20" in POLICIES.get(name).__doc__ and dataclasses.is_dataclass(POLICIES.get(name))


@pytest.mark.parametrize("name", NAMES)
def test_values_just_outside_their_limits_are_refused(name):
    cls = POLICIES.get(name)
    for declared in parameters_of(cls):
        for bad in (declared.low - 1e-6, declared.high + 1e-6, float("nan"), "1", True):
            with pytest.raises(BadParameter, match=declared.name):
                cls(**{declared.name: bad})


def scaled(instances, move, factor):
    """The same model in other units: every score s is now `factor` s + `move`, and the head gives the same logits."""
    levels, head = instances.levels, instances.head
    weights = head.weights / factor
    ends = {name: factor * getattr(levels, name) + move for name in ("absent", "present", "threshold", "low", "high")}
    return dataclasses.replace(
        instances,
        scores=factor * instances.scores + move,
        levels=dataclasses.replace(levels, slope=levels.slope / factor, **ends),
        head=dataclasses.replace(head, weights=weights, bias=head.bias - weights @ move),
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("factor", [np.ones(6), np.array([0.5, 2.0, 4.0, 1.0, 0.25, 8.0])])
def test_neither_the_zero_nor_the_unit_of_a_score_decides_what_is_asked(small, name, factor):
    instances, move = small.world(9), np.array([100.0, -3.0, 0.5, -40.0, 7.0, 2.0])
    before, after = (
        joined(list(click_by_click(POLICIES.get(name)(), one, 5)))
        for one in (instances, scaled(instances, move, factor))
    )
    assert np.array_equal(before.asked, after.asked) and np.array_equal(before.right, after.right)
    assert after.urgency == pytest.approx(before.urgency, abs=1e-4)


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_random_is_the_noise_it_is_given(small):
    noise = np.array([[0.2, 0.1]])
    assert np.array_equal(POLICIES.get("random")().urgency(small.state(SCORES, WEIGHTS, noise=noise)), noise)


def test_ucp_asks_what_it_is_least_sure_of(small):
    found = POLICIES.get("ucp")().urgency(small.state(SCORES, WEIGHTS))
    assert found[0] == pytest.approx([0.0, -(SURE - 0.5)])


def test_cctp_sums_what_a_concept_adds(small):
    """Probability times weight times the distance of the levels, which is 2: a score of -2 adds next to nothing."""
    weights = np.array([[1.0, 0.5], [-3.0, 0.25]])
    found = POLICIES.get("cctp")().urgency(small.state(np.array([[-2.0, 2.0]]), weights))
    assert found[0] == pytest.approx([logistic(-4.0) * 2 * (1 + 3), logistic(4.0) * 2 * (0.5 + 0.25)])


def test_cctp_takes_the_wordings_of_a_fact_together(small):
    """Both wordings move at once; what one adds to a class and the other takes from it is nothing."""
    weights = np.array([[1.0, -1.0], [2.0, 1.0]])
    state = dataclasses.replace(small.state(np.array([[0.0, 2.0]]), weights), units=(np.array([0, 1]),))
    found = POLICIES.get("cctp")().urgency(state)
    assert found[0] == pytest.approx([(0.5 + SURE) / 2 * 2 * (abs(1 - 1) + abs(2 + 1))])


def test_ectp_is_the_expected_change_of_all_probabilities(small):
    found = POLICIES.get("ectp")().urgency(small.state(SCORES, WEIGHTS))
    now = logistic(1.0)  # logit 1 x 0 + 0.5 x 2 against 0
    first = 0.5 * 2 * abs(logistic(0.0) - now) + 0.5 * 2 * abs(logistic(2.0) - now)
    second = (1 - SURE) * 2 * abs(logistic(-0.5) - now)  # present already: that answer changes nothing
    assert found[0] == pytest.approx([first, second], abs=1e-6)


def test_eudtp_is_the_expected_drop_of_the_entropy(small):
    found = POLICIES.get("eudtp")().urgency(small.state(SCORES, WEIGHTS))

    def entropy(p):
        return -p * np.log(p) - (1 - p) * np.log(1 - p)

    now = entropy(logistic(1.0))
    first = now - 0.5 * entropy(0.5) - 0.5 * entropy(logistic(2.0))
    second = now - (1 - SURE) * entropy(logistic(-0.5)) - SURE * now
    assert found[0] == pytest.approx([first, second], abs=1e-6)


def test_coop_weighs_doubt_and_effect(small):
    state = small.state(SCORES, WEIGHTS)
    doubt = np.array([np.log(2), -SURE * np.log(SURE) - (1 - SURE) * np.log(1 - SURE)])
    now = logistic(1.0)
    effect = np.array(
        [
            abs(0.5 * logistic(0.0) + 0.5 * logistic(2.0) - now),
            abs((1 - SURE) * logistic(-0.5) + SURE * now - now),
        ]
    )
    cls = POLICIES.get("coop")
    assert cls(uncertainty=1.0, effect=0.0).urgency(state)[0] == pytest.approx(doubt)
    assert cls(uncertainty=0.0, effect=1.0).urgency(state)[0] == pytest.approx(effect, abs=1e-6)
    assert cls(uncertainty=2.0, effect=3.0).urgency(state)[0] == pytest.approx(2 * doubt + 3 * effect, abs=1e-5)


def test_lcp_asks_the_worst_mistake(small):
    found = POLICIES.get("lcp")().urgency(small.state(SCORES, WEIGHTS, truth=np.array([[True, False]])))
    assert found[0] == pytest.approx([0.5, SURE])


def test_greedy_asks_what_helps_the_true_class(small):
    state = small.state(SCORES, WEIGHTS, truth=np.array([[True, False]]), labels=np.array([0]))
    now = np.log(logistic(1.0))
    found = POLICIES.get("greedy")().urgency(state)
    assert found[0] == pytest.approx([np.log(logistic(2.0)) - now, np.log(logistic(-0.5)) - now], abs=1e-5)


def test_wordings_of_one_fact_are_one_unit_and_the_rest_stand_alone():
    units = units_of([7, None, 3, 7, None])
    assert [unit.tolist() for unit in units] == [[0, 3], [1], [2], [4]]
    assert [u.tolist() for u in units_of([7, None, 3, 7], np.array([True, False, True, False]))] == [[0], [2]]
