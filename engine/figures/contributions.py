"""Signed bars of one image's contributions, which add up to the logit, with the sum printed."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from engine.explain.contributions import Bars
from engine.explain.wording import signed
from engine.figures.look import AGAINST, FOR, MINUS, QUIET, frame, plain
from engine.figures.matrix import axis_of
from engine.figures.tables import Table, cell

"""Signed values: blue adds, orange takes away; every bar also carries its sign in words."""
LONGEST = 34
"""Characters of a concept's name on the axis; the whole name is in the hover and the table."""
ROW = 29
"""Pixels a bar takes."""
ROOM = 0.26
"""Room beyond the longest bar for its number, as a share of the axis."""


def contribution_bars(
    found: Bars, total: str = "logit", chosen: int | None = None, constant: str = "bias"
) -> go.Figure:
    """Bars by size, then the sum of the others, what a side channel adds (hatched), the constant, and the total.

    Points of the trace are in the order of `found.concepts`, so that a click on point i < len(concepts) means that
    concept.

    Args:
        total: what the bars add up to, in words.
        chosen: index of the concept to outline, if it is among the bars.
        constant: what the bias is called.
    """
    names, values = _rows(found, total, constant)
    count = len(found.values)
    signed_too = {*range(count), *([] if found.side is None else [len(values) - 3])}
    colours = [QUIET if i not in signed_too else FOR if v >= 0 else AGAINST for i, v in enumerate(values)]
    hatched = ["/" if i in signed_too and i >= count else "" for i in range(len(values))]
    outlined = [count > i and found.concepts[i] == chosen for i in range(len(values))]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(range(len(values))),
            orientation="h",
            marker={
                "color": colours,
                "pattern": {"shape": hatched},
                "line": {"width": [3 if on else 0 for on in outlined], "color": "#E69F00"},
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            text=[f"<b>{signed(v, 2)}</b>" if i == len(values) - 1 else signed(v, 2) for i, v in enumerate(values)],
            textposition="outside",
            cliponaxis=False,
            hovertext=[f"{plain(name)}: {signed(v, 4)}" for name, v in zip(names, values, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.add_hline(y=len(values) - 1.5, line_width=1, line_color=QUIET)
    figure.update_yaxes(axis_of("", [plain(short(name)) for name in names], downwards=True, room=0.6))
    title = {"text": f"added to the {total}", "standoff": 4}
    figure.update_xaxes({**axis_with_room(values), "title": title, "showticklabels": False})  # each bar has its number
    return frame(figure, ROW * len(values) + 46)


def contributions_table(found: Bars, total: str = "logit", constant: str = "bias") -> Table:
    """The twin: every bar, and the running sum that ends at the total."""
    names, values = _rows(found, total, constant)
    running, sums = 0.0, []
    for value in values[:-1]:
        running += value
        sums.append(cell(running))
    return {"concept": [*names], "adds": [cell(v) for v in values], "sum so far": [*sums, cell(values[-1])]}


def sum_line(found: Bars, total: str = "logit", constant: str = "bias") -> str:
    """The addition in words: `3.21 (12 concepts) + 0.40 (sum of 68 others) - 0.10 (bias) = 3.51 (logit)`.

    Rounded so that the printed numbers add up: no part is off by more than one in the last place.
    """
    parts = [
        (float(found.values.sum()), f"{len(found.values)} concept{'s' if len(found.values) > 1 else ''}"),
        *([(found.others, _others(found))] if found.others_count else []),
        *([] if found.side is None else [(found.side, found.side_name)]),
        (found.bias, constant),
    ]
    values = adding_up([value for value, _ in parts], found.logit)
    (first, name), *rest = zip(values, (name for _, name in parts), strict=True)
    text = f"{_number(first)} ({name})"
    text += "".join(f" {MINUS if v < 0 else '+'} {abs(v):.2f} ({name})" for v, name in rest)
    return f"{text} = {_number(found.logit)} ({total})"


def adding_up(parts: Sequence[float], total: float, digits: int = 2) -> list[float]:
    """Parts rounded so that they add up to the rounded total: the largest rounding errors give way."""
    unit = 10.0**-digits
    whole = [round(part / unit) for part in parts]
    gap = round(total / unit) - sum(whole)
    step = 1 if gap > 0 else -1
    errors = [step * (part / unit - n) for part, n in zip(parts, whole, strict=True)]
    for i in sorted(range(len(parts)), key=lambda i: -errors[i])[: abs(gap)]:
        whole[i] += step
    return [n * unit for n in whole]


def apart(found: Bars) -> float:
    """How far the printed parts miss the model's own logit; within 1e-4."""
    return abs(float(found.values.sum()) + found.others + (found.side or 0.0) + found.bias - found.logit)


def short(name: str, longest: int = LONGEST) -> str:
    """A name cut at a word where it is too long for an axis."""
    if len(name) <= longest:
        return name
    cut = name[: longest - 1]
    head = cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut
    return f"{head}…"


def _rows(found: Bars, total: str, constant: str) -> tuple[list[str], list[float]]:
    names, values = [*found.names], [float(v) for v in found.values]
    if found.others_count:
        names.append(_others(found))
        values.append(found.others)
    if found.side is not None:
        names.append(found.side_name)
        values.append(found.side)
    return [*names, constant, total], [*values, found.bias, found.logit]


def _others(found: Bars) -> str:
    return f"sum of {found.others_count} other{'s' if found.others_count > 1 else ''}"


def _number(value: float) -> str:
    return f"{MINUS if value < 0 else ''}{abs(value):.2f}"


def axis_with_room(values: Sequence[float]) -> dict[str, object]:
    """Zero always in sight, with room for the numbers on the sides that have bars."""
    low, high = min(0.0, *values), max(0.0, *values)
    room = ROOM * max(high - low, 1e-9)
    return {
        "range": [low - (room if low < 0 else 0), high + (room if high > 0 else 0)],
        "zeroline": True,
        "zerolinecolor": QUIET,
        "zerolinewidth": 1,
        "showgrid": False,
    }
