"""The backbones to choose from: the few on this machine, all that open_clip knows, and any by its name or place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import sha256

import streamlit as st

from engine.backbone import catalogue
from engine.backbone.advised import photo_clip
from engine.backbone.known import KnownBackbone, anything_fetched, local
from engine.backbone.presets import HARDENED, LOCAL, vocabulary_of
from engine.errors import PlumageError
from engine.figures.backbones import short
from engine.figures.tables import Table
from engine.jobs import errands
from engine.jobs.ending import end
from engine.store.states import FAILED, INTERRUPTED, STOPPED
from pages.ui import notices, segments
from pages.ui.bring import at_work, photo_model
from pages.ui.bring.drafting import OpenDraft
from pages.ui.text import unmarked

_LIST = "backbones"
"""Name in the address of the list that is looked at."""
_HERE, _ALL, _NAMED = "here", "all", "named"
_LISTS = {_HERE: "On this machine", _ALL: "All that open_clip knows", _NAMED: "By name or place"}
_MILLION = 1e6
_HEIGHT = 320
"""Of the table, in pixels."""


def show(draft: OpenDraft, chosen: str, looked_up: bool) -> str:
    """Draw them, and say which list was drawn.

    Args:
        looked_up: open_clip's models are being listed, and that is drawn elsewhere.
    """
    which = segments.choose("Choose from", _LIST, _LISTS)
    if which == _HERE:
        _here(draft, chosen, looked_up)
    elif which == _ALL:
        _all(draft, chosen, looked_up)
    return which


def by_name(which: str) -> bool:
    """Whether that list is the field for a name or a place."""
    return which == _NAMED


def choose(draft: OpenDraft, spec: str) -> None:
    """Take a backbone. For callbacks."""
    draft.set(backbone=spec)


def found(spec: str) -> KnownBackbone | None:
    """What is known of a backbone without loading it."""
    every = [*local(), *(catalogue.named() or ())]
    return next((one for one in every if one.spec == spec), None)


def facts(one: KnownBackbone) -> str:
    """Its sizes in words."""
    return f"{one.width:,} dimensions, {one.image_size} px{_count(one, ' parameters')}"


def _count(one: KnownBackbone, unit: str = "") -> str:
    return f", {one.parameters / _MILLION:,.0f} M{unit}" if one.parameters else ""


def birds_only(spec: str) -> bool:
    """Whether it was trained on the Aviary's painted birds and their words alone."""
    try:
        return vocabulary_of(spec) is not None
    except PlumageError:  # its list of words is damaged; said where it is chosen
        return True


# -- on this machine ---------------------------------------------------------------------------------------------------


def _here(draft: OpenDraft, chosen: str, looked_up: bool) -> None:
    every = [*(one for one in local() if one.spec != HARDENED), *(one for one in catalogue.named() or () if one.here)]
    ordered = sorted(every, key=lambda one: (one.spec != photo_clip(), birds_only(one.spec)))
    known = {one.spec: one for one in ordered}
    key = f"{draft.scope}-here"
    st.session_state[key] = chosen if chosen in known else None
    st.radio(
        "On this machine",
        list(known),
        format_func=lambda spec: unmarked(short(spec)),
        captions=[unmarked(f"{_about(one)} · {one.image_size} px{_count(one)}") for one in known.values()],
        key=key,
        label_visibility="collapsed",
        on_change=lambda: choose(draft, str(st.session_state[key])),
    )
    if anything_fetched() and catalogue.kept() is None and not looked_up:
        listing(draft, "Looking which of open_clip's models lie here")
    photo_model.offer(draft)


def _about(one: KnownBackbone) -> str:
    if one.spec == photo_clip():
        return "Things in photographs; no CLIP"
    if birds_only(one.spec):
        return "Painted birds only"
    return "Made here" if one.spec.startswith(LOCAL) else "Photographs, open text"


# -- what open_clip knows ----------------------------------------------------------------------------------------------


def _all(draft: OpenDraft, chosen: str, looked_up: bool) -> None:
    tags = catalogue.named()
    if tags is None and looked_up:
        return
    if tags is None:
        listing(draft, "Listing what open_clip knows, once")
        return
    wanted = st.text_input("Find", key="bring-backbone-find", placeholder="ViT-B laion", width=320).casefold().split()
    rows = [one for one in tags if all(word in one.spec.casefold() for word in wanted)]
    if not rows:
        st.caption(f"None of the {len(tags)} has all of that in its name.")
        return
    specs = [one.spec for one in rows]
    key = f"bring-tags-{sha256(repr(specs).encode()).hexdigest()[:12]}"
    st.dataframe(
        _table(rows),
        key=key,
        hide_index=True,
        height=min(_HEIGHT, 38 + 35 * len(rows)),
        on_select=lambda: picked(draft, st.session_state[key]["selection"]["rows"], specs),
        selection_mode="single-row",
        selection_default={"selection": {"rows": [specs.index(chosen)] if chosen in specs else []}},
        column_config={
            "Input": st.column_config.NumberColumn(format="%d px"),
            "Parameters": st.column_config.NumberColumn(format="%d M"),
        },
        alt=f"{len(rows)} models of open_clip, one a row; a ticked row is chosen",
    )
    st.caption(f"{len(rows)} of {len(tags)}. The box before a row, or Shift and Space, chooses it.")


def _table(rows: list[KnownBackbone]) -> Table:
    names = [one.spec.partition(":") for one in rows]
    return {
        "Model": [name for name, _, _ in names],
        "Tag": [tag for _, _, tag in names],
        "Here": ["yes" if one.here else "" for one in rows],
        "Width": [one.width for one in rows],
        "Input": [one.image_size for one in rows],
        "Parameters": [round(one.parameters / _MILLION) if one.parameters else None for one in rows],
    }


def picked(draft: OpenDraft, rows: Sequence[int], specs: Sequence[str]) -> None:
    """Callback: take the model whose row is ticked, if one is.

    Args:
        rows: those that are ticked.
        specs: of all rows.
    """
    if rows:
        choose(draft, specs[rows[0]])


def listing(draft: OpenDraft, words: str) -> None:
    """Have open_clip's models listed by itself, once; what went wrong is tried again when asked for."""
    job = errands.find(draft.store, errands.MODELS)
    if job is None or job.status not in (FAILED, INTERRUPTED, STOPPED):
        if job is None or not job.live:
            notices.attempt(lambda: errands.list_models(draft.store))
        look = partial(errands.find, draft.store, errands.MODELS)
        at_work.show("bring-models", words, look, lambda job: end(draft.store, job))
        return
    if job.status != STOPPED:
        why = job.error or "its process ended too early"
        notices.panel(notices.Notice("The list could not be made", why, "Try again"))
    again = (lambda: errands.list_models(draft.store),)
    st.button("List them (about a minute, once)", key="bring-models-again", on_click=notices.attempt, args=again)
