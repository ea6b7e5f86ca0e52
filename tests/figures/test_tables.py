"""The numbers behind the figures: tables, CSV and words, worked out by hand."""

import csv
import io

import numpy as np
import pytest

from engine.figures.look import on_scale, percent, points
from engine.figures.tables import cell, matrix_table, to_csv


def test_csv_reads_back_as_it_was_written() -> None:
    table = {"class": ['pied "gull", young', "tern"], "share": [0.5, None]}
    rows = list(csv.reader(io.StringIO(to_csv(table))))
    assert rows == [["class", "share"], ['pied "gull", young', "0.5"], ["tern", ""]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_csv_defuses_texts_that_a_spreadsheet_would_run(text: str) -> None:
    assert f"'{text}" in to_csv({"class": [text]})


def test_csv_leaves_negative_numbers_alone() -> None:
    assert to_csv({"gain": [-0.5]}) == "gain\n-0.5\n"


def test_matrix_table_has_a_column_a_task_and_gaps_where_nothing_is_known() -> None:
    table = matrix_table(np.array([[0.5, np.nan], [0.25, 1.0]]), ["a", "b"], ["x", "y"], "moment")
    assert table == {"moment": ["a", "b"], "x": [0.5, 0.25], "y": [None, 1.0]}


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        to_csv({"a": [1], "b": [1, 2]})


def test_numbers_in_words() -> None:
    assert (percent(0.842), percent(0.842, 1)) == ("84 %", "84.2 %")
    assert (points(-0.18), points(0.05), points(0.001)) == ("\N{MINUS SIGN}18", "+5", "0")
    assert cell(float("nan")) is None


@pytest.mark.parametrize("scale", ["Viridis", "Cividis"])
def test_cell_text_is_readable_on_every_colour_of_both_scales(scale: str) -> None:
    from plotly.colors import sample_colorscale

    for value in np.linspace(0, 1, 101):
        red, green, blue = sample_colorscale(scale, [value], colortype="tuple")[0]
        text = on_scale(value)[1:]
        ink = [int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        assert contrast((red, green, blue), ink) >= 4.4, f"{scale} at {value:.2f}"


def contrast(one: object, other: object) -> float:
    """WCAG 2 contrast of two sRGB colours in 0..1."""

    def luminance(colour: object) -> float:
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]  # type: ignore[attr-defined]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
