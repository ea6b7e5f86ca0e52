"""Paired comparisons: numbers worked out by hand, and how often their intervals hold on simulated data."""

import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control, ttest_1samp

from engine.metrics.differences import paired_difference
from engine.metrics.paired import benjamini_hochberg, holm, mcnemar, paired_bootstrap, paired_t


def test_one_seed_is_the_difference_of_shares_and_nearly_its_closed_interval():
    """Of 400 images 60 won and 20 lost: 10 points; the bootstrap tells of the images alone, as the formula does."""
    first, second = np.zeros(400, bool), np.zeros(400, bool)
    first[:20], second[20:80] = True, True
    found, formula = paired_bootstrap([second.astype(float) - first], shared=True), paired_difference(first, second)
    assert found.gap.value == pytest.approx(0.1) and (found.gap.count, found.runs) == (400, 1)
    assert (found.gap.low, found.gap.high) == pytest.approx((formula.low, formula.high), abs=0.005)
    assert found.p < 0.001 and found.gap.sign == 1


def test_seeds_that_differ_by_a_constant_have_students_interval():
    """Every image of a seed changes alike, so images add nothing: 0.1, 0.2 and 0.3 are 0.2 ± t(2) * 0.1 / sqrt(3)."""
    changes = [np.full(50, each) for each in (0.1, 0.2, 0.3)]
    found, exact = paired_bootstrap(changes, shared=True), paired_t([0.1, 0.2, 0.3])
    half = 4.302653 * 0.1 / np.sqrt(3)
    assert (exact.gap.low, exact.gap.high) == pytest.approx((0.2 - half, 0.2 + half), abs=1e-6)
    assert (found.gap.low, found.gap.high) == pytest.approx((0.2 - half, 0.2 + half), rel=0.03)
    assert found.p == pytest.approx(exact.p, rel=0.05)


def test_shared_images_count_once_and_images_of_their_own_count_each():
    """The same changes in four seeds: no less is known of the seeds, but only where images differ do they add up."""
    change = np.array([1.0] * 30 + [-1.0] * 10 + [0.0] * 160)
    shared, own = (paired_bootstrap([change] * 4, shared=kind).gap for kind in (True, False))
    assert shared.value == own.value == pytest.approx(0.1) and (shared.count, own.count) == (200, 800)
    assert (shared.high - shared.low) / (own.high - own.low) == pytest.approx(2, rel=0.05)


def test_more_comparisons_widen_it_and_equal_seeds_give_equal_draws():
    change = np.array([1.0] * 30 + [-1.0] * 10 + [0.0] * 160)
    one, ten = (paired_bootstrap([change], shared=True, comparisons=n) for n in (1, 10))
    assert (ten.gap.high - ten.gap.low) / (one.gap.high - one.gap.low) == pytest.approx(2.807 / 1.96, rel=0.05)
    assert ten.p == one.p  # of this comparison alone
    assert paired_bootstrap([change], shared=True) == one != paired_bootstrap([change], shared=True, seed=7)


def test_the_other_way_round_it_is_mirrored():
    changes = [np.array([1.0] * a + [-1.0] * b + [0.0] * (60 - a - b)) for a, b in ((9, 3), (5, 5), (8, 1))]
    one = paired_bootstrap(changes, shared=False).gap
    other = paired_bootstrap([-each for each in changes], shared=False).gap
    assert other.value == pytest.approx(-one.value)
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), abs=0.01)


def test_nothing_to_compare_and_what_does_not_fit():
    assert (
        np.isnan(paired_bootstrap([], shared=True).gap.value) and paired_bootstrap([np.zeros(0)], shared=True).runs == 0
    )
    same = paired_bootstrap([np.zeros(20), np.zeros(20)], shared=True)
    assert (same.gap.low, same.gap.high, same.p) == (0, 0, 1)
    with pytest.raises(ValueError, match="shared images, but"):
        paired_bootstrap([np.zeros(3), np.zeros(4)], shared=True)


def simulated(rng, runs, images, shared, between):
    """Changes of a method with a known gap: some images are gained, fewer lost, and each seed moves a little."""
    hard = rng.choice([1.0, -1.0, 0.0], (1 if shared else runs, images), p=[0.15, 0.1, 0.75])
    changes = np.where(rng.random((runs, images)) < 0.7, hard, 0.0)
    moved = rng.normal(0, between, (runs, 1))
    return np.where(rng.random((runs, images)) < np.abs(moved), np.sign(moved), changes)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("between", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("runs", [2, 4])
def test_it_holds_the_truth_as_often_as_it_says(runs, shared, between):
    """At least 91 of 100 in 120 trials (95 less two standard errors), whether chance lies in images or in seeds."""
    rng, trials, held = np.random.default_rng(runs), 120, 0
    truth = 0.7 * 0.05 * (1 - between * np.sqrt(2 / np.pi))
    for _ in range(trials):
        found = paired_bootstrap(list(simulated(rng, runs, 250, shared, between)), shared=shared, draws=400)
        held += found.gap.low <= truth <= found.gap.high
    assert held / trials >= 0.91


def test_an_interval_over_seeds_alone_leaves_out_the_images():
    """The trap that the bootstrap is for: all seeds share the images, and Student's interval misses them mostly."""
    rng, held = np.random.default_rng(5), 0
    for _ in range(200):
        gap = paired_t(simulated(rng, 15, 250, True, 0.0).mean(1)).gap
        held += gap.low <= 0.035 <= gap.high
    assert held / 200 < 0.6


def test_students_interval_and_p_are_scipys():
    values = [0.5, 1.5, 2.5, 4.0]
    found, scipys = paired_t([*values, np.nan]), ttest_1samp(values, 0)
    assert found.runs == 4 and found.p == pytest.approx(scipys.pvalue)
    assert (found.gap.low, found.gap.high) == pytest.approx(tuple(scipys.confidence_interval()))
    five = paired_t(values, comparisons=5).gap
    assert (five.low, five.high) == pytest.approx(tuple(scipys.confidence_interval(0.99)))


def test_one_value_has_no_interval_and_equal_values_no_doubt():
    one, same, none = paired_t([0.3]), paired_t([0.3, 0.3]), paired_t([])
    assert one.gap.value == 0.3 and np.isnan([one.gap.low, one.p]).all() and one.gap.sign == 0
    assert same.p == 0 and paired_t([0.0, 0.0]).p == 1 and np.isnan(none.gap.value)


def test_mcnemar_by_hand():
    """2 lost, 8 gained of 10: 2 * (1 + 10 + 45) / 1024."""
    first, second = np.zeros(30, bool), np.zeros(30, bool)
    first[:2], second[2:10], first[20:], second[20:] = True, True, True, True
    found = mcnemar(first, second)
    assert (found.lost, found.gained) == (2, 8) and found.p == pytest.approx(2 * 56 / 1024)
    assert found.p == pytest.approx(binomtest(2, 10).pvalue)
    assert mcnemar(first, first).p == 1 and mcnemar(second, first).p == found.p
    with pytest.raises(ValueError, match="pairs are needed"):
        mcnemar(first, second[1:])


def test_corrections_by_hand():
    """Holm of .01 .04 .03: .03, then .06 and .06 (not below the one before). Benjamini-Hochberg: .03, .04, .04."""
    ps = [0.01, 0.04, 0.03]
    assert holm(ps) == pytest.approx([0.03, 0.06, 0.06])
    assert benjamini_hochberg(ps) == pytest.approx([0.03, 0.04, 0.04])
    many = np.random.default_rng(1).random(40) ** 3
    assert benjamini_hochberg(many) == pytest.approx(false_discovery_control(many))
    assert holm([0.9, 0.8]) == pytest.approx([1, 1]) and len(holm([])) == 0


def test_what_is_not_known_is_no_comparison():
    assert holm([0.01, np.nan, 0.04]) == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)
    assert benjamini_hochberg([np.nan, 0.02, 0.04]) == pytest.approx([np.nan, 0.04, 0.04], nan_ok=True)
