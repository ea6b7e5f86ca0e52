"""Charts as drawings: what stands where, in pixels, and what is refused."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image
from pypdf import PdfReader

from engine.drawing import pages
from engine.drawing.chart import chart
from engine.drawing.export import FORMS, drawing, exported
from engine.drawing.ink import lines, paint, wrapped
from engine.errors import NotApplicable

BARE = {"showgrid": False, "showticklabels": False}


def drawn(figure: go.Figure, wide: float = 200, high: float = 100) -> ET.Element:
    """The drawing, which must be XML; without the frame's margins a unit is easy to count."""
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, xaxis=BARE, yaxis=BARE, font_size=1)
    return ET.fromstring(pages.document(wide, high, chart(figure, wide, high)))


def found(drawing: ET.Element, tag: str) -> list[dict[str, str]]:
    """Attributes of all elements of a kind but the page and the clip, in order."""
    ns = "{http://www.w3.org/2000/svg}"
    clips = {id(one) for clip in drawing.iter(f"{ns}clipPath") for one in clip}
    return [one.attrib for one in drawing.iter(f"{ns}{tag}") if id(one) not in clips][1 if tag == "rect" else 0 :]


def words(drawing: ET.Element) -> str:
    return "|".join("".join(one.itertext()) for one in drawing.iter("{http://www.w3.org/2000/svg}text"))


def test_lying_bars_begin_at_their_base_and_are_as_long_as_they_say():
    figure = go.Figure(
        go.Bar(
            x=[3, -2],
            y=["a", "b"],
            base=[0, 3],
            orientation="h",
            width=0.5,
            marker_color=["#ff0000", "rgba(0,0,255,.5)"],
        )
    )
    figure.update_xaxes(range=[0, 4])
    first, second = found(drawn(figure), "rect")
    assert (first["x"], first["width"], first["fill"]) == ("0", "150", "#ff0000")
    assert (second["x"], second["width"], second["fill"], second["fill-opacity"]) == ("50", "100", "#0000ff", "0.5")
    assert float(first["y"]) > float(second["y"])  # the first name lies at the bottom


def test_bars_stand_beside_each_other_or_on_each_other():
    traces = [go.Bar(x=[0], y=[1], width=None), go.Bar(x=[0], y=[3])]
    beside = found(drawn(go.Figure(traces).update_layout(bargap=0, barmode="group")), "rect")
    assert float(beside[0]["x"]) + float(beside[0]["width"]) == pytest.approx(float(beside[1]["x"]), abs=0.02)
    above = found(
        drawn(go.Figure(traces).update_layout(bargap=0, barmode="relative").update_yaxes(range=[0, 4])), "rect"
    )
    assert float(above[1]["y"]) + float(above[1]["height"]) == pytest.approx(float(above[0]["y"]), abs=0.02)
    assert float(above[1]["height"]) == pytest.approx(3 * float(above[0]["height"]), abs=0.05)


def test_a_line_breaks_where_a_value_is_missing_and_markers_beyond_the_axes_are_left_out():
    figure = go.Figure(go.Scatter(x=[0, 1, 2, 3, 9], y=[0, 1, None, 1, 1], mode="lines+markers"))
    figure.update_xaxes(range=[0, 4]).update_yaxes(range=[0, 1])
    made = drawn(figure)
    assert [path["d"].count("L") for path in found(made, "path")] == [1, 1]
    assert [dot["cx"] for dot in found(made, "circle")] == ["0", "50", "150"]


def test_cells_have_the_colours_of_their_values_and_gaps_where_there_is_none():
    figure = go.Figure(
        go.Heatmap(z=[[0.0, 1.0], [np.nan, 0.4]], colorscale=[[0, "#000000"], [1, "#ffffff"]], showscale=False)
    )
    cells = found(drawn(figure), "rect")  # two columns: each is half as wide as the area
    assert [cell["fill"] for cell in cells] == ["#000000", "#ffffff", "#666666"]
    assert [float(cell["width"]) for cell in cells] == [100, 100, 100]


def test_markers_whose_colours_are_numbers_have_those_of_their_scale_and_show_it():
    marker = {"color": [0.0, 1.0], "cmin": 0, "cmax": 1, "colorscale": [[0, "#000000"], [1, "#ffffff"]]}
    figure = go.Figure(
        go.Scatter(x=[0, 1], y=[0, 1], mode="markers", marker=marker | {"colorbar": {"tickvals": [0, 1]}})
    )
    figure.update_xaxes(range=[-1, 2]).update_yaxes(range=[-1, 2])
    made = drawn(figure)
    assert [dot["fill"] for dot in found(made, "circle")] == ["#000000", "#ffffff"]
    assert words(made) == "0|1" and len(found(made, "rect")) > 10  # the scale, in bands, beside the chart


def test_error_bars_reach_from_the_lower_to_the_upper_end():
    error = {"type": "data", "symmetric": False, "array": [1], "arrayminus": [2], "width": 0}
    figure = go.Figure(go.Scatter(x=[5], y=[0.5], error_x=error, mode="markers"))
    figure.update_xaxes(range=[0, 10]).update_yaxes(range=[0, 1])
    (bar,) = [one["d"] for one in found(drawn(figure), "path")]
    assert re.findall(r"[\d.]+", bar)[::2] == ["60.00", "120.00"]


def test_notes_stand_at_values_or_at_shares_of_the_area():
    figure = go.Figure(go.Scatter(x=[0, 4], y=[0, 1]))
    figure.update_xaxes(range=[0, 4]).update_yaxes(range=[0, 1])
    figure.add_annotation(x=1, y=0.5, text="<b>fell</b> here", showarrow=False, xshift=10, xanchor="left")
    figure.add_annotation(x=1, y=1, xref="paper", yref="paper", text="corner", showarrow=False)
    figure.add_vline(x=2)
    made = drawn(figure)
    first, corner = made.iter("{http://www.w3.org/2000/svg}text")
    assert first[0].attrib["x"] == "60" and first.attrib["text-anchor"] == "start"
    assert first[0][0].attrib == {"font-weight": "bold"} and words(made) == "fell here|corner"
    assert corner.attrib["text-anchor"] == "end" and corner[0].attrib["x"] == "200"
    assert [line["x1"] for line in found(made, "line")] == ["100"]


def test_anybodys_words_stay_words():
    hostile = "</text><script>alert(1)</script>\x00 & <i>x</i>"
    figure = go.Figure(go.Bar(x=[hostile], y=[1], text=[hostile], name=hostile))
    text = exported(drawing(figure.update_layout(showlegend=True, height=200)), "svg", hostile).decode()
    assert ET.fromstring(text) is not None and "<script" not in text and "\x00" not in text


@pytest.mark.parametrize(
    "figure", [go.Figure(go.Pie(values=[1])), go.Figure(go.Scatter(y=[1], marker_symbol="hourglass", mode="markers"))]
)
def test_what_is_not_drawn_is_refused_by_name(figure):
    with pytest.raises(NotApplicable, match=r"pie|hourglass"):
        chart(figure, 100, 100)


def test_every_form_is_what_it_says():
    figure = go.Figure(go.Scatter(x=[1, 2], y=[0, 1])).update_layout(height=180, xaxis_title_text="after task")
    drawn_ = drawing(figure)
    made = {ending: exported(drawn_, ending, "A title") for ending in FORMS}
    assert Image.open(io.BytesIO(made["png"])).size == (1520, 360) and made["svg"].startswith(b"<svg")
    read = PdfReader(io.BytesIO(made["pdf"]))
    assert len(read.pages) == 1 and "after task" in read.pages[0].extract_text() and read.metadata.title == "A title"
    assert not list(read.pages[0].images)  # lines and letters, not a photograph of them


def test_colours_lines_and_rows_of_words():
    assert paint("rgba(213,94,0,0.06)") == ("#d55e00", 0.06) and paint("#fff") == ("#ffffff", 1.0)
    assert lines("a <b>b</b><br>&lt;c&gt;<span>d</span>") == [
        [("a ", False), ("b", True)],
        [("<c>", False), ("d", False)],
    ]
    rows = wrapped("one two three four", 10, 50)
    assert " ".join(rows) == "one two three four" and len(rows) > 1
