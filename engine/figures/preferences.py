"""Old tasks against the newest, one point a preference, with the front of those that no other one beats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Bools, Floats
from engine.figures.look import DROP, NEW, ORDINARY, QUIET, add_line, frame, percent, with_legend
from engine.figures.tables import Table, cell

_HEIGHT = 340


def preference_points(
    preference: Floats, old: Floats, newest: Floats, front: Bools, own: int, chosen: int | None = None
) -> go.Figure:
    """Accuracy on the newest task over accuracy on earlier ones.

    Args:
        preference: how much the newest counts, [P].
        old, newest: accuracies, [P].
        front: which no other beats, [P].
        own, chosen: places of the run's own preference, and of one that the reader looks at.
    """
    figure = go.Figure()
    on = np.flatnonzero(front)
    on = on[np.argsort(old[on], kind="stable")]
    over = "newest counts %{customdata}<br>earlier %{x:.1%}, newest %{y:.1%}"
    said = np.array([percent(float(value)) for value in preference])
    off = np.flatnonzero(~front)
    figure.add_scatter(
        x=old[off],
        y=newest[off],
        mode="markers",
        name="beaten by another",
        marker={"color": QUIET, "size": 8},
        customdata=said[off],
        hovertemplate=f"{over}<extra></extra>",
    )
    add_line(figure, old[on], newest[on], "Pareto front", ORDINARY, over, customdata=said[on])
    places = [(own, "this run's", DROP, "diamond")]
    places += [] if chosen is None else [(chosen, "chosen below", NEW, "circle-open")]
    for place, name, colour, symbol in places:
        figure.add_scatter(
            x=[old[place]],
            y=[newest[place]],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 16, "symbol": symbol, "line": {"width": 3, "color": colour}},
            customdata=[said[place]],
            hovertemplate=f"{name}: {over}<extra></extra>",
        )
    for axis, title in ((figure.update_xaxes, "earlier tasks, right"), (figure.update_yaxes, "newest task, right")):
        axis(title=title, tickformat=".0%", fixedrange=True)
    return with_legend(frame(figure, _HEIGHT), fixed=True)


def preference_table(preference: Floats, shares: Sequence[Floats], front: Bools, own: int) -> Table:
    """The twin.

    Args:
        shares: accuracy on earlier tasks, the newest, and all, [P] each.
    """
    names = ("earlier tasks", "newest task", "all")
    table: Table = {"newest counts": [cell(value) for value in preference]}
    table |= {name: [cell(value) for value in values] for name, values in zip(names, shares, strict=True)}
    table["on the front"] = ["yes" if on else "no" for on in front]
    table["this run's"] = ["yes" if place == own else "" for place in range(len(preference))]
    return table
