"""Birds behind a number: those that an attack turns, each a step from the Attention page."""

from __future__ import annotations

import streamlit as st

from engine.errors import PlumageError
from engine.exhibits.robustness.found import Found
from engine.figures.robustness import strength
from engine.store.view import RunView
from pages.ui import address, context, notices, pictures
from pages.ui.picker import IMAGE
from pages.ui.robustness import choices
from pages.ui.text import unmarked
from pages.ui.thumbs import Thumb, gallery

_MOST = 12
_GO = "robustness-go"
"""Session: a bird was chosen, and the next run leads to the Attention page."""
ATTENTION = "pages/attention.py"
_SPLIT = "test"


def lead() -> None:
    """Go to the Attention page where a bird was chosen; callbacks cannot do so themselves."""
    if st.session_state.pop(_GO, False):
        st.switch_page(ATTENTION)


def look_at(ref: str, found: Found, at: int, moment: int) -> None:
    """Choose an image and an attack for the Attention page; for callbacks."""
    address.choose(IMAGE, ref)
    address.choose(choices.EPS, f"{found.strengths[at]:g}")
    address.choose(choices.ATTACK, found.settings.get("attack"))
    context.point_at(moment, None)
    st.session_state[_GO] = True


def show(view: RunView, found: Found, at: int, moment: int, task: int) -> None:
    """The birds of one cell that were right and are not under attack."""
    rows = found.fooled(at, moment, task).tolist()
    value = strength(float(found.strengths[at]))
    whose = f"birds of task {task + 1} that the model after task {moment + 1} got right"
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
    """A button to one image on the Attention page."""
    st.button(
        unmarked(label),
        key=key,
        type="tertiary",
        icon=":material/center_focus_strong:",
        on_click=look_at,
        args=(ref, found, at, found.moment),
    )
