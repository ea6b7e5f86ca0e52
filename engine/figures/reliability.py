"""The reliability diagram: how often the model is right, by how sure it says it is."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from engine.figures.look import DROP, MINUS, ORDINARY, QUIET, frame, percent, whiskers
from engine.figures.tables import Table, cell
from engine.metrics.calibration import FITS, IN_A_BIN, ON_AVERAGE, Bias, Reliability, bias, verdict
from engine.metrics.robustness import wilson
from engine.metrics.wording import hundredths, points

_SMALL, _LARGE = 7, 26
"""Pixels of a mark, for the fewest and the most images."""


def headline(found: Reliability) -> str:
    """What its confidence is to be called, in words that were tested (`engine.metrics.calibration.verdict`)."""
    told = verdict(found)
    how = "too sure" if told.told.gap > 0 else "not sure enough"
    size = points(told.told.gap, 1)
    if told.kind == ON_AVERAGE:
        return f"It is {how}, by {size} on average"
    if told.kind == IN_A_BIN and told.bin is not None:
        low, high = found.edges[told.bin], found.edges[told.bin + 1]
        return f"It is {how} where it says {100 * low:.0f} to {100 * high:.0f} %, by {size}"
    if told.kind == FITS:
        return f"Its confidence fits on average: {size} off"
    return "Too few images to say whether its confidence fits"


def span_of(gap: Bias) -> str:
    """The interval of a signed gap in points."""
    return f"{hundredths(gap.low)} to {hundredths(gap.high)} points"


def reliability_diagram(found: Reliability, height: int = 380) -> go.Figure:
    """Share right against confidence, one mark a bin with its interval; on the dotted line they are equal.

    Marks below the line, where the model is too sure, are orange; a larger mark stands for more images.
    """
    known = np.flatnonzero(found.count)
    sure, right, count = found.confidence[known], found.accuracy[known], found.count[known]
    low, high = wilson(np.round(right * count).astype(np.int64), count)
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": QUIET, "dash": "dot", "width": 2}, hoverinfo="skip"
    )
    most = max(1, int(count.max(initial=1)))
    figure.add_scatter(
        x=sure,
        y=right,
        mode="markers",
        marker={
            "size": _SMALL + (_LARGE - _SMALL) * np.sqrt(count / most),
            "color": [ORDINARY if r >= c else DROP for r, c in zip(right, sure, strict=True)],
            "opacity": 0.9,
        },
        error_y=whiskers(right, low, high, color=QUIET, thickness=1.5, width=4),
        hovertext=[_words(found, int(b)) for b in known],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    place = {"showarrow": False, "font": {"color": QUIET, "size": 12}, "xref": "paper", "yref": "paper"}
    figure.add_annotation(x=0.02, y=0.98, xanchor="left", yanchor="top", text="not sure enough", **place)
    figure.add_annotation(x=0.98, y=0.02, xanchor="right", yanchor="bottom", text="too sure", **place)
    figure.update_xaxes(title="how sure it says it is", tickformat=".0%", range=[-0.02, 1.04], dtick=0.25)
    figure.update_yaxes(title="share right", tickformat=".0%", range=[-0.02, 1.06], dtick=0.25)
    return frame(figure, height)


def reliability_table(found: Reliability) -> Table:
    """The twin: one row a bin that holds images, with its gap and the gap's z."""
    known = np.flatnonzero(found.count).tolist()
    gaps = [bias(found, only=b) for b in known]
    return {
        "sure from": [cell(found.edges[b]) for b in known],
        "to": [cell(found.edges[b + 1]) for b in known],
        "mean confidence": [cell(found.confidence[b]) for b in known],
        "share right": [cell(found.accuracy[b]) for b in known],
        "gap": [cell(gap.gap) for gap in gaps],
        "z": [cell(gap.z, 2) for gap in gaps],
        "images": [int(found.count[b]) for b in known],
    }


def _words(found: Reliability, place: int) -> str:
    gap = bias(found, only=place)
    z = f"{gap.z:+.1f}".replace("-", MINUS) if np.isfinite(gap.z) else "not known"
    return (
        f"{gap.count} images: {percent(float(found.confidence[place]))} sure, "
        f"{percent(float(found.accuracy[place]))} right (z = {z})"
    )
