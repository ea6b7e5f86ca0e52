"""The grid of weights: a symmetric scale, empty cells for zeros, a target on every cell."""

import numpy as np
import pytest

from engine.figures.weights import (
    change_headline,
    scale_limit,
    strongest,
    weights_headline,
    weights_heatmap,
    weights_table,
)

WEIGHTS = np.array([[2.0, 0.0, -0.5], [1e-6, 1.0, -1.0]])
CLASSES, CONCEPTS = ("wren", "<b>owl</b>"), ("red crown", "hooked bill", "<i>woods</i>")


def test_cells_as_good_as_zero_are_empty():
    cells = weights_heatmap(WEIGHTS, CLASSES, CONCEPTS).data[0]
    empty = np.isnan(np.asarray(cells.z, float))
    assert empty.tolist() == [[False, True, False], [True, False, False]]  # 1e-6 is what training leaves of a weight


def test_the_scale_is_symmetric_about_zero_and_ends_at_the_99th_percentile():
    values = np.concatenate([np.linspace(-1, 1, 201), [50.0]])[None]
    end = scale_limit(values)
    assert 0.99 < end < 50
    sizes = np.abs(values[np.abs(values) > 1e-5])
    assert end == pytest.approx(np.percentile(sizes, 99))
    cells = weights_heatmap(values, ["c"], [""] * 202).data[0]
    assert (cells.zmin, cells.zmid, cells.zmax) == (-end, 0, end)


def test_the_scale_of_nothing_is_still_a_scale():
    for nothing in (np.zeros((2, 2)), np.full((2, 2), np.nan), np.zeros((0, 3))):
        assert scale_limit(nothing) == 1.0


def test_blue_is_for_and_orange_against():
    scale = weights_heatmap(WEIGHTS, CLASSES, CONCEPTS).data[0].colorscale
    assert scale[0][1] == "rgba(213,94,0,1)"
    assert scale[-1][1] == "rgba(0,114,178,1)"


def test_every_cell_can_be_clicked_and_says_what_it_is():
    targets = weights_heatmap(WEIGHTS, CLASSES, CONCEPTS).data[1]
    found = dict(zip(zip(targets.y, targets.x, strict=True), targets.text, strict=True))
    assert len(found) == 6
    assert found[(0, 0)] == "red crown<br>wren: +2.000"
    assert found[(1, 2)] == "&lt;i&gt;woods&lt;/i&gt;<br>&lt;b&gt;owl&lt;/b&gt;: −1.000"
    assert targets.marker.opacity == 0


def test_a_comparison_draws_the_change_and_says_both_values():
    before = np.array([[1.5, 0.0, 0.5], [0.0, 1.0, -1.0]])
    figure = weights_heatmap(WEIGHTS, CLASSES, CONCEPTS, before=before)
    np.testing.assert_allclose(np.nan_to_num(np.asarray(figure.data[0].z, float)), [[0.5, 0, -1], [0, 0, 0]])
    assert figure.data[1].text[2] == "&lt;i&gt;woods&lt;/i&gt;<br>wren: +0.500, then −0.500 (−1.000)"


@pytest.mark.parametrize(("chosen", "shapes"), [((None, None), 0), ((1, None), 1), ((None, 2), 1), ((1, 2), 3)])
def test_the_chosen_row_column_and_cell_are_outlined(chosen, shapes):
    found = weights_heatmap(WEIGHTS, CLASSES, CONCEPTS, chosen=chosen).layout.shapes
    assert len(found) == shapes
    if shapes == 3:
        assert (found[2].x0, found[2].x1, found[2].y0, found[2].y1) == (1.5, 2.5, 0.5, 1.5)


def test_the_first_class_is_on_top_and_names_cannot_be_markup():
    layout = weights_heatmap(WEIGHTS, CLASSES, CONCEPTS).layout
    assert layout.yaxis.range == (1.5, -0.5)
    assert layout.yaxis.ticktext == ("wren", "&lt;b&gt;owl&lt;/b&gt;")
    assert layout.xaxis.side == "top"


def test_names_are_left_out_where_there_is_no_room():
    many = weights_heatmap(np.ones((200, 100)), ["c"] * 200, ["k"] * 100).layout
    assert many.xaxis.ticktext == many.yaxis.ticktext == ()
    assert many.height < 1400


def test_a_hundred_classes_have_their_names_and_each_a_line_of_its_own():
    layout = weights_heatmap(np.ones((100, 8)), [f"c{i}" for i in range(100)], ["k"] * 8).layout
    assert len(layout.yaxis.ticktext) == 100
    assert layout.yaxis.tickfont.size < (layout.height - 150) / 100  # without the concepts' names above


def test_findings_in_words():
    assert weights_headline(WEIGHTS, CLASSES, CONCEPTS) == "“red crown” speaks most for wren (+2.00)"
    assert weights_headline(-WEIGHTS, CLASSES, CONCEPTS) == "“red crown” speaks most against wren (−2.00)"
    before = WEIGHTS + np.array([[0, 0, 0.7], [0, 0, 0]])
    told = change_headline(WEIGHTS, before, CLASSES, CONCEPTS)
    assert told == "“<i>woods</i>” changed most for wren: +0.20, then −0.50"
    assert change_headline(WEIGHTS, WEIGHTS, CLASSES, CONCEPTS) == "No weight has changed"
    assert weights_headline(0 * WEIGHTS, CLASSES, CONCEPTS) == "No concept has a weight"
    assert weights_headline(WEIGHTS / 100, CLASSES, CONCEPTS) == "“red crown” speaks most for wren (+0.020)"
    assert strongest(np.array([[np.nan, -3.0], [2.0, 1.0]])) == (0, 1)


def test_the_table_has_what_is_drawn():
    table = weights_table(WEIGHTS, CLASSES, CONCEPTS)
    assert table == {
        "class": ["wren", "<b>owl</b>"],
        "red crown": [2.0, 0.0],
        "hooked bill": [0.0, 1.0],
        "<i>woods</i>": [-0.5, -1.0],
    }
