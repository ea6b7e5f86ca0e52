"""A map of images: one point an image, at the same place at every moment; only colour and strength change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Bools, Floats, Ints
from engine.figures.look import (
    ACCURACY_SCALE,
    CONFUSION_SCALE,
    DARK_TEXT,
    DROP,
    OLD,
    ORDINARY,
    QUIET,
    frame,
    plain,
    with_legend,
)
from engine.figures.tables import Cell, Table, cell

Array = Floats

TOLD = (ORDINARY, "#009E73", "#CC79A7", "#56B4E9", DROP)
"""Colours of classes that are told apart; of many more nobody could. Their symbols differ as well."""
SYMBOLS = ("circle", "square", "triangle-up", "star", "diamond")
CHOSEN = "#E69F00"
"""The chosen point, its neighbours and the chosen concept."""
HEIGHT = 620
MAP_CONFIG = {
    "displaylogo": False,
    "displayModeBar": True,
    "scrollZoom": False,
    "modeBarButtons": [["lasso2d", "select2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
}
"""Plotly's configuration of the map: the only chart here that is selected from and zoomed."""

_SIZE, _FAINT = 7, 0.16
_TASK, _TICKS = "task", 10
"""Title of the scale of tasks, and how many whole numbers it has room for."""
_BEHIND = 0.5
"""How strong images are drawn behind concepts, as a share."""
_MARGIN = 0.04
"""Room around the outermost points, as a share of the width."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """Points that look alike.

    Attributes:
        name: in the legend; any text.
        members: indices of the points, [n].
        colour: one colour, or a number for each point.
        symbol: Plotly's name of the marker.
        scale: of the numbers, as (colour scale, lowest, highest, title).
        opacity: 0..1.
    """

    name: str
    members: Ints
    colour: str | Array = QUIET
    symbol: str = "circle"
    scale: tuple[str, float, float, str] | None = None
    opacity: float = 0.85


@dataclass(frozen=True, slots=True)
class Labels:
    """Points of another kind that are named: the concepts.

    Attributes:
        place: [K, 2].
        names: of each; any text.
        chosen: index of the one whose name is written out, or None.
    """

    place: Array
    names: tuple[str, ...]
    chosen: int | None = None


# -- who looks like what -----------------------------------------------------------------------------------------------


def by_task(tasks: Ints, known: Bools, total: int) -> list[Cloud]:
    """Points by the task of their class, early dark and late bright: tasks have an order, so a scale shows them.

    Args:
        tasks: of each point, from 0, [N].
        known: whether its class is learnt at this moment, [N].
        total: how many tasks there are.
    """
    members = np.flatnonzero(known)
    scale = (ACCURACY_SCALE, 1.0, float(max(total, 2)), _TASK)
    return [*_later(known), Cloud("learnt", members, tasks[members] + 1.0, scale=scale)]


def by_class(positions: Ints, known: Bools, told: Sequence[tuple[int, str]]) -> list[Cloud]:
    """At most five classes in colours, the others quiet.

    Args:
        positions: class of each point, [N].
        told: (class, name) of those that get a colour, the most important first.
    """
    shown = list(told)[: len(TOLD)]
    rest = known & ~np.isin(positions, [c for c, _ in shown])
    found = [*_later(known), Cloud("other classes", np.flatnonzero(rest), QUIET, opacity=0.35)]
    for (c, name), colour, symbol in zip(shown, TOLD, SYMBOLS, strict=False):
        found.append(Cloud(name, np.flatnonzero(known & (positions == c)), colour, symbol, opacity=0.95))
    return [cloud for cloud in found if len(cloud.members)]


def by_correctness(known: Bools, right: Bools, once: Bools) -> list[Cloud]:
    """Right, forgotten (once right, now wrong) and never right, in colour and shape, [N] each."""
    kinds = (
        Cloud("right", np.flatnonzero(known & right), QUIET, opacity=0.4),
        Cloud("wrong, never right", np.flatnonzero(known & ~right & ~once), OLD, "square", opacity=0.95),
        Cloud("forgotten: once right", np.flatnonzero(known & ~right & once), DROP, "x", opacity=1.0),
    )
    return [cloud for cloud in (*_later(known), *kinds) if len(cloud.members)]


def by_score(known: Bools, scores: Array, limits: tuple[float, float], concept: str) -> list[Cloud]:
    """Points by the score of a concept, [N], on a scale that is the same at every moment."""
    members = np.flatnonzero(known)
    scale = (CONFUSION_SCALE, *limits, f"score of “{concept}”")
    return [*_later(known), Cloud("learnt", members, np.asarray(scores[members], np.float64), scale=scale)]


def _later(known: Bools) -> list[Cloud]:
    members = np.flatnonzero(~known)
    return [Cloud("not learnt yet", members, QUIET, "circle-open", opacity=_FAINT)] if len(members) else []


# -- drawing -----------------------------------------------------------------------------------------------------------


def embedding_map(
    place: Array,
    clouds: Sequence[Cloud],
    words: Sequence[str],
    *,
    concepts: Labels | None = None,
    chosen: int | None = None,
    near: Sequence[int] = (),
    selected: frozenset[int] = frozenset(),
    axes: tuple[str, str] = ("", ""),
    height: int = HEIGHT,
) -> go.Figure:
    """Draw the map.

    A point's `customdata` is its index; a concept's is -1 - its index. That is what a click or a lasso hands over.

    Args:
        place: [N, 2].
        words: what the hover says of each point, [N]; any text.
        chosen, near: a point to ring, and its neighbours.
        selected: points that stay strong while the others fade; none means no selection.
        axes: titles.
    """
    figure = go.Figure()
    with_concepts = concepts is not None and len(concepts.names) > 0
    for cloud in clouds:
        figure.add_trace(_points(place, cloud, words, selected, _BEHIND if with_concepts else 1.0))
    if concepts is not None and with_concepts:
        figure.add_trace(_concepts(concepts))
        _named(figure, concepts)
    _ring(figure, place, near, 11, 1.2)
    if chosen is not None:
        _ring(figure, place, [chosen], 17, 3)
    every = place if concepts is None or not len(concepts.place) else np.concatenate([place, concepts.place])
    x, y = extent(every)
    figure.update_xaxes(_axis(axes[0], x))
    figure.update_yaxes({**_axis(axes[1], y), "scaleanchor": "x", "scaleratio": 1})
    bar = {"orientation": "v", "bgcolor": "rgba(0,0,0,0)", "color": QUIET, "activecolor": ORDINARY}
    return with_legend(frame(figure, height), 1.0, fixed=True).update_layout(
        modebar=bar,
        dragmode="lasso",
        clickmode="event+select",
        margin={"t": 44, "r": 40},
        hovermode="closest",
    )


def extent(place: Array) -> tuple[list[float], list[float]]:
    """Fixed ranges of both axes with a little room; of a single point a unit square."""
    low, high = place.min(0), place.max(0)
    room = _MARGIN * np.where(high > low, high - low, 25 * np.ones(2))
    (x0, y0), (x1, y1) = (low - room).tolist(), (high + room).tolist()
    return [x0, x1], [y0, y1]


def map_table(
    place: Array,
    images: Sequence[str],
    classes: Sequence[str],
    tasks: Ints,
    predicted: Sequence[str],
    scores: Array | None = None,
) -> Table:
    """The twin of `embedding_map`: one row a point."""
    table: Table = {
        "image": [*images],
        "class": [*classes],
        "task": [int(t) + 1 for t in tasks],
        "taken for": [*predicted],
        "x": [cell(v) for v in place[:, 0]],
        "y": [cell(v) for v in place[:, 1]],
    }
    if scores is not None:
        column: list[Cell] = [cell(v) for v in scores]
        table["score"] = column
    return table


def _points(
    place: Array, cloud: Cloud, words: Sequence[str], selected: frozenset[int], strength: float
) -> go.Scattergl:
    members, opacity = cloud.members, strength * cloud.opacity
    marker: dict[str, object] = {"size": _SIZE, "symbol": cloud.symbol, "opacity": opacity, "line": {"width": 0}}
    if isinstance(cloud.colour, str):
        marker["color"] = cloud.colour
    else:
        name, low, high, title = cloud.scale or (ACCURACY_SCALE, 0.0, 1.0, "")
        bar = {"title": {"text": plain(title), "side": "right"}, "thickness": 9, "len": 0.6, "outlinewidth": 0}
        bar |= {"dtick": -(-int(high) // _TICKS)} if title == _TASK else {}
        marker |= {"color": cloud.colour, "colorscale": name, "cmin": low, "cmax": high, "colorbar": bar}
    kept = [i for i, m in enumerate(members.tolist()) if m in selected] if selected else None
    return go.Scattergl(
        x=place[members, 0],
        y=place[members, 1],
        mode="markers",
        name=plain(cloud.name),
        showlegend=cloud.scale is None,
        marker=marker,
        customdata=members,
        text=[plain(words[m]).replace("\n", "<br>") for m in members],
        hovertemplate="%{text}<extra></extra>",
        selectedpoints=kept,
        unselected={"marker": {"opacity": _FAINT / 2}},
    )


def _concepts(concepts: Labels) -> go.Scattergl:
    every = np.arange(len(concepts.names))
    return go.Scattergl(
        x=concepts.place[:, 0],
        y=concepts.place[:, 1],
        mode="markers",
        name="concepts (their words)",
        marker={"symbol": "cross", "size": 9, "color": QUIET, "line": {"width": 0}},
        customdata=-1 - every,
        text=[f"concept: {plain(name)}" for name in concepts.names],
        hovertemplate="%{text}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _named(figure: go.Figure, concepts: Labels) -> None:
    """The chosen concept's words, above all points: an annotation, as WebGL points cover ordinary text."""
    if concepts.chosen is None or concepts.chosen >= len(concepts.names):
        return
    x, y = (float(v) for v in concepts.place[concepts.chosen])
    label = {"text": plain(concepts.names[concepts.chosen]), "font": {"color": DARK_TEXT, "size": 13}}
    arrow = {"showarrow": True, "arrowhead": 6, "arrowwidth": 2, "arrowcolor": CHOSEN, "ax": 24, "ay": -32}
    figure.add_annotation(x=x, y=y, bgcolor=CHOSEN, borderpad=3, **label, **arrow)


def _ring(figure: go.Figure, place: Array, members: Sequence[int], size: int, width: float) -> None:
    if not len(members):
        return
    at = place[list(members)]
    figure.add_scattergl(
        x=at[:, 0],
        y=at[:, 1],
        mode="markers",
        marker={"symbol": "circle-open", "size": size, "color": CHOSEN, "line": {"width": width, "color": CHOSEN}},
        hoverinfo="skip",
        showlegend=False,
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )


def _axis(title: str, limits: list[float]) -> dict[str, object]:
    return {
        "title": {"text": title, "standoff": 4},
        "range": limits,
        "showticklabels": False,
        "showgrid": False,
        "fixedrange": False,
        "ticks": "",
    }
