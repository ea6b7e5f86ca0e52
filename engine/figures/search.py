"""What a concept search chooses, and how often the same: shares by kind of text, and likeness over the tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.forgetting import time_axes
from engine.figures.look import ORDINARY, QUIET, add_line, frame, percent, whiskers, with_legend
from engine.figures.tables import Table, cell
from engine.metrics.choices import by_task

KINDS: Mapping[str, str] = {
    "true": "true of its class",
    "wrong": "wrong",
    "useless": "says nothing",
    "non-visual": "cannot be seen",
    "not known": "nobody knows",
}
"""Kinds of texts on screen, good ones first."""
OFF = ("wrong", "useless", "non-visual")
"""Those that no search should take."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What several seeds chose up to a moment.

    Attributes:
        kinds: those that occur, in the order of `KINDS`.
        offered: share of each among the candidates, [K].
        chosen: share of each among what each seed chose, [S, K].
        alike, chance: mean likeness (Jaccard) of two seeds' choices after each task, and that of random ones, [T].
    """

    kinds: tuple[str, ...]
    offered: Floats
    chosen: Floats
    alike: Floats
    chance: Floats

    def off(self) -> tuple[float, float]:
        """Share of texts that should not be taken, among the chosen (mean over seeds) and the candidates."""
        places = [k for k, kind in enumerate(self.kinds) if kind in OFF]
        return float(self.chosen[:, places].sum(1).mean()), float(self.offered[places].sum())


def searched(result: Mapping[str, npt.NDArray[Any]], moment: int) -> Searched:
    """The arrays of the analysis `search_stability`, up to a task."""
    here = result["task"] <= moment
    kind, chosen = result["kind"][here], result["chosen"][:, here]
    kinds = tuple(one for one in KINDS if (kind == one).any())
    of_kind = np.stack([kind == one for one in kinds], axis=1)  # [N, K]
    alike, chance = by_task(chosen, result["task"][here])
    return Searched(kinds, of_kind.mean(0), np.stack([of_kind[one].mean(0) for one in chosen]), alike, chance)


def kinds_words(found: Searched) -> str:
    """How many of the chosen texts should not have been."""
    chosen, offered = found.off()
    if "true" not in found.kinds:
        return "Nobody knows which of these texts are true"
    if chosen < offered:
        return f"{percent(chosen)} of the chosen texts are wrong or say nothing, of those offered {percent(offered)}"
    return f"The search avoids nothing: {percent(chosen)} of the chosen texts are wrong or say nothing"


def stability_words(found: Searched) -> str:
    """How much of a choice another seed would make, told of the task that leaves most to choose: later ones are offered
    little that is new and keep nearly all of it, which looks steady and is no choice."""
    if (found.alike >= 1).all():
        return "Every seed chooses the same concepts"
    task = int(found.chance.argmin())
    alike, chance = percent(float(found.alike[task])), percent(float(found.chance[task]))
    return (
        f"In task {task + 1}, with most to choose from, two seeds share {alike} of their concepts, by chance {chance}"
    )


def kinds_bars(found: Searched, height: int = 300) -> go.Figure:
    """Share of each kind among candidates and chosen; whiskers span the seeds."""
    names = [KINDS[kind] for kind in found.kinds]
    mean = found.chosen.mean(0)
    figure = go.Figure()
    figure.add_bar(x=names, y=found.offered, name="candidates", marker={"color": QUIET, "opacity": 0.6})
    figure.add_bar(
        x=names,
        y=mean,
        name="chosen",
        marker={"color": ORDINARY},
        error_y=whiskers(mean, found.chosen.min(0), found.chosen.max(0), color=QUIET, thickness=2, width=5),
    )
    figure.update_traces(hovertemplate="%{x}: %{y:.1%}<extra>%{fullData.name}</extra>")
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.04], dtick=0.25)
    return with_legend(frame(figure, height))


def stability_lines(found: Searched, height: int = 300) -> go.Figure:
    """Likeness of two seeds' choices in each task, and that of random ones."""
    tasks = np.arange(1, len(found.alike) + 1)
    figure = go.Figure()
    for name, values, colour, dash in (
        ("two seeds", found.alike, ORDINARY, "solid"),
        ("random choices", found.chance, QUIET, "dash"),
    ):
        add_line(figure, tasks, values, name, colour, f"task %{{x}}, {name}: %{{y:.1%}}", dash)
    time_axes(figure, len(tasks))
    figure.update_xaxes(title="search of task")
    figure.update_yaxes(title="shared (Jaccard)", tickformat=".0%", range=[0, 1.04], dtick=0.25)
    return with_legend(frame(figure, height))


def kinds_table(found: Searched) -> Table:
    """The twin of `kinds_bars`."""
    return {
        "kind of text": [KINDS[kind] for kind in found.kinds],
        "of the candidates": [cell(share) for share in found.offered],
        **{f"of the chosen, seed {s + 1}": [cell(share) for share in row] for s, row in enumerate(found.chosen)},
    }


def stability_table(found: Searched) -> Table:
    """The twin of `stability_lines`."""
    return {
        "task": list(range(1, len(found.alike) + 1)),
        "two seeds": [cell(value) for value in found.alike],
        "random choices": [cell(value) for value in found.chance],
    }
