"""Edits kept under a name, beside each other and beside the run they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import PlumageError
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.repair.measured import AWAY, Measured
from engine.figures.comparison import side_by_side, side_by_side_table

if TYPE_CHECKING:
    from engine.interventions.edit import Edit
    from engine.store.scenarios import Scenario

MOST = 8
"""Scenarios compared at once; the newest first."""

SIDE_BY_SIDE = kind(
    "scenarios",
    "repair",
    Lesson(
        what="The run and several sets of edits in rows. Each mark is the share of pictures right on one set of "
        "pictures.",
        why="Edits are easily made and as easily fooled by. Side by side you see which of them holds up everywhere.",
        reading="The dotted lines show where the run stands. A mark right of its own line is a gain. Prefer a scenario "
        "that moves some marks right and none far left.",
        caveats="All edits are made to the same model, the one of the chosen moment, even if they were thought out for "
        "another. Differences below a point can be chance.",
    ),
    ("moved_validation",),
)


def measurable(kept: Sequence[Scenario], measure: Callable[[tuple[Edit, ...]], Measured]) -> list[tuple[str, Measured]]:
    """Title and measurement of the newest scenarios; those that this model cannot take are left out."""
    from engine.interventions.stored_edits import from_mappings

    found = []
    for scenario in kept[:MOST]:
        try:
            found.append((scenario.name, measure(from_mappings(scenario.edits))))
        except PlumageError:
            continue  # whoever opens it is told why
    return found


def exhibit(rows: Sequence[tuple[str, Measured]], names: Mapping[str, str]) -> Exhibit:
    """Scenarios side by side.

    Args:
        rows: title and measurement of each, the run without edits first.
        names: what the splits are called.
    """
    outcomes = [measured.outcomes for _, measured in rows]
    splits = [names[split] for split in outcomes[0]]
    accuracy = np.array([[one.after for one in by_split.values()] for by_split in outcomes])
    validation = 2 if AWAY in outcomes[0] else 1
    best = max(range(len(rows)), key=lambda r: accuracy[r, :validation].mean())
    titles, missing = [title for title, _ in rows], [len(measured.missing) for _, measured in rows]
    return Exhibit(
        SIDE_BY_SIDE,
        f"Best on validation: {titles[best]}" if best else "No scenario beats the run on validation",
        f"Share right after task {rows[0][1].model.task + 1}, all edits made to this same model",
        side_by_side(titles, splits, accuracy),
        lambda: side_by_side_table(titles, splits, accuracy, missing),
    )
