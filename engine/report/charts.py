"""Figures as they stand in a report: Plotly as data for its script, Altair as a drawing, pictures as they are.

Altair would need most of a megabyte of scripts of its own (vega, vega-lite and what embeds them). vl-convert draws its
charts here instead, so the file needs one script only, and those curves show without any.
"""

from __future__ import annotations

import json
import re
from typing import Any

from engine.exhibits.exhibit import Exhibit
from engine.figures.film import FilmFigure
from engine.report.marks import data, safe

WIDTH = 760
"""Of drawings, in pixels: that of the text column."""
_LINE = "#8c877b"
"""Readable on paper and in the dark."""
_VEGA = {
    "background": None,
    "font": "Source Sans 3, Source Sans Pro, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "gridColor": _LINE,
        "gridOpacity": 0.25,
        "domainColor": _LINE,
        "tickColor": _LINE,
    },
    "legend": {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 12},
}
_NAMED = re.compile(r'(\bid="|url\(#|href="#)')


def chart(exhibit: Exhibit, name: str) -> str:
    """An exhibit's figure as HTML.

    Args:
        name: unique in the file.
    """
    figure = exhibit.figure
    if exhibit.html is not None:
        return exhibit.html
    if hasattr(figure, "add_trace"):
        return _plotly(figure, exhibit, name)
    if isinstance(figure, FilmFigure):
        return f'<div class="film-box" id="{safe(name)}"></div>{data(figure.data, f"{name}-data")}'
    return _drawing(figure, exhibit, name)


def _plotly(figure: Any, exhibit: Exhibit, name: str) -> str:
    """A box of the figure's height, filled by the page's script when it comes into view, and the figure's data."""
    found = json.loads(figure.to_json())
    found["layout"].pop("template", None)  # the page has one for light and one for dark
    for trace in found["data"]:
        if trace["type"] == "scattergl":  # WebGL needs rights that this page does not give, and prints as a picture
            trace["type"] = "scatter"
    height = int(found["layout"].get("height") or 360)
    box = f'<div class="chart" id="{safe(name)}" role="img" aria-label="{safe(exhibit.headline)}"'
    return f'{box} style="min-height:{height}px"></div>{data(found, f"{name}-data")}'


def _drawing(figure: Any, exhibit: Exhibit, name: str) -> str:
    """An Altair chart as SVG that takes its text colour from the page."""
    import vl_convert  # 90 MB of a JavaScript engine: only where there is something to draw

    spec = figure.to_dict()
    spec["config"] = {**spec.get("config", {}), **_VEGA}
    spec.update(width=WIDTH, autosize={"type": "fit", "contains": "padding"})
    drawn = vl_convert.vegalite_to_svg(spec)
    drawn = _NAMED.sub(rf"\g<1>{name}-", drawn)  # two drawings in one page must not share names
    return f'<div class="drawing" role="img" aria-label="{safe(exhibit.headline)}">{drawn}</div>'
