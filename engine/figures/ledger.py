"""What the model claims against what it uses: a point for each attribute, an edit's paths, findings in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.explain.claims import ClaimLine, Correlation
from engine.explain.wording import signed
from engine.figures.effects import EDITED
from engine.figures.look import DARK_TEXT, LIGHT_TEXT, QUIET, frame, percent, plain
from engine.figures.matrix import axis_of, cells, number
from engine.figures.tables import Table, cell, matrix_table

_HEIGHT = 430
_TWO = 2.0
_WIDE, _HIGH = 500.0, 340.0  # pixels of the scatter's inside on an ordinary screen
_DOT, _LETTER, _LINE = 7.0, 6.6, 15.0  # half a point, a letter's width, a line's height
_PATH_SCALE = [[0.0, "#F6F1F8"], [0.6, "#9A5FB5"], [1.0, "#5B2A73"]]
_WHITE_FROM = 0.42
"""Share from which the text of the path map is white."""
_TOLD = 0.05
"""Share from which a cell of the path map has its number."""
_HARDLY = 0.5
"""A claim below this share of the use is "hardly" a claim."""


def claim_scatter(names: Sequence[str], claimed: Floats, used: Floats, errors: Floats) -> go.Figure:
    """Claimed against used, [A] each in logits; on the dashed line the weights keep their word."""
    known: list[int] = np.flatnonzero(np.isfinite(claimed) & np.isfinite(used)).tolist()
    most = 1.12 * float(max(claimed[known].max(), used[known].max(), 0.1)) if len(known) else 1.0
    figure = go.Figure()
    figure.add_scatter(x=[0, most], y=[0, most], mode="lines", line={"color": QUIET, "dash": "dash"}, hoverinfo="skip")
    figure.add_scatter(
        x=claimed[known],
        y=used[known],
        mode="markers+text",
        text=[plain(names[i]) for i in known],
        textposition=_places([names[i] for i in known], claimed[known], used[known], most),
        error_y={"type": "data", "array": _TWO * np.nan_to_num(errors[known]), "color": QUIET, "thickness": 1.5},
        marker={"size": 11, "color": EDITED},
        hovertext=[f"{plain(names[i])}: claims {claimed[i]:.2f}, uses {used[i]:.2f} logits" for i in known],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    quiet = {"showarrow": False, "font": {"color": QUIET, "size": 13}}
    figure.add_annotation(x=0.03 * most, y=0.97 * most, text="uses more than it claims", xanchor="left", **quiet)
    figure.add_annotation(x=0.97 * most, y=0.04 * most, text="claims more than it uses", xanchor="right", **quiet)
    axis = {"range": [0, most], "showgrid": False}
    figure.update_xaxes(title="claimed by the weights, logits", **axis)
    figure.update_yaxes(title="really used, logits", **axis)
    return frame(figure, _HEIGHT)


def claim_table(names: Sequence[str], claimed: Floats, used: Floats, errors: Floats, counts: Sequence[int]) -> Table:
    """The twin of `claim_scatter`."""
    return {
        "attribute": list(names),
        "claimed": [cell(v, 3) for v in claimed],
        "used": [cell(v, 3) for v in used],
        "standard error": [cell(v, 3) for v in errors],
        "edits": [*counts],
    }


def entry_table(
    entries: Sequence[ClaimLine], names: Sequence[str], classes: Sequence[str], concepts: Sequence[int]
) -> Table:
    """Lines of a ledger with the class, the value, claimed and used, edits, and weighted concepts naming the value."""
    return {
        "class": [classes[e.position] for e in entries],
        "concept": [names[e.what] for e in entries],
        "claimed": [cell(e.claimed, 2) for e in entries],
        "used": [cell(e.used, 2) for e in entries],
        "±": [cell(e.error, 2) for e in entries],
        "edits": [e.count for e in entries],
        "weighted": [int(concepts[e.what]) for e in entries],
    }


def path_map(paths: Floats, names: Sequence[str]) -> go.Figure:
    """Through which concepts an edit acts: shares of the row's whole, rows are what was changed, [A, A + 1]."""
    shares = paths / np.maximum(paths.sum(1, keepdims=True), 1e-12)
    columns = [*names, "others"]
    words = [
        [
            f"{plain(name)} changed: {percent(shares[i, j])} through concepts of {plain(to)}"
            for j, to in enumerate(columns)
        ]
        for i, name in enumerate(names)
    ]
    figure = go.Figure(cells(shares, (0, 1), _PATH_SCALE, words))
    figure.layout.annotations = [
        number(i, j, f"{100 * share:.0f}", 12, color=LIGHT_TEXT if share >= _WHITE_FROM else DARK_TEXT)
        for (i, j), share in np.ndenumerate(shares)
        if share >= _TOLD
    ]
    figure.update_yaxes(axis_of("", [plain(n) for n in names], downwards=True))
    figure.update_xaxes(axis_of("through concepts of", [plain(n) for n in columns]) | {"tickangle": -45})
    return frame(figure, _HEIGHT)


def path_table(paths: Floats, names: Sequence[str]) -> Table:
    """The twin of `path_map`, in logits."""
    return matrix_table(paths, list(names), [f"through {name}" for name in (*names, "others")], "changed")


def path_headline(paths: Floats) -> str:
    """How much of an edit's effect takes the way its name suggests."""
    own = float(np.diag(paths).sum() / max(float(paths.sum()), 1e-12))
    return f"{percent(own)} of an edit's effect goes through concepts that name what was changed"


def finding(entry: ClaimLine, attribute: str, class_name: str) -> str:
    """One entry of an attribute's ledger as a sentence."""
    claim = f"the {attribute} of the {class_name} ({entry.claimed:.1f} logits)"
    use = f"by {entry.used:.1f} when the {attribute} really changes"
    if entry.claimed < _HARDLY * entry.used:
        return f"It hardly claims {claim}, yet its evidence moves {use}"
    if entry.claimed > entry.used:
        return f"It claims {claim}, yet its evidence moves only {use}"
    return f"It claims {claim}, and its evidence moves {use}"


def correlation_words(found: Correlation | None) -> str:
    """How well claims foretell uses, with the interval."""
    if found is None:
        return "Too few attributes differ to say whether claims foretell uses."
    low, high = (signed(v, 2).lstrip("+") for v in (found.low, found.high))
    value = signed(found.value, 2).lstrip("+")
    return f"Correlation of claims and uses over the attributes {value} (95 % interval {low} to {high})."


Box = tuple[float, float, float, float]
"""Centre and half sizes, in pixels."""


def _places(names: Sequence[str], x: Floats, y: Floats, most: float) -> list[str]:
    """On which side of each point its name goes: the first side on which it covers neither point nor name."""
    taken: list[Box] = [
        (float(a), float(b), _DOT, _DOT) for a, b in zip(x / most * _WIDE, y / most * _HIGH, strict=True)
    ]
    places = ["middle right"] * len(x)
    for i in np.argsort(-x, kind="stable").tolist():
        boxes = _boxes(names[i], taken[i])
        others = taken[:i] + taken[i + 1 :]
        places[i] = next((side for side, box in boxes.items() if _free(box, others)), "middle right")
        taken.append(boxes[places[i]])
    return places


def _boxes(name: str, dot: Box) -> dict[str, Box]:
    """Where the name would lie on each side of its point, the sides in order of preference."""
    x, y, half, low = dot[0], dot[1], _LETTER * len(name) / 2, _LINE / 2
    return {
        "middle right": (x + _DOT + half, y, half, low),
        "middle left": (x - _DOT - half, y, half, low),
        "top center": (x, y + _DOT + low, half, low),
        "bottom center": (x, y - _DOT - low, half, low),
    }


def _free(box: Box, others: Sequence[Box]) -> bool:
    inside = box[0] - box[2] > 0 and box[0] + box[2] < _WIDE
    apart = all(abs(box[0] - o[0]) >= box[2] + o[2] or abs(box[1] - o[1]) >= box[3] + o[3] for o in others)
    return inside and apart
