"""Probabilities before and after, scores that would have to move, and policies against chance."""

from __future__ import annotations

import re

import numpy as np

from engine.figures.changes import moved_scores
from engine.figures.intervention import areas_of
from engine.figures.odds import TRUE, WANTED, listed, odds
from engine.figures.policy_areas import area_bars

EVIL = "<img src=x onerror=alert(1)>"


def test_both_sides_have_a_bar_and_marked_classes_a_word() -> None:
    names, before, after = ["owl", EVIL, "hawk"], np.array([0.7, 0.0001, 0.2999]), np.array([0.002, 0.998, 0.0])
    drawn = odds(names, before, after, {TRUE: 1, WANTED: None}).html
    assert re.findall(r"class='pl-(before|now)' style='width:([\d.]+)%", drawn) == [
        ("before", "0.0"),
        ("now", "99.8"),
        ("before", "70.0"),
        ("now", "0.2"),
        ("before", "30.0"),
        ("now", "0.0"),
    ]
    assert re.findall(r"</span>([^<]+)</small>", drawn) == [
        "under 0.1 %",
        "over 99 %",
        "70 %",
        "0.2 %",
        "30 %",
        "under 0.1 %",
    ]
    assert drawn.count("<em>") == 1 and "onerror=alert(1)&gt;<em>true</em></th>" in drawn and EVIL not in drawn
    assert "now </span>over" in drawn  # colour is never alone


def test_without_an_after_there_is_one_bar_and_no_key() -> None:
    drawn = odds(["owl"], np.array([1.0])).html
    assert drawn.count("<i ") == 1 and "caption" not in drawn and ">over 99 %<" in drawn


def test_the_best_of_either_side_are_shown_and_whoever_is_asked_for() -> None:
    before, after = np.array([0.5, 0.3, 0.1, 0.06, 0.03, 0.01, 0.0]), np.array([0.0, 0.0, 0.1, 0.1, 0.1, 0.2, 0.5])
    assert listed(before) == [0, 1, 2, 3] and listed(before, also=[None, 6]) == [0, 1, 2, 3, 6]
    assert listed(before, after) == [0, 6, 1, 5, 2, 3]  # of equals the first learnt


def test_a_moved_score_has_its_range_a_ring_and_a_diamond() -> None:
    figure = moved_scores([EVIL, "long tail"], *(np.array(v) for v in ([0.5, 2.0], [0.1, 2.5], [0.0, 1.0], [1.0, 1.5])))
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert list(lines[0].x) == [0.0, 1.0] and list(lines[2].x) == [1.0, 2.0]  # a score outside its range is reached
    marks = {trace.name: (list(trace.x), trace.marker.symbol) for trace in figure.data if trace.mode == "markers"}
    assert marks == {"now": ([0.5, 2.0], "circle-open"), "would be": ([0.1, 2.5], "diamond")}
    assert figure.layout.annotations[1].text == "more <b>long tail</b>: 2.00 → 2.50" and EVIL not in figure.to_json()


def test_policies_against_chance_the_best_first() -> None:
    accuracy = np.stack([np.stack([row] * 3) for row in ([0.5, 0.5], [0.5, 0.9], [0.5, 0.4])])
    gain = (np.array([0.0, 0.2, -0.05]), np.array([0.0, 0.1, -0.2]), np.array([0.0, 0.3, 0.1]))
    found = areas_of(("random", "lcp", "ucp"), np.array([False, True, False]), accuracy, gain)
    (bars,) = area_bars(found, {"random": "Random", "lcp": "LCP: looks", "ucp": EVIL}).data
    assert np.allclose(bars.x, [20, -5]) and list(bars.text) == ["+20.0", "−5.0"]
    assert list(bars.marker.pattern.shape) == ["/", ""]
