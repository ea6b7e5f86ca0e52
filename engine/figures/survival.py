"""Whether what edits corrected stays right over the later tasks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats, Ints
from engine.figures.effects import EDITED
from engine.figures.look import ORDINARY, QUIET, frame
from engine.figures.tables import Table, cell


def survival(
    tasks: Ints, corrected: int, kept: Ints, alone: Ints, trained: Ints | None, height: int = 300
) -> go.Figure:
    """Of the images that edits corrected: the share still right after each later task.

    Args:
        tasks: the models, [U], from 0; the first is the edited one.
        corrected: how many there are.
        kept, alone: right with the edits replayed, and without any, [U].
        trained: right in a fork trained on from the edited model, [U]; -1 where it has no such task. None without one.
    """
    figure = go.Figure()
    lines = [("edits replayed", kept, EDITED, "solid"), ("no edits", alone, QUIET, "dot")]
    if trained is not None:
        lines.insert(1, ("trained on", trained, ORDINARY, "dash"))
    total, ends = max(corrected, 1), []
    for said, counts, colour, dash in lines:
        known = np.flatnonzero(counts >= 0)
        figure.add_scatter(
            x=tasks[known] + 1,
            y=counts[known] / total,
            mode="lines+markers",
            line={"color": colour, "width": 3, "dash": dash},
            marker={"size": 8},
            customdata=counts[known],
            hovertemplate=f"after task %{{x}}, {said}: %{{customdata}} of {corrected}<extra></extra>",
        )
        if len(known):
            ends.append((float(counts[known[-1]]) / total, int(tasks[known[-1]]) + 1, said, colour))
    for value, at, said, colour in _apart(ends):
        figure.add_annotation(
            x=at, y=value, text=f"<b>{said}</b>", font={"color": colour}, showarrow=False, xanchor="left", xshift=10
        )
    ends_at = [tasks[0] + 0.7, tasks[-1] + 1.3] if len(tasks) else None
    figure.update_xaxes(title="after task", tickmode="linear", dtick=1, showgrid=False, range=ends_at)
    figure.update_yaxes(range=[-0.05, 1.08], tickformat=".0%", showgrid=False, zeroline=False)
    return frame(figure, height).update_layout(margin_r=120)


def survival_words(tasks: Ints, corrected: int, kept: Ints, trained: Ints | None = None) -> str:
    """The finding in words, for example `Of 61 corrected images 48 are still right after task 8; trained on, 23`."""
    if not corrected:
        return "The edits corrected no image here"
    if len(tasks) < 2:
        return f"{corrected} images were corrected, and no later task is finished"
    image = "image" if corrected == 1 else "images"
    verb = "is" if kept[-1] == 1 else "are"
    told = f"Of {corrected} corrected {image} {kept[-1]} {verb} still right after task {tasks[-1] + 1}"
    return told if trained is None or trained[-1] < 0 else f"{told}; trained on instead, {trained[-1]}"


def survival_table(
    tasks: Ints, kept: Ints, alone: Ints, trained: Ints | None, accuracy: dict[str, Floats], missing: Ints
) -> Table:
    """The twin of `survival`, with the accuracies on all classes seen."""
    table: Table = {
        "after task": (tasks + 1).tolist(),
        "right, edits replayed": kept.tolist(),
        "right, no edits": alone.tolist(),
    }
    if trained is not None:
        table["right, trained on"] = [count if count >= 0 else None for count in trained.tolist()]
    for name, values in accuracy.items():
        table[f"accuracy, {name}"] = [cell(v) for v in values]
    table["edits without effect"] = missing.tolist()
    return table


def _apart(ends: Sequence[tuple[float, int, str, str]], least: float = 0.09) -> list[tuple[float, int, str, str]]:
    """Names behind lines' ends, moved up where they would overlap."""
    placed: list[tuple[float, int, str, str]] = []
    for value, *rest in sorted(ends):
        low = placed[-1][0] + least if placed else value
        placed.append((max(value, low), *rest))  # type: ignore[arg-type]
    return placed
