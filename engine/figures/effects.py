"""What attributes do: the model's answer before and after an edit, and the mean effect of every attribute and value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.explain.effects import Means
from engine.explain.wording import signed
from engine.figures.contributions import axis_with_room
from engine.figures.look import ORDINARY, QUIET, SIGNED, frame, percent, plain, with_legend
from engine.figures.matrix import axis_of, cells
from engine.figures.tables import Table, cell, matrix_table

EDITED = "#9A5FB5"
"""Whatever is measured on an edited picture; readable on paper and on the dark page."""
_ROW = 30  # pixels of a bar with its name
_PAIR = 40  # pixels of two bars with their name
_CELL = 26
_CLIP = 99.0  # percentile of the sizes at which a signed scale ends
_NAMES = 45  # more columns than this go unnamed; the hover and the table name them
_TWO = 2.0  # standard errors drawn to either side: about 95 %


def paired_bars(names: Sequence[str], before: Floats, after: Floats) -> go.Figure:
    """What some concepts add before and after an edit, two bars each, in the order given; before is ordinary blue."""
    figure = go.Figure()
    rows = list(range(len(names)))
    for name, values, colour in (("before", before, ORDINARY), ("after", after, EDITED)):
        figure.add_bar(
            x=values,
            y=rows,
            orientation="h",
            name=name,
            marker={"color": colour},
            text=[signed(float(v), 2) for v in values],
            textposition="outside",
            textfont={"size": 11},
            constraintext="none",
            cliponaxis=False,
            hovertext=[f"{plain(n)}, {name}: {signed(float(v), 3)}" for n, v in zip(names, values, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    figure.update_yaxes(axis_of("", [plain(name) for name in names], downwards=True))
    figure.update_xaxes(axis_with_room([*before, *after]), title="added to the logit")
    framed = frame(figure, _PAIR * len(names) + 70, barmode="group", bargap=0.3, bargroupgap=0.08)
    return with_legend(framed, 1.0, margin_t=34)


def paired_table(names: Sequence[str], before: Floats, after: Floats) -> Table:
    """The twin of `paired_bars`."""
    return {
        "concept": [*names],
        "before": [cell(v) for v in before],
        "after": [cell(v) for v in after],
        "change": [cell(v) for v in after - before],
    }


def largest(before: Floats, after: Floats, top: int) -> list[int]:
    """The concepts worth showing: what the edit moved most first, then the largest that are left, `top` in all."""
    moved = np.argsort(-np.abs(after - before), kind="stable")[: (top + 1) // 2].tolist()
    large = np.argsort(-np.maximum(np.abs(before), np.abs(after)), kind="stable").tolist()
    rest = [k for k in large if k not in moved][: max(top - len(moved), 0)]
    return sorted({*moved, *rest}, key=lambda k: -float(max(abs(before[k]), abs(after[k]))))


def flip_bars(names: Sequence[str], flips: Means) -> go.Figure:
    """Share of birds whose name changes when an attribute is changed, the largest on top; lines are two errors."""
    order = np.argsort(-np.nan_to_num(flips.mean), kind="stable")
    shares, errors = flips.mean[order], np.nan_to_num(flips.error[order])
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=list(range(len(order))),
            orientation="h",
            marker={"color": EDITED},
            error_x={"type": "data", "array": _TWO * errors, "color": QUIET, "thickness": 2, "width": 3},
            hovertext=[
                f"{plain(names[i])}: {percent(flips.mean[i], 1)} of {flips.count[i]} birds, "
                f"standard error {percent(np.nan_to_num(flips.error[i]), 1)}"
                for i in order
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    for row, (share, error) in enumerate(zip(shares, errors, strict=True)):
        place = {"x": float(share + _TWO * error), "y": row, "xanchor": "left", "xshift": 6, "showarrow": False}
        figure.add_annotation(text=percent(float(share)), **place)
    most = float(np.nanmax(shares + _TWO * errors)) if len(order) else 1.0
    figure.update_yaxes(axis_of("", [plain(names[i]) for i in order], downwards=True))
    figure.update_xaxes(range=[0, 1.16 * max(most, 0.02)], tickformat=".0%", title="birds renamed")
    return frame(figure, _ROW * len(order) + 60)


def flip_table(names: Sequence[str], flips: Means, own: Means, predicted: Means, worse: Means) -> Table:
    """The twin of `flip_bars`, with the mean change of evidence for the bird's own species and for what it was taken
    for, and the share of birds that were right before and are wrong after."""
    order = np.argsort(-np.nan_to_num(flips.mean), kind="stable").tolist()
    return {
        "attribute": [names[i] for i in order],
        "edits": [int(flips.count[i]) for i in order],
        "renamed": [cell(flips.mean[i]) for i in order],
        "standard error": [cell(flips.error[i]) for i in order],
        "right before, wrong after": [cell(worse.mean[i]) for i in order],
        "own species": [cell(own.mean[i], 3) for i in order],
        "error of own species": [cell(own.error[i], 3) for i in order],
        "predicted species": [cell(predicted.mean[i], 3) for i in order],
        "error of predicted species": [cell(predicted.error[i], 3) for i in order],
    }


def value_map(effect: Means, values: Sequence[str], classes: Sequence[str], what: str) -> go.Figure:
    """Mean change of evidence for every class by value, [V, C]: blue where it rises, orange where it falls.

    Args:
        what: what was done with the value, for the hover: `"given"` or `"taken away"`.
    """
    found, count = effect.mean, effect.count
    known = np.abs(found[np.isfinite(found)])
    bound = float(np.percentile(known, _CLIP)) if len(known) else 1.0
    words = [
        [
            f"{plain(value)} {what}: {plain(name)} {signed(float(found[i, j]), 2)}"
            f"<br>{count[i]} birds, standard error {effect.error[i, j]:.2f}"
            for j, name in enumerate(classes)
        ]
        for i, value in enumerate(values)
    ]
    bar = {"thickness": 10, "len": 0.9, "outlinewidth": 0, "title": {"text": "logits", "side": "right"}}
    drawn = cells(found, (-bound, bound), SIGNED, words).update(zmid=0, xgap=1, showscale=True, colorbar=bar)
    figure = go.Figure(drawn)
    named = [plain(name) for name in classes] if len(classes) <= _NAMES else [""] * len(classes)
    figure.update_yaxes(axis_of("", [plain(value) for value in values], downwards=True))
    figure.update_xaxes(axis_of("", named) | {"tickangle": -60, "tickfont": {"size": 11}})
    return frame(figure, _CELL * len(values) + (220 if any(named) else 60))


def value_table(effect: Means, values: Sequence[str], classes: Sequence[str]) -> Table:
    """The twin of `value_map`: one row a value, with its birds, one column a class."""
    table = matrix_table(effect.mean, list(values), list(classes), "value")
    return {"value": table.pop("value"), "birds": [int(n) for n in effect.count], **table}


def effect_headline(names: Sequence[str], flips: Means) -> str:
    """The attribute that matters most, in words."""
    known = np.nan_to_num(flips.mean, nan=-1.0)
    top = int(known.argmax())
    least = int(np.nan_to_num(flips.mean, nan=2.0).argmin())
    return (
        f"Another {names[top]} renames {percent(float(flips.mean[top]))} of the birds, "
        f"another {names[least]} only {percent(float(flips.mean[least]))}"
    )
