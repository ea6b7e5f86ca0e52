"""Curves and areas of policies, on numbers worked out by hand."""

import numpy as np
import pytest

from engine.figures.intervention import (
    against_chance,
    areas_of,
    areas_table,
    curves_table,
    headline,
    note,
    old_new_lines,
    old_new_table,
    policy_lines,
)

NAMES = ("coop", "greedy", "random", "ucp")
TITLES = {"coop": "CooP: <b>unsure</b>", "greedy": "Greedy: oracle", "random": "Random", "ucp": "UCP: least sure"}
BOUND = np.array([False, True, False, False])
ALL = np.array([[0.5, 0.7, 0.9], [0.5, 1.0, 1.0], [0.5, 0.5, 0.6], [0.5, 0.4, 0.5]])
ACCURACY = np.stack([ALL, ALL - 0.1, np.full((4, 3), np.nan)], axis=1)  # [P, kinds, clicks + 1]; no new images


GAIN = np.array([0.175, 0.35, 0.0, -0.075])
"""Beyond random, as the areas say."""


def areas_with(low, high, accuracy=ACCURACY):
    return areas_of(NAMES, BOUND, accuracy, (GAIN, np.array(low), np.array(high)))


@pytest.fixture
def areas():
    return areas_with([0.1, 0.3, 0.0, -0.1], [0.2, 0.4, 0.0, -0.01])


def test_areas_by_hand(areas):
    assert areas.areas[:, 0] == pytest.approx([0.7, 0.875, 0.525, 0.45])
    assert areas.areas[:, 0] - areas.areas[2, 0] == pytest.approx(areas.gain)
    assert np.isnan(areas.areas[:, 2]).all()


def test_the_best_is_one_that_a_person_could_follow(areas):
    assert areas.best() == 0
    none = np.zeros(1)
    assert areas_of(("random",), np.array([False]), ACCURACY[:1], (none, none, none)).best() is None


def test_what_is_better_or_worse_than_chance_is_said_by_the_interval(areas):
    assert [note(areas, i) for i in range(4)] == [
        "better than random",
        "knows the answers: a bound",
        "what all have to beat",
        "worse than random",
    ]
    assert against_chance(areas, TITLES) == "CooP asks better than chance; UCP asks worse than chance"
    unsure = areas_with([-0.01, 0.3, 0.0, -0.2], [0.36, 0.4, 0.0, 0.05])
    assert note(unsure, 0) == note(unsure, 3) == "not told from random"
    assert against_chance(unsure, TITLES) == "None can be told from asking in random order"


def test_the_headline_says_what_clicks_are_worth(areas):
    assert (
        headline(areas, ALL, TITLES)
        == "2 answers an image, asked by CooP, are worth +40.0 points, in random order +10.0"
    )
    flat = np.full((4, 3), 0.5)
    same = areas_with([0.0] * 4, [0.0] * 4, np.stack([flat] * 3, 1))
    assert headline(same, flat, TITLES) == "2 answers an image do not help: 50.0 % before, 50.0 % after"
    falling = np.tile([0.5, 0.45, 0.4], (4, 1))
    assert headline(same, falling, TITLES) == "2 answers an image do harm: 50.0 % before, 40.0 % after"


def test_tables_hold_the_same_numbers(areas):
    table = areas_table(areas, TITLES)
    assert table["policy"] == ["Greedy: oracle", "CooP: <b>unsure</b>", "Random", "UCP: least sure"]
    assert table["beyond random"] == [0.35, 0.175, 0.0, -0.075] and table["new"] == [None] * 4
    assert (table["low"], table["high"]) == ([0.3, 0.1, 0.0, -0.1], [0.4, 0.2, 0.0, -0.01])
    assert curves_table(NAMES, ALL, TITLES)["Random"] == [0.5, 0.5, 0.6]
    assert old_new_table(ACCURACY[0])["old classes"] == [0.4, 0.6, 0.8]


def test_every_policy_is_a_line_and_names_are_escaped_and_apart():
    figure = policy_lines(NAMES, ALL, 0.95, TITLES)
    assert [trace.name for trace in figure.data] == [
        "CooP: &lt;b&gt;unsure&lt;/b&gt;",
        "Greedy: oracle",
        "Random",
        "UCP: least sure",
    ]
    assert list(figure.data[0].y) == [0.5, 0.7, 0.9]
    equal = policy_lines(NAMES, np.full((4, 3), 0.5), 0.5, TITLES)
    places = sorted(label.y for label in equal.layout.annotations)
    low, high = equal.layout.yaxis.range
    assert min(np.diff(places)) > 0.03 * (high - low) and low <= places[0] and places[-1] <= high


def test_a_kind_without_images_has_no_line():
    assert [trace.name for trace in old_new_lines(ACCURACY[0]).data] == ["old"]
    assert [trace.name for trace in old_new_lines(np.stack([ALL[0]] * 3)).data] == ["old", "new"]
