"""What is watched of the run: pins and how often, chosen before or while it learns. It never changes the training."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from engine.params import parameters_of
from engine.runs.watch import Pin, WatchSettings
from engine.session.pins import bank, concept_pin, picture_pin, upload_pin
from engine.session.uploads import KINDS
from engine.store.states import FINISHED
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching
from pages.ui import notices, pictures, widgets
from pages.ui.text import safe, unmarked

_DECLARED = parameters_of(WatchSettings)
_ROW, _FILE, _CONCEPT = "pin-row", "pin-file", "pin-concept"
_UNDO = "pin-undo"
"""Session: the run and the pin that was taken away last."""


def popover(view: RunView) -> None:
    """The button; what it holds is made when it is open."""
    label = "What is watched"
    box = st.popover(label, icon=":material/visibility:", type="tertiary", key="watching", on_change="rerun")
    if box.open:
        with box, notices.caught():
            _body(view)


def _body(view: RunView) -> None:
    listed = view.watch_list
    _pins(view, listed.pins)
    if view.status == FINISHED:
        st.caption("This run has finished, so nothing more is looked at. A fork of it watches the same.")
        return
    _add(view)
    _settings(view, listed.settings)


def _pins(view: RunView, pins: tuple[Pin, ...]) -> None:
    st.markdown("**Pinned**")
    if not pins:
        st.caption("Nothing is pinned: pictures and concepts are chosen by a declared rule, on validation pictures.")
    for number, pin in enumerate(pins):
        with st.container(horizontal=True, vertical_alignment="center", key=f"pinned-{number}"):
            st.html(f"<p class='pl-pin'>{safe(_named(pin))}</p>", width="stretch")
            st.button("Take away", key=f"unpin-{number}", type="tertiary", on_click=_unpin, args=(view.id, pin))
    undone = st.session_state.get(_UNDO)
    if undone is not None and undone[0] == view.id:
        label = f"Put {unmarked(_named(undone[1]))} back"
        st.button(label, key="pin-again", icon=":material/undo:", on_click=_pin, args=(view.id, lambda: undone[1]))


def _named(pin: Pin) -> str:
    if pin.kind == "concept":
        return f"“{pin.what}”"
    return "a picture of yours" if pin.data else f"picture {pin.what.partition(':')[2]}"


def _add(view: RunView) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = bank(view)
        hint = "Choose a concept" if known else "After the first task"
        st.selectbox("A concept", known, index=None, key=_CONCEPT, placeholder=hint, width=220, disabled=not known)
        st.button("Pin", key="pin-concept-now", on_click=_pin, args=(view.id, lambda: _concept(view)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input("A picture, by its number", 0, step=1, value=None, key=_ROW, width=220)
        st.button("Pin", key="pin-row-now", on_click=_pin, args=(view.id, lambda: _row(view)))
    given = st.file_uploader("A picture of yours", type=list(KINDS), key=_FILE)
    if given is not None:
        data, name = given.getvalue(), given.name
        made = partial(upload_pin, RunStore(), data, name)
        st.button("Pin it", key="pin-file-now", on_click=_pin, args=(view.id, made))


def _concept(view: RunView) -> Pin | None:
    chosen = st.session_state.get(_CONCEPT)
    return concept_pin(view, str(chosen)) if chosen is not None else None


def _row(view: RunView) -> Pin | None:
    row = st.session_state.get(_ROW)
    return picture_pin(view, pictures.dataset(view.config), int(row)) if row is not None else None


def _settings(view: RunView, now: WatchSettings) -> None:
    first = now.to_mapping()
    scope = f"watch-{view.id}"
    st.markdown("**By itself**")
    widgets.fields(_DECLARED, scope, first, columns=2)
    if widgets.changed(_DECLARED, scope, first):
        st.button("Watch so from now on", key="watch-apply", type="primary", on_click=_choose, args=(view.id,))


def _choose(run: str) -> None:
    def act() -> None:
        first = RunView(RunStore(), run).watch_list.settings.to_mapping()
        chosen = {**first, **widgets.changed(_DECLARED, f"watch-{run}", first)}
        Watching(RunStore()).choose(run, WatchSettings.from_mapping(chosen))

    notices.attempt(act)


def _pin(run: str, made: Callable[[], Pin | None]) -> None:
    def act() -> None:
        pin = made()
        if pin is not None:
            Watching(RunStore()).pin(run, pin)
            st.session_state.pop(_UNDO, None)

    notices.attempt(act)


def _unpin(run: str, pin: Pin) -> None:
    def act() -> None:
        Watching(RunStore()).unpin(run, pin.kind, pin.what)
        st.session_state[_UNDO] = run, pin

    notices.attempt(act)
