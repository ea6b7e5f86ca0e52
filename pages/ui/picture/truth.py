"""Which concept scores are right on this picture, where the truth is known."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.array_types import Bools
from engine.exhibits.exhibit import Lesson
from engine.exhibits.picture.reasons import Reasons
from engine.figures.tables import Table, cell
from pages.ui.panels import listing, panel
from pages.ui.picture import choices
from pages.ui.picture.case import SharedCase

_LIST = "concept-truth"
_LESSON = Lesson(
    what="Every concept of which it is known whether this picture shows it, with what the model says of it.",
    why="An answer can be right for wrong reasons, and wrong although nearly all concepts are right. Here you see "
    "which.",
    reading="“Missed” means it is there and the model does not see it; “not there” means the model sees what is not "
    "there. Mistakes near the top count most, because the list begins with the largest contributions.",
    caveats="A concept is called present above a threshold that was chosen on other pictures. A score just beside it "
    "is a close call, not a firm belief.",
)
_DECIDING = 12
"""Concepts with the largest contributions, of which the headline counts how many are right."""


def show(case: SharedCase, found: Reasons) -> None:
    """Every concept with a known truth: scored present or absent, and whether that is right."""
    why = why_not(case)
    if why is not None:
        with panel("truth", "Which scores are right is not known", why):
            st.caption("The bars and maps above show what the model sees, whether it is there or not.")
        return
    table, right, known = _table(case, found)
    deciding = np.argsort(-np.abs(np.where(known, found.parts.values, 0.0)), kind="stable")[:_DECIDING]
    deciding = deciding[known[deciding]]
    told = f"{int(right[deciding].sum())} of the {len(deciding)} concepts that count most are scored right"
    note = f"Of all {int(known.sum())} with a known truth, {int(right[known].sum())} are; the largest parts first"
    with panel("truth", told, "", lambda: table, ("scored_right",), _LESSON, behind=note):
        column = st.column_config
        columns = {
            "concept": column.TextColumn(width=150),
            "scored": column.TextColumn(width=95),
            "truth": column.TextColumn(width=75),
            "adds": column.NumberColumn(format="%+.2f", width=70),
            "sure": column.ProgressColumn("called present", format="percent", min_value=0, max_value=1, width=140),
        }
        listing(table, _LIST, lambda row: choices.look_at(str(table["concept"][row])), told, columns)


def why_not(case: SharedCase) -> str | None:
    """Why the panel has nothing to judge by, or None."""
    if not case.lab.dataset.truth_names:
        return "These images come without a list of what each of them shows"
    if case.subject.truth is None:
        return "Nobody has listed what a picture of yours shows"
    if not any(c.truth is not None for c in case.snapshot.bank.concepts):
        return "The rows of this model are not concepts that could be true or false of a picture"
    return None


def _table(case: SharedCase, found: Reasons) -> tuple[Table, Bools, Bools]:
    """The table in the order of the contributions; which concepts are scored right [K], and which are known [K]."""
    from engine.interventions.levels import called, probability

    columns = [c.truth for c in case.snapshot.bank.concepts]
    known, shown = np.array([c is not None for c in columns]), case.subject.truth
    assert shown is not None  # `why_not` has said so otherwise
    truth = np.array([bool(shown[c]) if c is not None else False for c in columns])
    said = called(case.levels, case.scores)
    chance = probability(case.levels, case.scores)
    order = [k for k in np.argsort(-np.abs(found.parts.values), kind="stable").tolist() if known[k]]
    right = said == truth
    table: Table = {
        "concept": [case.words[k] for k in order],
        "scored": ["✓ right" if right[k] else "✗ not there" if said[k] else "✗ missed" for k in order],
        "truth": ["present" if truth[k] else "absent" for k in order],
        "sure": [cell(chance[k], 3) for k in order],
        "adds": [cell(found.parts.values[k], 3) for k in order],
    }
    return table, right, known
