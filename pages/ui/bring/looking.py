"""The data of a draft, opened in the background: what is there, how far it is, or why it cannot be used."""

from __future__ import annotations

import streamlit as st

from engine.data.dataset import Dataset
from engine.data.left_out import Listed, read_list
from engine.data.sources.base import Source
from engine.errors import PlumageError
from engine.params import parameters_of
from pages.ui import notices
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.opening import Opening, openings
from pages.ui.text import duration, unmarked

LEAVE_OUT = "leave_out"
PATIENCE = 0.25
"""Seconds that a page waits for data that are opened quickly, before it shows how far they are."""
_FETCH = "download"
"""The parameter that lets a source fetch what is not here."""
_LAST = "bring-opening"
"""Session: the opening that was waited for last."""
_TICK = 0.5
"""Seconds between two looks at an opening."""
_EVERY: Listed = {}


def dataset(draft: OpenDraft) -> Dataset | None:
    """The data that the draft names, with all their classes as they call them and without the pictures that the draft
    leaves out. None where it names none, after drawing how far they are or why they cannot be used; so call it once on
    a page. It opens them in the background where that was not done."""
    opening = looked_at(draft)
    return left_of(draft, opening) if opening is not None else None


def left_of(draft: OpenDraft, opening: Opening) -> Dataset | None:
    """What is left of open data; None after drawing why the draft's list does not fit them."""
    try:
        return opening.left(_listed(draft))
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        st.button("Put all pictures back", key="bring-put-all", on_click=draft.set, kwargs={LEAVE_OUT: ""})
        return None


def known(draft: OpenDraft) -> Dataset | None:
    """The same if it is there at once; draws nothing and begins nothing."""
    source = source_of(draft)
    opening = openings().known(source) if source is not None else None
    if opening is None or opening.data is None:
        return None
    try:
        return opening.left(_listed(draft))
    except PlumageError:  # the step says so
        return opening.data


def looked_at(draft: OpenDraft) -> Opening | None:
    """The opening of all that the draft's place holds, once it is done; before, its progress or its error is drawn."""
    source = source_of(draft)
    if source is None:
        return None
    opening = openings().of(source)
    _only(opening)
    ended = opening.wait(PATIENCE)
    if ended and not opening.shown:
        opening.shown = True
        st.rerun()  # the steps' buttons above were drawn before it was known
    if ended and opening.data is not None:
        return opening
    at_field = draft.problem is not None and draft.problem.field == draft.source.place  # it would be said twice
    st.fragment(_follow, run_every=None if ended else _TICK)(draft, opening, ended, at_field)
    return None


def source_of(draft: OpenDraft) -> Source | None:
    """The source as it stands in the fields, or None where something about it is wrong."""
    values = draft.values
    try:
        return draft.source.from_mapping({p.name: values.get(p.name, p.default) for p in parameters_of(draft.source)})
    except PlumageError:
        return None


def left_out(draft: OpenDraft) -> int:
    """How many pictures of the data the draft leaves out; 0 until they are known."""
    source = source_of(draft)
    opening = openings().known(source) if source is not None else None
    kept = known(draft)
    return 0 if opening is None or opening.data is None or kept is None else count(opening.data) - count(kept)


def count(data: Dataset) -> int:
    """Pictures in all splits."""
    return sum(len(split.labels) for split in data.splits.values())


def again(source: Source) -> None:
    """Look at every file anew. For callbacks."""
    openings().forget(source)


def _only(opening: Opening) -> None:
    """Nobody in this tab waits any more for what was being opened before."""
    before: Opening | None = st.session_state.get(_LAST)
    if before is not None and before is not opening and not before.wait(0):
        openings().forget(before.source)
    st.session_state[_LAST] = opening


def _listed(draft: OpenDraft) -> Listed:
    path = str(draft.value(LEAVE_OUT) or "")
    return read_list(path) if path else _EVERY


def _follow(draft: OpenDraft, opening: Opening, drawn_ended: bool, at_field: bool) -> None:
    source = opening.source
    ended = opening.wait(0)
    if ended != drawn_ended:
        st.rerun()
    if not ended:
        _progress(opening)
    elif opening.notice is not None:
        if not at_field:
            notices.panel(opening.notice)
        with st.container(horizontal=True, key="bring-look-failed"):
            _once_more(source, "Look again")
            _fetch(draft, source)
    else:
        st.caption("Cancelled: the pictures were not looked at. Starting the run looks at them, too.")
        _once_more(source, "Look at the pictures")


def _progress(opening: Opening) -> None:
    left = opening.seconds_left
    far = f": {opening.done:,} of {opening.total:,}" if opening.total else ""
    about = f", about {duration(left)} left" if left is not None else ""
    share = opening.done / opening.total if opening.total else 0.0
    with st.container(horizontal=True, vertical_alignment="center", key="bring-looking"):
        doing = "Fetching and looking" if getattr(opening.source, _FETCH, False) else "Looking"
        said = "Ends with the file it is at" if opening.cancelling else f"{doing} at the pictures{far}{about}"
        st.progress(min(share, 1.0), unmarked(said))
        st.button("Cancel", key="bring-looking-cancel", type="tertiary", on_click=opening.cancel)


def _once_more(source: Source, words: str) -> None:
    icon = ":material/refresh:"
    if st.button(words, key="bring-look-again", icon=icon, on_click=again, args=(source,)):
        st.rerun()


def _fetch(draft: OpenDraft, source: Source) -> None:
    """Offer to fetch what is not here, where the source can."""
    if getattr(source, _FETCH, True):
        return
    icon, wanted = ":material/download:", {_FETCH: True}
    if st.button("Fetch it from the web", key="bring-fetch-data", icon=icon, on_click=draft.set, kwargs=wanted):
        st.rerun()
