"""Where a click in a film leads: deeper into the same moment, on the page that has the detail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from engine.errors import BadInput
from engine.findings.base import EXHIBIT
from engine.session.uploads import keep
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, context, notices, picker
from pages.ui.concepts import choices
from pages.ui.picture.choices import TAB
from pages.ui.tasks.selection import weakest

PAGES: Mapping[str, tuple[str, str]] = {
    "cell": ("pages/tasks.py", "accuracy-matrix"),
    "line": ("pages/tasks.py", "forgetting"),
    "concept": ("pages/concepts.py", "concept-values"),
    "picture": ("pages/picture.py", "answer"),
    "map": ("pages/picture.py", "concept-map"),
    "attack": ("pages/attack.py", "attacked-picture"),
}
"""By what was clicked: the page, and the exhibit on it that is brought into view."""
_GOING = "film-going"
"""Session: where the next drawing of the page leads."""
_OWN = "own:"


def follow(run: str, told: Mapping[str, Any]) -> None:
    """Choose what was clicked, and go there; callback of the player.

    Raises:
        BadInput: there is no finished model at that moment yet.
    """
    to, rows = str(told.get("to")), int(told.get("rows") or 0)
    if to not in PAGES:
        return
    if not rows and to != "attack":
        raise BadInput("that moment", "no task is finished yet", "Wait for the first task")
    view = RunView(RunStore(), run)
    moment = int(told["task"]) if to == "cell" else max(rows - 1, 0)
    if not 0 <= moment < view.tasks_done:
        raise BadInput("that moment", "no task is finished yet", "Wait for the first task")
    last = moment == view.tasks_done - 1
    address.choose(context.TASK, None if last else moment + 1)
    for key in (TAB, choices.VIEW):  # what was open there before gives way to what the exhibit is in
        address.choose(key, None)
    if to in ("cell", "line"):
        address.choose(context.CLASS, weakest(view, "test", moment, int(told["of"])))
    elif to == "concept":
        choices.look_at(str(told["text"]))
    else:
        address.choose(picker.IMAGE, _picture(view, str(told["ref"])))
    st.session_state[_GOING] = to


def go() -> None:
    """Leave for the page that was asked for, if one was; callbacks cannot do so themselves."""
    to = st.session_state.pop(_GOING, None)
    if to is not None:
        page, exhibit = PAGES[to]
        st.switch_page(page, query_params={EXHIBIT: exhibit})


def attempt(run: str, told: Mapping[str, Any]) -> None:
    """As `follow`; what is wrong becomes a notice."""
    notices.attempt(lambda: follow(run, told))


def _picture(view: RunView, ref: str) -> str:
    """What the other pages call a probe: a person's own is kept among the uploads again."""
    if not ref.startswith(_OWN):
        return ref
    data = next((pin.data for pin in view.watch_list.pins if pin.what == ref), b"")
    if not data:
        raise BadInput("this picture", "it is not pinned any more", "Pin it again")
    return keep(RunStore(), data, "the pinned picture")
