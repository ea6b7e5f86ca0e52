"""The classes in their tasks, to be dragged, renamed and left out; by keyboard, too.

A component of our own: Streamlit has nothing that can be dragged. Texts go in as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from engine.runs.plan import ClassRow, PlannedClass, TaskPlan
from pages.ui import assets

_board = assets.component("board", "<div class='board'></div>")
_KEY, _REFUSED = "bring-board", "bring-board-refused"
"""The component; session: how often what was done on it could not be, after which it shows again what is."""


def draw(plan: TaskPlan, on_change: Callable[[Sequence[ClassRow], Sequence[int]], bool]) -> None:
    """Draw it.

    Args:
        on_change: called with all classes, those that take part in the order of learning, and the sizes of the tasks,
            before the page is drawn again; says whether that can be.
    """
    refused = st.session_state.setdefault(_REFUSED, 0)

    def arranged() -> None:
        found = (st.session_state.get(_KEY) or {}).get("arranged")
        if found is not None:
            taken = [ClassRow(str(source), str(name)) for task in found["tasks"] for source, name in task]
            out = [ClassRow(str(source), taken=False) for source in found["out"]]
            if not on_change([*taken, *out], [len(task) for task in found["tasks"]]):
                st.session_state[_REFUSED] += 1

    tasks = [[_shown(one) for one in task] for task in plan.tasks]
    out = [_shown(one) for one in plan.classes if not one.taken]
    _board(data={"tasks": tasks, "out": out, "refused": refused}, key=_KEY, on_arranged_change=arranged)


def _shown(one: PlannedClass) -> dict[str, str]:
    return {"source": one.source, "name": one.name, "note": f"{sum(one.images.values()):,}"}
