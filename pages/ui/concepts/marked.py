"""What the marks say so far: each concept's marks and, where they are enough, its AUC."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from engine.exhibits.concepts.judged import LEAST, Judged, interval
from engine.exhibits.exhibit import Lesson
from engine.figures.tables import Table, cell
from pages.ui.panels import listing, panel

_LESSON = Lesson(
    what="Every concept with the marks that people gave it and, where there are enough of both kinds, how often the "
    "model scores a picture that has it above one that has not (AUC), with a 95 % interval.",
    why="Without truth nobody knows whether the model sees what a concept's name says. A few dozen answers tell.",
    reading="0.5 is guessing, 1 is perfect. Where the interval reaches down to 0.5, mark more before you believe it. "
    "Lowest first are the concepts that the model understands least.",
    caveats=f"It takes {LEAST} marks of either kind, and with so few the interval is wide. The queue spreads its "
    "questions over all scores so that the marks stand for all test pictures; close calls alone would bend the number. "
    "No accuracy is given: it needs a threshold chosen on other labelled pictures, and there are none.",
)


def show(judged: Judged, words: Sequence[str], ask: Callable[[int], None]) -> None:
    """The table; nothing before the first mark.

    Args:
        ask: callback of a click on a concept, to be asked about it alone.
    """
    if not judged.marks:
        return
    order = _order(judged)
    table = _table(judged, words, order)
    many = int(judged.enough.sum())
    told = f"{many} of {len(words)} concepts can be judged by {judged.marks} marks"
    caption = "Choose a row to be asked about that concept alone."
    with panel("marked", told, caption, lambda: table, ("marked_auc",), _LESSON):
        column = st.column_config
        columns = {
            "concept": column.TextColumn(width="medium"),
            "AUC": column.NumberColumn(width=70, format="%.2f"),
            "95 %": column.TextColumn(width=110),
            "true": column.NumberColumn("marked true", width=95),
            "false": column.NumberColumn("marked false", width=95),
        }
        listing(table, "marked-list", lambda row: ask(order[row]), told, columns)


def _order(judged: Judged) -> list[int]:
    """Judged concepts first, the lowest AUC at the front; then those with the most marks; none without any."""
    some = np.flatnonzero(judged.true + judged.false)
    return sorted(some.tolist(), key=lambda k: (not judged.enough[k], judged.auc[k], -judged.true[k] - judged.false[k]))


def _table(judged: Judged, words: Sequence[str], order: Sequence[int]) -> Table:
    return {
        "concept": [words[k] for k in order],
        "AUC": [cell(judged.auc[k]) for k in order],
        "95 %": [interval(judged, k) for k in order],
        "true": [int(judged.true[k]) for k in order],
        "false": [int(judged.false[k]) for k in order],
    }
