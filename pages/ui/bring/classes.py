"""The second step: which classes take part, what they are called, and the tasks they come in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine.errors import BadParameter
from engine.runs.plan import ClassRow, Survey, TaskPlan, counted, evened, plan, settings_for
from engine.training.preflight import Problem
from pages.ui import notices, widgets
from pages.ui.bring import board, looking
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import finding

_SIZES = ("base", "increment", "task_sizes")
_LISTS = ("without_classes", "renamed_classes", "class_order")
_ORDER = ("order", "order_seed")
HOLDS = frozenset({*_SIZES, *_LISTS, *_ORDER, "val_fraction"})
_MORE = "bring-classes-more"
TASKS = 5
"""Tasks that a draft begins with, where there are so many classes."""
_MOST_ON_BOARD = 400
"""Classes that can be dragged about; more are sorted by settings alone."""


def show(draft: OpenDraft) -> None:
    """Draw it."""
    data = looking.dataset(draft)
    if data is None:
        st.caption("Once the pictures are found, their classes are here.")
        return
    survey = counted(data)
    settle(draft)
    made = _planned(draft, survey)
    if made is not None:
        _tasks(draft, survey, made)
    _more(draft, made is None)


def told(draft: OpenDraft) -> str:
    """How many tasks of how many classes, as far as that is known at once."""
    settle(draft)
    data = looking.known(draft)
    if data is None or draft.config is None:
        return "once the pictures are found"
    try:
        return _sizes(plan(draft.config, counted(data)))
    except BadParameter:
        return "do not fit"


def settle(draft: OpenDraft) -> None:
    """Choose the size of tasks by the number of classes, where nobody has chosen one."""
    data = looking.known(draft)
    if data is not None:
        draft.settle(increment=-(-len(data.class_names) // TASKS))


def _planned(draft: OpenDraft, survey: Survey) -> TaskPlan | None:
    """The tasks as they stand, or None after drawing what does not fit at its field."""
    if draft.config is None:
        return None
    try:
        return plan(draft.config, survey)
    except BadParameter as error:
        widgets.wrong(Problem(error.field, error))
        back = dict.fromkeys((*_SIZES[::2], *_LISTS), "") | {"base": 0, "order": "listed"}
        st.button("Take all classes as they are listed", key="bring-listed", on_click=partial(draft.set, **back))
        return None


def _tasks(draft: OpenDraft, survey: Survey, made: TaskPlan) -> None:
    taken = sum(made.sizes)
    st.html(finding(_sizes(made), _note(made)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = f"{draft.scope}-tasks"
        st.session_state[key] = len(made.sizes)
        st.number_input("Tasks", 1, taken, key=key, width=140, on_change=_cut, args=(draft, taken, key))
        draft.fields("order", *(("order_seed",) if draft.value("order") == "seed" else ()), columns=2)
    if len(survey.classes) > _MOST_ON_BOARD:
        st.caption(f"More than {_MOST_ON_BOARD} classes are not dragged about: use the settings below.")
        return
    st.caption("Drag a class to another task, or move it with the arrow keys. Enter renames it, Delete leaves it out.")
    board.draw(made, partial(_arranged, draft, survey))


def _cut(draft: OpenDraft, classes: int, key: str) -> None:
    """Make so many tasks, as even as can be."""
    tasks = int(st.session_state[key])
    if classes % tasks:
        draft.set(task_sizes=",".join(map(str, evened(classes, tasks))))
    else:
        draft.set(task_sizes="", base=0, increment=classes // tasks)


def _arranged(draft: OpenDraft, survey: Survey, rows: Sequence[ClassRow], sizes: Sequence[int]) -> bool:
    def put() -> None:
        chosen = settings_for(survey, rows, sizes)
        if _even(sizes):
            draft.set(**{**chosen, "task_sizes": "", "base": 0, "increment": sizes[0]})
        else:
            draft.set(**chosen)

    return notices.succeeds(put)


def _even(sizes: Sequence[int]) -> bool:
    """Whether an increment alone makes these tasks."""
    return len(set(sizes[:-1] or sizes)) == 1 and sizes[-1] <= sizes[0]


def _more(draft: OpenDraft, wrong: bool) -> None:
    if wrong:
        st.session_state[_MORE] = True
    box = st.expander("The same in words and numbers", key=_MORE, on_change="rerun")
    if box.open:
        with box:
            draft.fields(*_SIZES, "val_fraction", *_LISTS)


def _sizes(made: TaskPlan) -> str:
    """`10 classes in 5 tasks of 2`, or with the sizes where they differ."""
    sizes = made.sizes
    tasks = f"{len(sizes)} task{'s' if len(sizes) != 1 else ''}"
    each = f" of {sizes[0]}" if len(set(sizes)) == 1 else f" of {min(sizes)} to {max(sizes)}"
    return f"{sum(sizes)} classes in {tasks}{each}"


def _note(made: TaskPlan) -> str:
    out = sum(not one.taken for one in made.classes)
    parts = [f"{out} left out." if out else "", "" if made.order_known else "Alike names come together once it starts."]
    return " ".join(part for part in parts if part)
