"""Figures of causal effects, claims and uses: the numbers drawn are the numbers given."""

import numpy as np
import pytest

from engine.explain.claims import ClaimLine, Correlation
from engine.explain.effects import Means
from engine.figures import effects, ledger

NAMES = ("crown", "bill", "habitat")


def means(values, errors=None, counts=None):
    values = np.array(values, float)
    return Means(
        values,
        np.array(errors, float) if errors is not None else np.full(values.shape, 0.01),
        np.array(counts) if counts is not None else np.full(len(values), 40),
    )


def test_flips_are_sorted_and_their_lines_are_two_errors():
    figure = effects.flip_bars(NAMES, means([0.1, 0.05, 0.4], [0.02, 0.01, 0.03]))
    bars = figure.data[0]
    assert list(bars.x) == [0.4, 0.1, 0.05]
    assert list(figure.layout.yaxis.ticktext) == ["habitat", "crown", "bill"]
    assert list(bars.error_x.array) == pytest.approx([0.06, 0.04, 0.02])
    assert [a.text for a in figure.layout.annotations] == ["40 %", "10 %", "5 %"]


def test_an_attribute_nobody_edited_is_drawn_last_and_does_not_spoil_the_rest():
    figure = effects.flip_bars(NAMES, means([np.nan, 0.05, 0.4], [np.nan, 0.01, 0.03]))
    assert list(figure.layout.yaxis.ticktext) == ["habitat", "bill", "crown"]
    assert figure.layout.xaxis.range[1] == pytest.approx(1.16 * 0.46)


def test_the_headline_names_the_attribute_that_matters_most_and_least():
    assert effects.effect_headline(NAMES, means([0.1, 0.05, 0.4])) == (
        "Another habitat renames 40 % of the birds, another bill only 5 %"
    )


def test_the_flip_table_is_the_twin_in_the_same_order():
    same = means([1.0, 2.0, 3.0])
    table = effects.flip_table(NAMES, means([0.1, 0.05, 0.4]), same, same, means([0.0, 0.0, 0.2]))
    assert table["attribute"] == ["habitat", "crown", "bill"]
    assert table["renamed"] == [0.4, 0.1, 0.05]
    assert table["own species"] == [3.0, 1.0, 2.0]


def test_before_and_after_stand_in_pairs_and_add_no_colour_without_a_word():
    before, after = np.array([1.0, -2.0]), np.array([0.5, 1.0])
    figure = effects.paired_bars(["red crown", "<b>hooked</b> bill"], before, after)
    assert [trace.name for trace in figure.data] == ["before", "after"]
    assert list(figure.data[0].x) == [1.0, -2.0] and list(figure.data[1].x) == [0.5, 1.0]
    assert list(figure.data[1].text) == ["+0.50", "+1.00"]
    assert "<b>" not in figure.layout.yaxis.ticktext[1]
    assert effects.paired_table(["a", "b"], before, after)["change"] == [-0.5, 3.0]


def test_what_moved_is_always_among_the_concepts_shown():
    before = np.array([9.0, 8.0, 7.0, 0.0, 0.0])
    after = np.array([9.0, 8.0, 7.0, 0.0, 0.4])
    shown = effects.largest(before, after, 3)
    assert shown == [0, 1, 4]
    assert len(effects.largest(before, after, 50)) == 5


def test_the_value_map_is_symmetric_around_zero_and_says_on_how_many_birds():
    figure = effects.value_map(
        means([[1.0, -3.0], [np.nan, 0.5]], [[0.1] * 2] * 2, [7, 0]), ["red", "blue"], ["a", "<i>"], "given"
    )
    heat = figure.data[0]
    assert heat.zmin == -heat.zmax and heat.zmid == 0
    assert "7 birds" in heat.text[0][1] and "−3.00" in heat.text[0][1]
    assert "<i>" not in heat.text[0][1]
    table = effects.value_table(means([[1.0, -3.0]], counts=[7]), ["red"], ["a", "b"])
    assert table == {"value": ["red"], "birds": [7], "a": [1.0], "b": [-3.0]}


def test_the_scatter_has_a_point_for_every_known_attribute_and_one_scale_for_both_axes():
    figure = ledger.claim_scatter(
        NAMES, np.array([1.0, np.nan, 2.0]), np.array([1.5, 1.0, 2.8]), np.array([0.1, 0.1, 0.1])
    )
    points = figure.data[1]
    assert list(points.x) == [1.0, 2.0] and list(points.y) == [1.5, 2.8]
    assert list(points.text) == ["crown", "habitat"]
    assert figure.layout.xaxis.range == figure.layout.yaxis.range
    assert list(figure.data[0].x) == list(figure.data[0].y)


def test_names_of_neighbours_go_to_different_sides():
    figure = ledger.claim_scatter(("crown", "breast"), np.array([1.2, 1.24]), np.array([1.4, 1.4]), np.zeros(2))
    assert set(figure.data[1].textposition) == {"middle left", "middle right"}


@pytest.mark.parametrize(
    ("claimed", "used", "said"),
    [
        (0.1, 1.9, "It hardly claims the habitat of the reed owl (0.1 logits), yet its evidence moves by 1.9 when"),
        (3.0, 1.0, "It claims the habitat of the reed owl (3.0 logits), yet its evidence moves only by 1.0 when"),
        (1.5, 2.0, "It claims the habitat of the reed owl (1.5 logits), and its evidence moves by 2.0 when"),
    ],
)
def test_a_finding_is_a_sentence(claimed, used, said):
    entry = ClaimLine(2, 0, claimed, used, 0.1, 8)
    assert ledger.finding(entry, "habitat", "reed owl") == f"{said} the habitat really changes"


def test_the_entry_table_has_a_line_for_each_entry():
    table = ledger.entry_table([ClaimLine(1, 0, 0.5, 2.25, 0.125, 8)], ["red crown", "flat bill"], ["reed owl"], [3, 4])
    assert {name: column[0] for name, column in table.items()} == {
        "class": "reed owl", "concept": "flat bill", "claimed": 0.5, "used": 2.25, "±": 0.12, "edits": 8, "weighted": 4,
    }  # fmt: skip


def test_paths_are_shares_of_their_row():
    paths = np.array([[3.0, 1.0, 0.0], [0.5, 0.5, 1.0]])
    figure = ledger.path_map(paths, ("crown", "bill"))
    assert np.asarray(figure.data[0].z).tolist() == [[0.75, 0.25, 0.0], [0.25, 0.25, 0.5]]
    assert [a.text for a in figure.layout.annotations] == ["75", "25", "25", "25", "50"]
    assert ledger.path_headline(paths).startswith("58 % of an edit's effect")


def test_the_correlation_comes_with_its_interval():
    assert ledger.correlation_words(Correlation(0.954, 0.92, 0.971)) == (
        "Correlation of claims and uses over the attributes 0.95 (95 % interval 0.92 to 0.97)."
    )
    assert "Too few" in ledger.correlation_words(None)
