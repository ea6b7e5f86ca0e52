"""What edits of a model did: by split, by task, by repair."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats, Ints
from engine.figures.effects import EDITED
from engine.figures.look import DROP, MINUS, NEW, ORDINARY, QUIET, frame, percent, plain
from engine.figures.matrix import axis_of
from engine.figures.tables import Table, cell, matrix_table

_ROW = 46
"""Pixels a row of `before_after` takes."""
_LINE = 34
"""Letters of a label before it is broken."""


# -- before and after --------------------------------------------------------------------------------------------------


def headline(corrected: int, broken: int, where: str) -> str:
    """The finding in words, for example `Corrects 61 and breaks 12 images: validation, elsewhere`."""
    if not corrected and not broken:
        return f"Changes no prediction: {where}"
    return f"Corrects {corrected} and breaks {broken} images: {where}"


def splits_headline(before: Sequence[float], after: Sequence[float], edited: bool) -> str:
    """What edits do to validation as it is and, where that is known, elsewhere; without edits, where the run stands.

    Args:
        before, after: accuracies on validation, and on validation elsewhere where that is known.
    """
    if not edited:
        away = f", and {percent(before[1])} of the same elsewhere" if len(before) > 1 else ""
        return f"The run gets {percent(before[0])} of validation right{away}"
    gains = [change(now - was) for was, now in zip(before, after, strict=True)]
    return f"Validation {gains[0]}" + (f", elsewhere {gains[1]}" if len(gains) > 1 else "")


def before_after(names: Sequence[str], before: Floats, after: Floats) -> go.Figure:
    """Accuracy of the run (grey dot) and of the edited model (purple diamond) on each split, joined by a line.

    Args:
        names: of the S splits.
        before, after: accuracies, [S].
    """
    figure = go.Figure()
    places = list(range(len(names)))
    for place, (was, now) in enumerate(zip(before.tolist(), after.tolist(), strict=True)):
        figure.add_scatter(
            x=[was, now], y=[place] * 2, mode="lines", line={"color": EDITED, "width": 4}, hoverinfo="skip", opacity=0.5
        )
    same = bool(np.array_equal(before, after, equal_nan=True))
    looks = ((before, QUIET, "circle", "the run"), (after, EDITED, "diamond", "edited"))
    for values, colour, symbol, said in looks[: 1 if same else 2]:
        figure.add_scatter(
            x=values,
            y=places,
            mode="markers",
            marker={"size": 13, "color": colour, "symbol": symbol},
            customdata=[plain(name) for name in names],
            hovertemplate=f"%{{customdata}}, {said}: %{{x:.1%}}<extra></extra>",
        )
    figure.update_xaxes(tickformat=".0%", showgrid=False, nticks=5)
    rows = [_row(*row) for row in zip(names, before.tolist(), after.tolist(), strict=True)]
    figure.update_yaxes(axis_of("", rows, downwards=True))
    return frame(figure, 40 + _ROW * len(names))


def _row(name: str, was: float, now: float) -> str:
    """A split's name and numbers, as the label of its row: readable on any width."""
    if not np.isfinite(was) or not np.isfinite(now):
        return plain(name)
    moved = f"{percent(was, 1)} → <b>{percent(now, 1)}</b> ({tenths(now - was)})"
    return f"{plain(name)}<br>{percent(was, 1) if was == now else moved}"


def before_after_table(
    names: Sequence[str], images: Ints, before: Floats, after: Floats, corrected: Ints, broken: Ints
) -> Table:
    """The twin of `before_after`."""
    return {
        "images": list(names),
        "how many": images.tolist(),
        "the run": [cell(v) for v in before],
        "edited": [cell(v) for v in after],
        "corrected": corrected.tolist(),
        "broken": broken.tolist(),
    }


def by_task(corrected: Ints, broken: Ints, sizes: Ints, height: int = 260) -> go.Figure:
    """Of each task's images: how many the edits corrected, upwards, and how many they broke, downwards."""
    tasks = list(range(1, len(sizes) + 1))
    figure = go.Figure()
    for counts, sign, colour, said in ((corrected, 1, NEW, "corrected"), (broken, -1, DROP, "broken")):
        figure.add_bar(
            x=tasks,
            y=sign * counts,
            marker={"color": colour, "pattern": {"shape": "" if sign > 0 else "/"}},
            customdata=np.stack([counts, sizes], 1),
            text=[str(c) if c else "" for c in counts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"task %{{x}}: %{{customdata[0]}} of %{{customdata[1]}} {said}<extra></extra>",
            name=said,
        )
    up, down = (max(1, *counts.tolist()) if len(counts) else 1 for counts in (corrected, broken))
    room = 0.3 * max(up, down)
    figure.add_hline(y=0, line_width=1, line_color=QUIET)
    key = f"<b><span style='color:{NEW}'>▲ corrected</span>  <span style='color:{DROP}'>▼ broken</span></b>"
    figure.add_annotation(
        x=0, y=1.04, xref="paper", yref="paper", text=key, showarrow=False, xanchor="left", yanchor="bottom"
    )
    figure.update_xaxes(title="task", tickmode="linear", dtick=max(1, -(-len(tasks) // 12)), showgrid=False)
    figure.update_yaxes(visible=False, range=[-down - room, up + room])
    return frame(figure, height, barmode="relative", bargap=0.35).update_layout(margin_t=30)


def by_task_table(corrected: Ints, broken: Ints, sizes: Ints, before: Floats, after: Floats) -> Table:
    """The twin of `by_task`, with the accuracies."""
    return {
        "task": list(range(1, len(sizes) + 1)),
        "images": sizes.tolist(),
        "corrected": corrected.tolist(),
        "broken": broken.tolist(),
        "the run": [cell(v) for v in before],
        "edited": [cell(v) for v in after],
    }


def tenths(difference: float) -> str:
    """A difference of accuracies in points to one digit, with its sign and a true minus."""
    text = f"{abs(100 * difference):.1f}"
    return text if text == "0.0" else f"{'+' if difference > 0 else MINUS}{text}"


def change(difference: float) -> str:
    """A difference of accuracies in points, with its sign and unit."""
    return f"{tenths(difference)} points"


# -- repairs -----------------------------------------------------------------------------------------------------------


def repair_plane(
    titles: Sequence[str], ordinary: Floats, moved: Floats, offered: int | None, reference: tuple[float, float] | None
) -> go.Figure:
    """Every repair as a point: accuracy on images as they are against accuracy on the same images moved elsewhere.

    Args:
        titles: of the R alternatives; the first is the model as it is.
        ordinary, moved: accuracies, [R]; NaN for what cannot be done.
        offered: the one to stand out.
        reference: the same two numbers of the nearest class mean.
    """
    figure = go.Figure()
    if offered is not None:
        figure.add_annotation(
            x=ordinary[offered],
            y=moved[offered],
            ax=ordinary[0],
            ay=moved[0],
            xref="x",
            yref="y",
            axref="x",
            ayref="y",
            showarrow=True,
            arrowhead=3,
            arrowwidth=2.5,
            arrowcolor=EDITED,
            standoff=9,
            startstandoff=8,
            text="",
            opacity=0.6,
        )
    places = [r for r in range(len(titles)) if np.isfinite(ordinary[r])]
    colours = [QUIET if r == 0 else EDITED if r == offered else ORDINARY for r in places]
    figure.add_scatter(
        x=ordinary[places],
        y=moved[places],
        mode="markers",
        marker={
            "size": [16 if r in (0, offered) else 11 for r in places],
            "color": colours,
            "symbol": ["circle" if r == 0 else "diamond" for r in places],
        },
        customdata=[plain(titles[r]) for r in places],
        hovertemplate="%{customdata}<br>as they are %{x:.1%}, elsewhere %{y:.1%}<extra></extra>",
    )
    named = [(0, "the run"), *([(offered, "offered")] if offered is not None else [])]
    for r, said in named:
        figure.add_annotation(
            x=ordinary[r], y=moved[r], text=f"<b>{said}</b>", showarrow=False, yshift=18 if r else -20
        )
    if reference is not None:
        figure.add_scatter(
            x=[reference[0]],
            y=[reference[1]],
            mode="markers+text",
            marker={"size": 11, "color": QUIET, "symbol": "x"},
            text=["nearest class mean"],
            textposition="middle left",
            hovertemplate="nearest class mean<br>as they are %{x:.1%}, elsewhere %{y:.1%}<extra></extra>",
        )
    every = np.concatenate([ordinary[places], [reference[0]] if reference else []])
    span = max(float(every.max() - every.min()), 0.02)
    figure.update_xaxes(
        title="right on validation images",
        tickformat=".0%",
        range=[every.min() - 0.3 * span, every.max() + 0.2 * span],
        showgrid=False,
    )
    figure.update_yaxes(title="right on the same, elsewhere", tickformat=".0%", showgrid=False)
    return frame(figure, 360)


def repair_table(
    titles: Sequence[str], splits: Sequence[str], accuracy: Floats, concepts: Floats, reasons: Sequence[str]
) -> Table:
    """The twin of `repair_plane`, with the test splits, the effective concepts a class, and why what cannot be done."""
    table = matrix_table(accuracy, titles, splits, "repair")
    return {**table, "concepts a class": [cell(v, 1) for v in concepts], "why not": list(reasons)}


def label(name: str) -> str:
    """A label of at most two lines."""
    if len(name) <= _LINE:
        return plain(name)
    cut = name.rfind(" ", 0, _LINE)
    return f"{plain(name[:cut])}<br>{plain(name[cut + 1 :][:_LINE])}" if cut > 0 else plain(name[:_LINE])
