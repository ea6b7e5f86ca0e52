"""Methods in one picture: accuracy against what it costs, a point each; and what each of them forgets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.contributions import short
from engine.figures.look import DROP, FOR, NEW, QUIET, frame, percent, plain, whiskers, with_legend
from engine.figures.matrix import HEIGHT, axis_of, cells

_PICTURE = 400
"""Height in pixels: labels need room."""
_LABELS = 14
"""Of more points than this only those are named that no other beats both ways; the rest on hover and in the table."""
_BESIDE = 3.0
"""Where on a logarithmic axis what has no place on it stands: so many times as far as the rest."""
_MARGIN = 1.6
_ROOM = 0.03
_NEAR = 0.04
"""Difference of accuracies below which two labels on one side would touch."""
CONCEPTS, BLACK_BOX, LOOKS_BACK = "with concepts", "black box", "sees earlier tasks again"
"""What a method is: it has concepts, it has none, or it is no continual learner but a bound for those that are."""
_LOOKS = {
    CONCEPTS: (FOR, "circle"),
    BLACK_BOX: (NEW, "diamond-open"),
    LOOKS_BACK: (QUIET, "square-open"),
}
_TICKS = np.outer(10.0 ** np.arange(-3, 12), [1, 2, 5]).ravel()
_ROW = 17
_NEITHER = "#EAE6DC"
_LEAST = 0.05  # of the scale of losses, so that chance does not look like a landslide


@dataclass(frozen=True, slots=True)
class Point:
    """A method in the picture.

    Attributes:
        title: any text.
        run: what opens when it is clicked.
        sort: one of `CONCEPTS`, `BLACK_BOX` and `LOOKS_BACK`.
        x: of its runs, [n], above 0; NaN where it has none.
        y: accuracy of its runs, [n], 0..1.
    """

    title: str
    run: str
    sort: str
    x: Floats
    y: Floats


def picture(points: Sequence[Point], x_words: str, beside: str) -> go.Figure:
    """Accuracy against something on a logarithmic axis, means with one standard deviation of the runs either way.

    Args:
        beside: words on the axis for those that have no place on it.
    """
    known = [each for each in points if np.isfinite(each.x).all()]
    right = max((float(each.x.mean()) for each in known), default=1.0) * _BESIDE
    figure = go.Figure()
    named = {each.run for each in (points if len(points) <= _LABELS else unbeaten(points))}
    for sort in _LOOKS:
        own = [each for each in points if each.sort == sort]
        if own:
            _add(figure, own, right, sort, named)
    left = min((float(each.x.mean()) for each in known), default=1.0) / _MARGIN
    ticks = _TICKS[(left <= _TICKS) & (right / _MARGIN > _TICKS)]
    span = [float(np.log10(left)), float(np.log10(right * _MARGIN))]
    said = [f"{tick:,.10g}" for tick in ticks]
    figure.update_xaxes(title=x_words, type="log", range=span, tickvals=ticks, ticktext=said)
    if len(known) < len(points):
        figure.add_vline(x=right / _MARGIN, line={"color": QUIET, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=float(np.log10(right)),
            y=0,
            yref="paper",
            yanchor="bottom",
            text=beside,
            showarrow=False,
            font={"color": QUIET},
        )
    figure.update_yaxes(title="last accuracy", tickformat=".0%", range=_span(points))
    return with_legend(frame(figure, _PICTURE))


def unbeaten(points: Sequence[Point]) -> list[Point]:
    """Those that no other one is both as far to the left and higher of; what has no place on the axis is last there."""
    x = [float(each.x.mean()) if np.isfinite(each.x).all() else np.inf for each in points]
    places = list(zip(x, (-float(each.y.mean()) for each in points), strict=True))
    found = []
    for i, (at, low) in enumerate(places):
        others = [(place, j) for j, place in enumerate(places) if place[0] <= at and place[1] <= low and j != i]
        if not any(place != (at, low) or j < i for place, j in others):  # of equal ones the first
            found.append(points[i])
    return found


def _add(figure: go.Figure, own: Sequence[Point], right: float, sort: str, named: Collection[str]) -> None:
    colour, symbol = _LOOKS[sort]
    x = np.array([each.x.mean() if np.isfinite(each.x).all() else right for each in own])
    y = np.array([each.y.mean() for each in own])
    over = np.array([_spread(each.y) for each in own])
    along = np.array([_spread(each.x) if np.isfinite(each.x).all() else 0.0 for each in own])
    said = [f"{plain(each.title)}<br>{percent(float(each.y.mean()), 1)}{_runs(each)}" for each in own]
    figure.add_scatter(
        x=x,
        y=y,
        name=sort,
        mode="markers+text",
        text=[plain(short(each.title)) if each.run in named else "" for each in own],
        textposition=_places(x, y, right / _MARGIN, [each.run in named for each in own]),
        marker={"color": colour, "symbol": symbol, "size": 12, "line": {"width": 2, "color": colour}},
        error_y=whiskers(y, y - over, y + over, color=colour, thickness=1.5, width=4),
        error_x=whiskers(x, np.maximum(x - along, x * 0.05), x + along, color=colour, thickness=1.5, width=4),
        customdata=[[each.run] for each in own],
        hovertext=said,
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )


def _places(x: Floats, y: Floats, outwards: float, named: Sequence[bool]) -> list[str]:
    """On which side of its point each label stands: to the right, far out to the left, and of neighbours one each."""
    found = ["middle right"] * len(y)
    before: int | None = None
    for i in filter(named.__getitem__, np.argsort(-y, kind="stable").tolist()):
        side = "left" if x[i] >= outwards else "right"
        near = before is not None and abs(y[before] - y[i]) < _NEAR and found[before].endswith(side)
        found[i] = f"middle {({'left': 'right', 'right': 'left'}[side]) if near else side}"
        before = i
    return found


def _spread(values: Floats) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def _runs(point: Point) -> str:
    return f" ± {100 * _spread(point.y):.1f}, {len(point.y)} runs" if len(point.y) > 1 else ", one run"


def _span(points: Sequence[Point]) -> list[float]:
    low = min(float(each.y.mean()) - _spread(each.y) for each in points)
    high = max(float(each.y.mean()) + _spread(each.y) for each in points)
    room = max(_ROOM, 0.1 * (high - low))
    return [max(0.0, low - room), min(1.0 + _ROOM, high + room)]


def losses(values: Floats, names: Sequence[str], methods: Sequence[str]) -> go.Figure:
    """What each method lost, [names, methods], in points; NaN where it is not known."""
    limit = max(_LEAST, float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0)
    words = [[_lost(values[i, j], name, method) for j, method in enumerate(methods)] for i, name in enumerate(names)]
    scale = [[0.0, FOR], [0.5, _NEITHER], [1.0, DROP]]
    figure = go.Figure(cells(values, (-limit, limit), scale, words, 1))
    figure.update_xaxes(axis_of("", [plain(short(method)) for method in methods]))
    figure.update_yaxes(axis_of("", [plain(short(name)) for name in names], downwards=True))
    return frame(figure, max(HEIGHT, _ROW * len(names) + 60))


def _lost(value: float, name: str, method: str) -> str:
    if not np.isfinite(value):
        return f"{plain(name)}, {plain(method)}: not known"
    return f"{plain(name)}, {plain(method)}: lost {100 * value:.0f} points".replace("lost -", "gained ")
