"""What a budget of clicks recovers of what was forgotten, and what it breaks on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats, Ints
from engine.figures.intervention import COLOURS, DASHES
from engine.figures.look import DROP, QUIET, frame, percent, plain, with_legend
from engine.figures.tables import Table, cell


def at_budget(clicks: Ints, values: Floats, budget: int) -> float:
    """A curve's value at a budget: that of the largest computed budget not beyond it."""
    return float(values[max(int(np.searchsorted(clicks, budget, side="right")) - 1, 0)])


def sentence(clicks: Ints, recovered: Floats, broken: Floats, forgotten: int, budget: int) -> str:
    """What a budget buys, in one sentence."""
    back, lost = at_budget(clicks, recovered, budget), at_budget(clicks, broken, budget)
    spoilt = f", and break {lost:.0f} other{'s' if round(lost) != 1 else ''}" if round(lost) else ", and break none"
    return f"{budget:,} clicks recover {percent(back / forgotten)} of the {forgotten} forgotten images{spoilt}"


def budget_lines(
    clicks: Ints,
    recovered: Floats,
    broken: Floats,
    forgotten: int,
    names: Sequence[str],
    titles: Mapping[str, str],
    chosen: str,
    budget: int,
) -> go.Figure:
    """Recovered share against total clicks, one line a policy; of the chosen one also what breaks.

    Args:
        clicks, recovered, broken: [P, B] each, by policy.
        budget: the reader's; a thin line.
    """
    figure = go.Figure()
    for i, name in enumerate(names):
        mine = name == chosen
        figure.add_scatter(
            x=np.maximum(clicks[i], 1),
            y=recovered[i] / forgotten,
            mode="lines",
            name=plain(titles[name].partition(":")[0]),
            opacity=1.0 if mine else 0.45,
            line={"color": COLOURS.get(name, QUIET), "width": 4 if mine else 1.5, "dash": DASHES.get(name, "solid")},
            hovertemplate=f"{plain(titles[name])}: %{{x:,}} clicks, %{{y:.0%}} recovered<extra></extra>",
        )
    row = list(names).index(chosen)
    figure.add_scatter(
        x=np.maximum(clicks[row], 1),
        y=broken[row] / forgotten,
        mode="lines",
        name="broken",
        line={"color": DROP, "width": 2, "dash": "dot"},
        hovertemplate="%{x:,} clicks break as many as %{y:.0%} of the forgotten<extra></extra>",
    )
    figure.add_vline(x=budget, line_width=1, line_color=QUIET)
    most = int(clicks[:, -1].max())
    figure.update_xaxes(
        title="clicks in all",
        type="log",
        range=[1, float(np.log10(max(most, 11)))],
        tickformat=",",
        dtick=1,
        showgrid=False,
    )
    top = max(1.0, float(broken[row].max()) / forgotten)
    figure.update_yaxes(title="of the forgotten", tickformat=".0%", range=[-0.02, top * 1.03])
    return with_legend(frame(figure, 380), legend_font_size=12)


def budget_table(clicks: Ints, recovered: Floats, broken: Floats, forgotten: int) -> Table:
    """The twin of `budget_lines` for one policy."""
    return {
        "clicks": [int(c) for c in clicks],
        "recovered": [cell(v, 1) for v in recovered],
        "recovered share": [cell(v / forgotten) for v in recovered],
        "broken": [cell(v, 1) for v in broken],
    }
