"""Saved selections of pictures: kept under a name, opened again, removed and put back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from engine.errors import PlumageError
from engine.session.picture_sets import PictureSet
from engine.store.selections import MAX_NAME, Selections
from engine.store.store import RunStore
from pages.ui import notices
from pages.ui.text import unmarked

_NAME, _REMOVED, _REFUSED = "selection-name", "selection-removed", "selection-refused"
"""Session: the name being written; run and number of the selection that was removed last; why one was not saved."""

Open = Callable[[PictureSet], None]


def name_of(run: str, wanted: PictureSet) -> str:
    """Name of the selection that is open; nothing where none is."""
    return Selections(RunStore()).get(run, wanted.ids[0]).name if wanted.kind == "selection" else ""


def save(run: str, refs: Sequence[str], opened: Open) -> None:
    """Draw the field and the button that keep these pictures under a name.

    Args:
        opened: callback that opens what was saved.
    """
    st.text_input(
        "Name", key=_NAME, placeholder="Name these", max_chars=MAX_NAME, label_visibility="collapsed", width=220
    )
    label = f"Save {len(refs)} picture{'' if len(refs) == 1 else 's'}"
    st.button(
        label,
        key="selection-save",
        icon=":material/bookmark_add:",
        disabled=not refs,
        on_click=_save,
        args=(run, refs, opened),
    )


def listed(run: str, shown: str, opened: Open) -> None:
    """Draw the run's selections, the way back from the last removal, and why one was refused.

    Args:
        shown: what is open.
    """
    refused: notices.Notice | None = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        notices.panel(refused)
    _way_back(run)
    kept = Selections(RunStore()).all(run)
    with st.container(horizontal=True, vertical_alignment="center", key="selections", gap="small"):
        for one in kept:
            wanted = PictureSet("selection", (one.id,))
            st.button(
                f"{unmarked(one.name)} ({len(one.pictures)})",
                key=f"selection-open-{one.id}",
                icon=":material/bookmark:",
                type="tertiary",
                disabled=str(wanted) == shown,
                on_click=opened,
                args=(wanted,),
            )
            st.button(
                "Remove",
                key=f"selection-remove-{one.id}",
                icon=":material/close:",
                type="tertiary",
                on_click=_remove,
                args=(run, one.id),
            )


def _way_back(run: str) -> None:
    removed: tuple[str, int] | None = st.session_state.get(_REMOVED)
    if removed is not None and removed[0] == run:
        st.button("Undo the removal", key="selection-undo", icon=":material/undo:", on_click=_restore, args=removed)


def _save(run: str, refs: Sequence[str], opened: Open) -> None:
    def keep() -> None:
        made = Selections(RunStore()).save(run, str(st.session_state.get(_NAME) or ""), refs)
        st.session_state[_NAME] = ""
        opened(PictureSet("selection", (made.id,)))

    _attempt(keep)


def _remove(run: str, selection: int) -> None:
    def drop() -> None:
        Selections(RunStore()).remove(run, selection)
        st.session_state[_REMOVED] = run, selection

    _attempt(drop)


def _restore(run: str, selection: int) -> None:
    def put_back() -> None:
        Selections(RunStore()).restore(run, selection)
        st.session_state.pop(_REMOVED, None)

    _attempt(put_back)


def _attempt(act: Callable[[], None]) -> None:
    """An error is said in the gallery: a notice at the top of the page would lie behind it."""
    try:
        act()
    except PlumageError as error:
        st.session_state[_REFUSED] = notices.of_error(error)
