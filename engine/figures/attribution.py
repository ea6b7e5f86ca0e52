"""Why an image, or a task's images, were forgotten: the margin's way from then to now, part by part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Bools, Floats
from engine.explain.forgetting import PARTS, Forgotten
from engine.explain.wording import signed
from engine.figures.look import AGAINST, DROP, FOR, NEW, QUIET, frame, percent, with_legend
from engine.figures.matrix import axis_of
from engine.figures.tables import Table, cell

COLOURS = ("#56B4E9", DROP, NEW)
"""Of the three parts, in the order of `PARTS`."""
ROW = 34
"""Pixels a row of the waterfall takes."""
_BARS_HEIGHT = 300


def waterfall(values: Floats, before: float, after: float, then: int, now: int) -> go.Figure:
    """One image's margin from `before` to `after`, with what each part [3] did to it. Left of 0 the image is wrong.

    Args:
        then, now: the tasks (from 0) after which it was right and is wrong.
    """
    starts = [0.0, *(before + np.cumsum([0.0, *values[:-1]])), 0.0]
    lengths = [before, *values, after]
    names = [f"margin after task {then + 1}", *PARTS, f"margin after task {now + 1}"]
    colours = [QUIET, *(FOR if v >= 0 else AGAINST for v in values), QUIET]
    figure = go.Figure(
        go.Bar(
            x=lengths,
            base=starts,
            y=list(range(len(names))),
            orientation="h",
            marker_color=colours,
            text=[signed(v, 2) for v in lengths],
            textposition="outside",
            cliponaxis=False,
            hovertext=[f"{name}: {signed(v, 4)}" for name, v in zip(names, lengths, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.add_vline(x=0, line_width=1, line_color=QUIET)
    figure.update_yaxes(axis_of("", names, downwards=True, room=0.6))
    ends = np.array([0.0, *starts, *(np.array(starts) + lengths)])
    room = 0.34 * float(np.ptp(ends))
    figure.update_xaxes(
        title={"text": "margin, in logits", "standoff": 4},
        range=[ends.min() - room, ends.max() + room],
        showgrid=False,
    )
    return frame(figure, ROW * len(names) + 50)


def waterfall_table(values: Floats, shares: Floats, restored: Bools, before: float, after: float) -> Table:
    """The twin of `waterfall`."""
    return {
        "part": ["margin then", *PARTS, "margin now"],
        "logits": [cell(before), *(cell(v) for v in values), cell(after)],
        "share of the loss": [None, *(cell(v) for v in shares), None],
        "right again if put back alone": ["", *("yes" if r else "no" for r in restored), ""],
    }


def headline(shares: Floats) -> str:
    """The largest share in words, for example `Head drift took 62 % of the margin`."""
    if not np.isfinite(shares).all():
        return "Nothing was lost"
    top = int(shares.argmax())
    helped = [PARTS[i] for i in range(3) if shares[i] < -0.005]
    rest = f"; {' and '.join(helped)} worked against it" if helped else ""
    part = PARTS[top]
    if shares[top] > 1:
        return f"{part[:1].upper()}{part[1:]} took it all{rest}"
    return f"{part[:1].upper()}{part[1:]} took {percent(float(shares[top]))} of the margin{rest}"


def restored_words(restored: Bools) -> str:
    """Which parts, put back alone, make the image right again."""
    alone = [f"the old {name}" for name, yes in zip(("bottleneck", "head", "classes"), restored, strict=True) if yes]
    if not alone:
        return "No part put back alone would make it right again."
    listed = alone[0] if len(alone) == 1 else f"{', '.join(alone[:-1])} or {alone[-1]}"
    return f"It would be right with {listed} alone."


def forgotten_bars(found: Sequence[Forgotten], tasks: Sequence[int]) -> go.Figure:
    """Share of the lost margin each part took, by task; tasks from 0, those that lost nothing left out."""
    kept = [(t, f) for t, f in zip(tasks, found, strict=True) if f.lost]
    names = [f"task {t + 1}<br>{f.lost} of {f.images}" for t, f in kept]
    figure = go.Figure()
    for part, colour in enumerate(COLOURS):
        values = [float(f.shares[part]) for _, f in kept]
        figure.add_bar(
            x=names,
            y=values,
            name=PARTS[part],
            marker={"color": colour, "line": {"width": 1, "color": QUIET}},
            customdata=[[f.lost, f.images, f.restored[part]] for _, f in kept],
            hovertemplate=f"{PARTS[part]}: %{{y:.0%}} of the margin lost<br>%{{customdata[0]}} of %{{customdata[1]}} "
            "images forgotten<br>put back alone, %{customdata[2]:.0%} of them are right<extra></extra>",
        )
    figure.add_hline(y=0, line_width=1, line_color=QUIET)
    figure.update_yaxes(title="share of the margin lost", tickformat=".0%")
    figure.update_xaxes(showgrid=False)
    return with_legend(frame(figure, _BARS_HEIGHT, barmode="group", bargap=0.3), margin_t=34)


def forgotten_table(found: Sequence[Forgotten], tasks: Sequence[int]) -> Table:
    """The twin of `forgotten_bars`, with tasks that lost nothing."""
    table: Table = {
        "task": [t + 1 for t in tasks],
        "images right then": [f.images for f in found],
        "of these wrong now": [f.lost for f in found],
    }
    for part, name in enumerate(PARTS):
        table[name] = [cell(float(f.shares[part])) for f in found]
        table[f"right with old {('bottleneck', 'head', 'classes')[part]}"] = [
            cell(float(f.restored[part])) for f in found
        ]
    return table


def forgotten_headline(whole: Forgotten) -> str:
    """The whole run in words."""
    if not whole.lost:
        return "No image that was recognised has been forgotten"
    part = PARTS[int(whole.shares.argmax())]
    images = f"{whole.lost} image{'s' if whole.lost > 1 else ''}"
    return f"{images} forgotten, most by {part}"
