"""Pictures behind a number: those that an attack turns, each one click from the tab about one picture."""

from __future__ import annotations

import time

import streamlit as st

from engine.errors import PlumageError
from engine.exhibits.attack.attempt import ATTACK, EPS, STEPS
from engine.exhibits.attack.found import Found
from engine.figures.robustness import strength
from engine.store.view import RunView
from pages.ui import address, assets, context, notices, pictures
from pages.ui.attack import choices
from pages.ui.picker import IMAGE
from pages.ui.text import unmarked
from pages.ui.thumbs import Thumb, gallery

_MOST = 12
_OPENED = "attack-opened"
"""Session: the picture that was opened; the next run begins at the top of the page."""
_SPLIT = "test"


def to_top() -> None:
    """Where a picture was opened further down, show the top of what it opened."""
    if st.session_state.pop(_OPENED, None) is not None:
        assets.run("to_top", once=time.monotonic_ns())


def look_at(ref: str, found: Found, at: int, moment: int) -> None:
    """Open a picture under the attack that was measured; for callbacks."""
    address.choose(IMAGE, ref)
    address.choose(EPS, f"{found.strengths[at]:g}")
    for key in (ATTACK, STEPS):
        address.choose(key, found.settings.get(key))
    for key in (choices.TAB, choices.VIEW):
        address.choose(key, None)
    context.point_at(moment, None)
    st.session_state[_OPENED] = ref


def show(view: RunView, found: Found, at: int, moment: int, task: int) -> None:
    """The pictures of one cell that were right and are not under attack."""
    rows = found.fooled(at, moment, task).tolist()
    value = strength(float(found.strengths[at]))
    whose = f"pictures of task {task + 1} that the model after task {moment + 1} got right"
    with st.container(border=True, key="ro-examples"):
        if not rows:
            st.caption(f"At {value} the attack turns none of the {whose}. Click another cell.")
            return
        some = f", {_MOST} of them here" if len(rows) > _MOST else ""
        st.markdown(f"**At {value} the attack turns {len(rows)} of the {whose}{some}**")
        st.caption("Choose one to see how: the attack step by step, and where attention goes.")
        try:
            _birds(view, found, at, moment, task, rows[:_MOST])
        except PlumageError as error:  # the images are gone, the numbers stay
            notices.panel(notices.of_error(error))


def _birds(view: RunView, found: Found, at: int, moment: int, task: int, rows: list[int]) -> None:
    addresses = pictures.of(view.config, _SPLIT, rows)
    labels = dict(zip(found.result["rows"].tolist(), found.result["labels"].tolist(), strict=True))
    order = view.class_ids_seen(found.tasks - 1)
    names = [view.class_names[order[labels[row]]] for row in rows]
    thumbs = [
        Thumb(f"{_SPLIT}:{row}", picture, name, "", "bad")
        for row, picture, name in zip(rows, addresses, names, strict=True)
    ]
    gallery(thumbs, f"ro-birds-{moment}-{task}", lambda ref: look_at(ref, found, at, moment))


def link(label: str, ref: str, found: Found, at: int, key: str) -> None:
    """A button that opens one picture."""
    st.button(
        unmarked(label),
        key=key,
        type="tertiary",
        icon=":material/center_focus_strong:",
        on_click=look_at,
        args=(ref, found, at, found.moment),
    )
