"""Which concept scores are right on this picture, where the truth is known: to its data, or to people who marked it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from engine.array_types import Bools, Floats
from engine.errors import StoreDamaged
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
    caveats="A concept is called present above a threshold that was chosen on other pictures; where no truth is known, "
    "it is the middle of the scores seen. A score just beside it is a close call, not a firm belief.",
)
_DECIDING = 12
"""Concepts with the largest contributions, of which the headline counts how many are right."""


def show(case: SharedCase, found: Reasons) -> None:
    """Every concept with a known truth: scored present or absent, and whether that is right."""
    truth = _facts(case)
    if isinstance(truth, str):
        with panel("truth", "Which scores are right is not known", truth):
            st.caption("The bars and maps above show what the model sees, whether it is there or not.")
        return
    table, right = _table(case, found, truth)
    told, note = _told(right, truth, np.abs(found.parts.values))
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


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the picture shows of K concepts: whether it is there [K], whether that is known [K], and by whom."""

    there: Bools
    known: Bools
    marked: bool


def _facts(case: SharedCase) -> _Facts | str:
    """What is known of the picture, or why nothing is."""
    columns = [c.truth for c in case.snapshot.bank.concepts]
    if not case.lab.dataset.truth_names:
        return _marked(case, len(columns))
    if case.subject.truth is None:
        return "Nobody has listed what a picture of yours shows"
    if not any(c is not None for c in columns):
        return "The rows of this model are not concepts that could be true or false of a picture"
    there = [bool(case.subject.truth[c]) if c is not None else False for c in columns]
    return _Facts(np.array(there), np.array([c is not None for c in columns]), marked=False)


def _marked(case: SharedCase, concepts: int) -> _Facts | str:
    from engine.session.marked import of_picture

    try:
        said = of_picture(case.lab, case.subject.ref, case.snapshot.bank, case.lab.view.marks)
    except StoreDamaged as error:
        return f"{error.given}: {error.allowed}. {error.remedy}"
    if not said:
        return "These images come without a list of what each of them shows, and nobody has marked this one"
    there, known = np.zeros((2, concepts), np.bool_)
    known[list(said)] = True
    there[list(said)] = list(said.values())
    return _Facts(there, known, marked=True)


def _told(right: Bools, truth: _Facts, sizes: Floats) -> tuple[str, str]:
    """The headline, and what stands behind "Explain this"."""
    known, good = int(truth.known.sum()), int(right[truth.known].sum())
    if truth.marked:
        told = f"{good} of the {known} concepts that people marked on it are scored right"
        return told, "Present is what scores above the middle of the scores seen; the largest parts first"
    deciding = np.argsort(-np.where(truth.known, sizes, 0.0), kind="stable")[:_DECIDING]
    deciding = deciding[truth.known[deciding]]
    told = f"{int(right[deciding].sum())} of the {len(deciding)} concepts that count most are scored right"
    return told, f"Of all {known} with a known truth, {good} are; the largest parts first"


def _table(case: SharedCase, found: Reasons, truth: _Facts) -> tuple[Table, Bools]:
    """The table in the order of the contributions, and which concepts are scored right [K]."""
    from engine.interventions.levels import called, probability

    said = called(case.levels, case.scores)
    chance = probability(case.levels, case.scores)
    order = [k for k in np.argsort(-np.abs(found.parts.values), kind="stable").tolist() if truth.known[k]]
    right = said == truth.there
    table: Table = {
        "concept": [case.words[k] for k in order],
        "scored": ["✓ right" if right[k] else "✗ not there" if said[k] else "✗ missed" for k in order],
        "truth": ["present" if truth.there[k] else "absent" for k in order],
        "sure": [cell(chance[k], 3) for k in order],
        "adds": [cell(found.parts.values[k], 3) for k in order],
    }
    return table, right
