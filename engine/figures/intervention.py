"""What clicks are worth, policy by policy: accuracy curves, and their areas against the random order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Bools, Floats
from engine.figures.look import NEW, OLD, QUIET, frame, percent, plain
from engine.figures.scenario import tenths
from engine.figures.tables import Cell, Table, cell

CHANCE = "random"
"""The policy that all others have to beat."""
COLOURS = {"coop": "#0072B2", "ectp": "#009E73", "eudtp": "#E69F00", "cctp": "#CC79A7", "ucp": "#56B4E9"}
DASHES = {CHANCE: "dash", "lcp": "dot", "greedy": "dot", "eudtp": "dashdot", "ucp": "longdash"}
"""Colour is never alone: bounds are dotted, chance is dashed, and pale colours have a pattern of their own."""
_NAMES_ROOM = 118  # pixels right of the lines for their names
_APART = 0.042  # least distance of two names, as a share of the axis
_STEP = 0.05  # of the accuracy axis
_WORTH = 0.005
"""A difference of areas below this is not worth a sentence."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas under the accuracy curves, [P, 3] for all, old and new images, 0..1; NaN where there are no such images.

    Attributes:
        names: of the policies.
        bound: [P], which look at the answers first.
        areas: [P, 3].
        gain: area over all images beyond that of the random order, [P].
        low, high: ends of the gain's 95 % interval over the images, [P].
    """

    names: tuple[str, ...]
    bound: Bools
    areas: Floats
    gain: Floats
    low: Floats
    high: Floats

    def best(self) -> int | None:
        """The policy with the largest area that a person could follow, or None."""
        fair = [i for i, name in enumerate(self.names) if not self.bound[i] and name != CHANCE]
        return max(fair, key=lambda i: self.areas[i, 0], default=None)


def areas_of(names: tuple[str, ...], bound: Bools, accuracy: Floats, gain: tuple[Floats, Floats, Floats]) -> Areas:
    """Mean height of every curve over its clicks, by trapezoids.

    Args:
        accuracy: [P, 3, M + 1].
        gain: beyond the random order, with the ends of its interval, [P] each.
    """
    return Areas(names, bound, (accuracy[..., 1:] + accuracy[..., :-1]).mean(-1) / 2, *gain)


def policy_lines(names: tuple[str, ...], accuracy: Floats, every: float, titles: Mapping[str, str]) -> go.Figure:
    """Accuracy before any click and after each, one line a policy.

    Args:
        accuracy: [P, M + 1], 0..1.
        every: accuracy once everything was answered; a thin line.
        titles: the policies' names on screen.
    """
    figure, clicks = go.Figure(), np.arange(accuracy.shape[1])
    for name, line in zip(names, accuracy, strict=True):
        figure.add_scatter(
            x=clicks,
            y=line,
            mode="lines",
            name=plain(titles[name]),
            line={"color": COLOURS.get(name, QUIET), "width": 2.5, "dash": DASHES.get(name, "solid")},
            hovertemplate=f"{plain(titles[name])}, %{{x}} set: %{{y:.1%}}<extra></extra>",
        )
    low, high = _limits(np.append(accuracy, every))
    figure.add_hline(y=every, line_width=1, line_dash="dot", line_color=QUIET)
    _name_ends(figure, names, accuracy[:, -1], int(clicks[-1]), titles, (low, high))
    _axes(figure, int(clicks[-1]), low, high)
    return frame(figure, 380).update_layout(margin_r=_NAMES_ROOM)


def old_new_lines(accuracy: Floats) -> go.Figure:
    """The curves of one policy on earlier tasks' images and on the newest task's; accuracy [3, M + 1]."""
    figure, clicks = go.Figure(), np.arange(accuracy.shape[1])
    for row, name, colour, dash in ((1, "old", OLD, "dash"), (2, "new", NEW, "solid")):
        if np.isfinite(accuracy[row]).all():
            figure.add_scatter(
                x=clicks,
                y=accuracy[row],
                mode="lines",
                name=name,
                line={"color": colour, "width": 3, "dash": dash},
                hovertemplate=f"{name} classes, %{{x}} set: %{{y:.1%}}<extra></extra>",
            )
    low, high = _limits(accuracy)
    ends = {name: accuracy[row, -1] for row, name in ((1, "old"), (2, "new")) if np.isfinite(accuracy[row, -1])}
    _name_ends(figure, tuple(ends), np.array(list(ends.values())), int(clicks[-1]), {n: n for n in ends}, (low, high))
    _axes(figure, int(clicks[-1]), low, high)
    return frame(figure, 380).update_layout(margin_r=_NAMES_ROOM)


def curves_table(names: tuple[str, ...], accuracy: Floats, titles: Mapping[str, str]) -> Table:
    """The twin of `policy_lines`: one row a number of concepts set."""
    table: Table = {"concepts set": list(range(accuracy.shape[1]))}
    for name, line in zip(names, accuracy, strict=True):
        table[titles[name]] = [cell(v) for v in line]
    return table


def old_new_table(accuracy: Floats) -> Table:
    """The twin of `old_new_lines`."""
    clicks: list[Cell] = list(range(accuracy.shape[1]))
    return {
        "concepts set": clicks,
        "old classes": [cell(v) for v in accuracy[1]],
        "new classes": [cell(v) for v in accuracy[2]],
    }


def areas_table(found: Areas, titles: Mapping[str, str]) -> Table:
    """Areas by policy, largest first, with what each gains on the random order and what to make of it."""
    order = np.argsort(-found.areas[:, 0], kind="stable")
    return {
        "policy": [titles[found.names[i]] for i in order],
        "all": [cell(found.areas[i, 0]) for i in order],
        "old": [cell(found.areas[i, 1]) for i in order],
        "new": [cell(found.areas[i, 2]) for i in order],
        "beyond random": [cell(found.gain[i]) for i in order],
        "low": [cell(found.low[i]) for i in order],
        "high": [cell(found.high[i]) for i in order],
        "note": [note(found, int(i)) for i in order],
    }


def note(found: Areas, policy: int) -> str:
    """What to make of a policy's area, in two or three words."""
    if found.names[policy] == CHANCE:
        return "what all have to beat"
    if found.bound[policy]:
        return "knows the answers: a bound"
    if found.low[policy] > 0:
        return "better than random"
    return "worse than random" if found.high[policy] < 0 else "not told from random"


def headline(found: Areas, accuracy: Floats, titles: Mapping[str, str]) -> str:
    """What clicks are worth, in one sentence; accuracy [P, M + 1]."""
    best = found.best()
    if best is None:
        return "Only the random order was tried"
    clicks, gain = accuracy.shape[1] - 1, float(accuracy[best, -1] - accuracy[best, 0])
    name = titles[found.names[best]].partition(":")[0]
    if gain < _WORTH:
        before, after = (percent(accuracy[best, at], 1) for at in (0, -1))
        what = "do harm" if gain < -_WORTH else "do not help"
        return f"{clicks} answers an image {what}: {before} before, {after} after"
    chance = accuracy[found.names.index(CHANCE), -1] - accuracy[best, 0] if CHANCE in found.names else np.nan
    random = f", in random order {tenths(float(chance))}" if np.isfinite(chance) else ""
    return f"{clicks} answers an image, asked by {name}, are worth {tenths(gain)} points{random}"


def against_chance(found: Areas, titles: Mapping[str, str]) -> str:
    """Which policies that a person could follow ask better than chance, which worse, in one sentence."""
    said = {}
    for verdict in ("better", "worse"):
        names = [titles[n].partition(":")[0] for i, n in enumerate(found.names) if note(found, i).startswith(verdict)]
        if names:
            listed = " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
            said[verdict] = f"{listed} ask{'s' if len(names) == 1 else ''} {verdict} than chance"
    return "; ".join(said.values()) or "None can be told from asking in random order"


def _name_ends(
    figure: go.Figure,
    names: tuple[str, ...],
    ends: Floats,
    at: int,
    titles: Mapping[str, str],
    limits: tuple[float, float],
) -> None:
    """Name the lines behind their ends, none over another."""
    low, high = limits
    order = np.argsort(ends)
    places = _spread(((ends[order] - low) / (high - low)).tolist())
    for i, place in zip(order, places, strict=True):
        text = f"{plain(titles[names[i]].partition(':')[0])} {percent(ends[i], 1)}"
        figure.add_annotation(
            text=text,
            x=at,
            y=low + place * (high - low),
            xanchor="left",
            xshift=8,
            showarrow=False,
            font={"size": 12},
        )


def _spread(places: list[float]) -> list[float]:
    """Ascending places 0..1, pushed apart by at least `_APART` and kept within the axis."""
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + _APART) if found else place)
    over = max(0.0, found[-1] - 1.0) if found else 0.0
    for i in range(len(found) - 1, -1, -1):
        ceiling = found[i + 1] - _APART if i + 1 < len(found) else 1.0
        found[i] = min(found[i], ceiling) if over else found[i]
    return found


def _limits(values: Floats) -> tuple[float, float]:
    """The axis: whole steps around what is drawn, at least two of them."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.floor(known.min() / _STEP), np.ceil(known.max() / _STEP)
    if high - low < 2:
        low, high = (low - 1, high) if high * _STEP >= 1 else (low, low + 2)
    return max(0.0, float(low * _STEP)), min(1.0, float(high * _STEP))


def _axes(figure: go.Figure, clicks: int, low: float, high: float) -> None:
    room = 0.03 * (high - low)
    figure.update_xaxes(title="concepts set", range=[0, clicks], showgrid=False)
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=[low - room, high + room])
