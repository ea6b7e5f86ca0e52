"""A way to look for a folder on the machine that the dashboard runs on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from engine.data.browse import FolderView, SubFolder, look_into
from engine.data.images import shown
from engine.errors import PlumageError
from pages.ui import notices
from pages.ui.text import unmarked

_OPEN, _AT = "bring-browsing", "bring-browsing-at"
"""Session: for which draft the list is open; the folder that is looked at."""
_KEPT = 10.0
"""Seconds for which a list is taken as it was."""
_HEIGHT = 260


def button(scope: str) -> None:
    """The button that opens the list and closes it."""
    is_open = st.session_state.get(_OPEN) == scope
    words = "Close" if is_open else "Look for it"
    st.button(words, key="bring-browse", icon=":material/folder_open:", on_click=_toggle, args=(scope,))


def show(scope: str, start: Path, take: Callable[[Path], None]) -> None:
    """Draw the list where it is open.

    Args:
        scope: of the draft.
        start: where the looking begins.
        take: called with the folder that was chosen, before the page is drawn again.
    """
    if st.session_state.get(_OPEN) != scope:
        return
    at = Path(st.session_state.setdefault(_AT, str(start)))
    with st.container(border=True, key="bring-folders"):
        try:
            found = _look(str(at))
        except PlumageError as error:
            notices.panel(notices.of_error(error))
            _go("Up", "up", at.parent, ":material/arrow_upward:")
            return
        _head(found, take)
        with st.container(height=_HEIGHT, gap="xsmall", key="bring-folders-list"):
            for number, folder in enumerate(found.folders):
                _go(_told(folder), str(number), folder.path, ":material/folder:")
            if not found.folders:
                st.caption("No folders in it.")
        _left_out(found)


def _head(found: FolderView, take: Callable[[Path], None]) -> None:
    def chosen() -> None:
        take(found.path)
        _toggle("")

    with st.container(horizontal=True, vertical_alignment="center", key="bring-folders-head"):
        if found.above is not None:
            _go("Up", "up", found.above, ":material/arrow_upward:")
        pictures = f" · {found.pictures:,} pictures in it" if found.pictures else ""
        st.markdown(f"**{unmarked(shown(found.path))}**{pictures}")
        st.button("Choose this folder", key="bring-folder-choose", type="primary", on_click=chosen)


def _left_out(found: FolderView) -> None:
    said = [f"{found.more:,} more folders are not listed: type the path"] if found.more else []
    said += [f"not listed: {found.links} links, which are not followed"] if found.links else []
    said += [f"may not be read: {found.closed}"] if found.closed else []
    if said:
        st.caption(unmarked(f"{'; '.join(said)[:1].upper()}{'; '.join(said)[1:]}."))


def _told(folder: SubFolder) -> str:
    many = f"{folder.pictures:,}{'' if folder.whole else ' or more'}"
    return unmarked(f"{shown(folder.name, 60)} · {many} pictures" if folder.pictures else shown(folder.name, 60))


def _go(words: str, name: str, to: Path, icon: str) -> None:
    st.button(words, key=f"bring-folder-{name}", icon=icon, type="tertiary", on_click=_enter, args=(str(to),))


def _enter(path: str) -> None:
    st.session_state[_AT] = path


def _toggle(scope: str) -> None:
    st.session_state[_OPEN] = None if st.session_state.get(_OPEN) == scope else scope or None
    st.session_state.pop(_AT, None)


@st.cache_data(ttl=_KEPT, max_entries=32, show_spinner=False)
def _look(path: str) -> FolderView:
    return look_into(Path(path))
