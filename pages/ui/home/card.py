"""One run on the shelf: what it is at a glance, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from engine.array_types import Floats
from engine.figures.look import percent
from engine.figures.thumbnail import thumbnail, told
from engine.store.labels import method_title
from engine.store.shelf import MAX_NOTE, ShelfEntry
from engine.store.store import MAX_NAME
from engine.store.summary import DAMAGED
from pages.ui.home import changes, chosen, settings
from pages.ui.home.changes import called
from pages.ui.text import chip, safe

_EDITING = "shelf-editing"
"""Session: the run whose name, note and tags are being edited."""
_NAME_SHOWN = 60
"""Characters of a name on a card; the whole name is its title."""


def draw(entry: ShelfEntry, matrix: Floats | None, looked_at: bool) -> None:
    """Draw the card."""
    run = entry.run
    with st.container(border=True, height="stretch", key=f"shelf-card-{run.id}", gap="small"):
        st.html(_html(entry, matrix, looked_at))
        if st.session_state.get(_EDITING) == run.id:
            _form(entry)
        else:
            _actions(entry, looked_at)


def when(moment: float) -> str:
    """A time as people write it."""
    return time.strftime("%d %b %Y, %H:%M", time.localtime(moment)).removeprefix("0")


def _html(entry: ShelfEntry, matrix: Floats | None, looked_at: bool) -> str:
    run = entry.run
    picture = ""
    if matrix is not None and len(matrix):
        picture = f"<img src=\"{thumbnail(matrix)}\" alt='Accuracy matrix. {safe(told(matrix))}.'>"
    facts = [method_title(run.method), f"seed {run.seed}"] if run.name else []
    facts.append(f"{run.tasks_done} of {run.tasks_total or '?'} tasks")
    if run.status == DAMAGED:
        facts = [run.error or ""]
    star = "<span class='hm-star' title='Starred' role='img' aria-label='Starred'>★</span>" if entry.starred else ""
    name = called(run)
    short = name if len(name) <= _NAME_SHOWN else name[: _NAME_SHOWN - 1] + "…"
    last = "" if run.last_accuracy is None else f"<b class='hm-last'>{percent(run.last_accuracy)}</b>"
    note = f"<p class='hm-note'>{safe(entry.note)}</p>" if entry.note else ""
    above = "<span class='hm-here'>shown above</span>" if looked_at else ""
    tags = "".join(f"<span class='hm-tag'>{safe(tag)}</span>" for tag in entry.tags)
    origin = f"<p>from {safe(entry.imported)}</p>" if entry.imported else ""
    return (
        f"<div class='hm-card'><div class='hm-thumb'>{picture}</div><div class='hm-about'>"
        f"<h3 title='{safe(name)}'>{star}{safe(short)}</h3><div class='hm-line'>{last}{chip(run.status)}{above}</div>"
        f"<p>{safe(', '.join(facts))}</p><p>{when(run.created)}</p>{origin}{note}{tags}</div></div>"
    )


def _actions(entry: ShelfEntry, looked_at: bool) -> None:
    run = entry.run.id
    with st.container(horizontal=True, vertical_alignment="center", key=f"shelf-do-{run}", gap="xsmall"):
        if not looked_at and entry.run.status != DAMAGED:
            _button("show", run, ":material/visibility:", "Show", "Tell of it above", settings.look_at, run)
        star = ":material/star:" if entry.starred else ":material/star_border:"
        _button("star", run, star, "Unstar" if entry.starred else "Star", None, _star, run, not entry.starred)
        _button("edit", run, ":material/edit:", "Edit", "Name, note and tags", _edit, run)
        if entry.run.status != DAMAGED:
            _button("settings", run, ":material/list:", "Settings", None, settings.open_for, run)
        note = "It is running: stop it first." if entry.live else "Into the bin; it can be put back."
        _button("remove", run, ":material/delete:", "Remove", note, changes.remove, (run,), disabled=entry.live)
        tick = f"shelf-tick-{run}"
        ticked = run in chosen.runs()
        if st.session_state.get(tick) != ticked:  # told again, it would undo a tick set while the page was being drawn
            st.session_state[tick] = ticked
        st.checkbox("Choose", key=tick, on_change=_tick, args=(run, tick))


def _button(
    what: str,
    run: str,
    icon: str,
    label: str,
    note: str | None,
    act: Callable[..., None],
    *args: object,
    disabled: bool = False,
) -> None:
    key = f"shelf-{what}-{run}"
    st.button(
        label, key=key, icon=icon, type="tertiary", disabled=disabled, help=note or label, on_click=act, args=args
    )


def _tick(run: str, widget: str) -> None:
    chosen.tick(run, bool(st.session_state[widget]))


def _form(entry: ShelfEntry) -> None:
    run = entry.run
    st.text_input("Name", run.name, key=f"shelf-name-{run.id}", max_chars=MAX_NAME)
    st.text_area("Note", entry.note, key=f"shelf-note-{run.id}", max_chars=MAX_NOTE, height=90)
    st.multiselect(
        "Tags",
        list(entry.tags),
        list(entry.tags),
        key=f"shelf-tags-{run.id}",
        accept_new_options=True,
        placeholder="New",
    )
    with st.container(horizontal=True, key=f"shelf-form-{run.id}"):
        st.button("Save", key=f"shelf-save-{run.id}", type="primary", on_click=_save, args=(run.id,))
        st.button("Cancel", key=f"shelf-cancel-{run.id}", type="tertiary", on_click=_edit, args=(None,))


def _star(run: str, starred: bool) -> None:
    changes.change(lambda shelf: shelf.star(run, starred))


def _edit(run: str | None) -> None:
    st.session_state[_EDITING] = run


def _save(run: str) -> None:
    name, note = (str(st.session_state.get(f"shelf-{what}-{run}") or "") for what in ("name", "note"))
    tags = [str(tag) for tag in st.session_state.get(f"shelf-tags-{run}") or ()]
    if changes.change(lambda shelf: shelf.describe(run, name, note, tags), everything=True):
        _edit(None)
