"""Probabilities before and after, scores that would have to move, and policies against chance."""

from __future__ import annotations

import numpy as np

from engine.figures.changes import moved_scores
from engine.figures.intervention import areas_of
from engine.figures.odds import paired_odds
from engine.figures.policy_areas import area_bars

EVIL = "<img src=x onerror=alert(1)>"


def test_both_sides_have_a_bar_and_the_true_class_a_word() -> None:
    figure = paired_odds(["owl", EVIL], np.array([0.7, 0.0001]), np.array([0.2, 0.8]), 1)
    assert [(bar.name, list(bar.x)) for bar in figure.data] == [("before", [0.7, 0.0001]), ("now", [0.2, 0.8])]
    assert list(figure.data[0].text) == ["70 %", "< 0.1 %"]
    words = [note.text for note in figure.layout.annotations]
    assert words == ["owl", "&lt;img src=x onerror=alert(1)&gt; <i>its class</i>"] and EVIL not in figure.to_json()
    assert figure.data[1].marker.pattern.shape == "/"  # colour is never alone


def test_without_an_after_there_is_one_bar_and_no_key() -> None:
    figure = paired_odds(["owl"], np.array([1.0]))
    assert len(figure.data) == 1 and not figure.layout.showlegend


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
