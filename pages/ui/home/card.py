"""One run on the shelf: what it is at a glance, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from engine.array_types import Floats
from engine.figures.look import percent
from engine.figures.thumbnail import thumbnail, told
from engine.runs.catalog import catalog
from engine.store.shelf import MAX_NOTE, Shelf, ShelfEntry
from engine.store.store import MAX_NAME, RunStore
from engine.store.summary import DAMAGED, RunSummary
from pages.ui import address, context, notices
from pages.ui.text import chip, safe, unmarked

EVERYTHING = "shelf-redraw"
"""Session flag: what was done concerns the whole page, not only the shelf."""
LOOKED_AT = "home-run"
"""Session: the run that the top of the page told of last."""
_EDITING, _UNDO = "shelf-editing", "shelf-undo"
"""Session: the run whose name and note are being edited; the run that was removed last."""
_TICK = "shelf-tick-"
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


def ticked() -> list[str]:
    """The runs ticked for comparing, in the order of their names."""
    return sorted(
        str(key).removeprefix(_TICK) for key, value in st.session_state.items() if str(key).startswith(_TICK) and value
    )


def undo(shelf: Shelf) -> None:
    """What was removed last, and the way back."""
    run = st.session_state.get(_UNDO)
    entry = next((entry for entry in shelf.bin() if entry.run.id == run), None) if run else None
    if entry is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="shelf-undone"):
        st.markdown(f"{unmarked(called(entry.run))} lies in the bin.")
        st.button("Undo", key="shelf-undo-button", icon=":material/undo:", on_click=put_back, args=(entry.run.id,))


def put_back(run: str) -> None:
    """Callback: take a run out of the bin."""
    change(lambda shelf: shelf.restore(run), everything=True)


def called(run: RunSummary) -> str:
    """A run's name, or its id where it has none."""
    return run.name or run.id


def when(moment: float) -> str:
    """A time as people write it."""
    return time.strftime("%d %b %Y, %H:%M", time.localtime(moment)).removeprefix("0")


def _html(entry: ShelfEntry, matrix: Floats | None, looked_at: bool) -> str:
    run = entry.run
    picture = ""
    if matrix is not None and len(matrix):
        picture = f"<img src=\"{thumbnail(matrix)}\" alt='Accuracy matrix. {safe(told(matrix))}.'>"
    info = catalog().get(run.method)
    facts = [info.title if info else run.method, f"{run.tasks_done} of {run.tasks_total or '?'} tasks"]
    if run.status == DAMAGED:
        facts = [run.error or ""]
    star = "<span class='hm-star' title='Starred' role='img' aria-label='Starred'>★</span>" if entry.starred else ""
    name = called(run)
    short = name if len(name) <= _NAME_SHOWN else name[: _NAME_SHOWN - 1] + "…"
    last = "" if run.last_accuracy is None else f"<b class='hm-last'>{percent(run.last_accuracy)}</b>"
    note = f"<p class='hm-note'>{safe(entry.note)}</p>" if entry.note else ""
    above = "<span class='hm-here'>shown above</span>" if looked_at else ""
    origin = f"<p>from {safe(entry.imported)}</p>" if entry.imported else ""
    return (
        f"<div class='hm-card'><div class='hm-thumb'>{picture}</div><div class='hm-about'>"
        f"<h3 title='{safe(name)}'>{star}{safe(short)}</h3><div class='hm-line'>{last}{chip(run.status)}{above}</div>"
        f"<p>{safe(', '.join(facts))}</p><p>{when(run.created)}</p>{origin}{note}</div></div>"
    )


def _actions(entry: ShelfEntry, looked_at: bool) -> None:
    run = entry.run.id
    with st.container(horizontal=True, vertical_alignment="center", key=f"shelf-do-{run}", gap="xsmall"):
        if not looked_at and entry.run.status != DAMAGED:
            st.button(
                "Show",
                key=f"shelf-show-{run}",
                icon=":material/visibility:",
                type="tertiary",
                on_click=_show,
                args=(run,),
            )
        st.button(
            "Unstar" if entry.starred else "Star",
            key=f"shelf-star-{run}",
            icon=":material/star:" if entry.starred else ":material/star_border:",
            type="tertiary",
            on_click=_star,
            args=(run, not entry.starred),
        )
        st.button(
            "Edit",
            key=f"shelf-edit-{run}",
            icon=":material/edit:",
            type="tertiary",
            help="Name and note",
            on_click=_edit,
            args=(run,),
        )
        st.button(
            "Remove",
            key=f"shelf-remove-{run}",
            icon=":material/delete:",
            type="tertiary",
            disabled=entry.live,
            help="It is running: stop it first." if entry.live else "Into the bin; it can be put back.",
            on_click=_remove,
            args=(run,),
        )
        st.checkbox("Compare", key=f"{_TICK}{run}", persist_state="session", disabled=entry.run.last_accuracy is None)


def _form(entry: ShelfEntry) -> None:
    run = entry.run
    st.text_input("Name", run.name, key=f"shelf-name-{run.id}", max_chars=MAX_NAME)
    st.text_area("Note", entry.note, key=f"shelf-note-{run.id}", max_chars=MAX_NOTE, height=90)
    with st.container(horizontal=True, key=f"shelf-form-{run.id}"):
        st.button("Save", key=f"shelf-save-{run.id}", type="primary", on_click=_save, args=(run.id,))
        st.button("Cancel", key=f"shelf-cancel-{run.id}", type="tertiary", on_click=_edit, args=(None,))


def _show(run: str) -> None:
    context.select(run)
    st.session_state[EVERYTHING] = True


def _star(run: str, starred: bool) -> None:
    change(lambda shelf: shelf.star(run, starred))


def _edit(run: str | None) -> None:
    st.session_state[_EDITING] = run


def _save(run: str) -> None:
    name, note = (str(st.session_state.get(f"shelf-{what}-{run}") or "") for what in ("name", "note"))
    if change(lambda shelf: shelf.describe(run, name, note), everything=True):
        _edit(None)


def _remove(run: str) -> None:
    if change(lambda shelf: shelf.remove(run), everything=True):
        st.session_state[_UNDO] = run
        if address.value(context.RUN) == run:  # or the page would take it for a link to a run that is gone
            address.choose(context.RUN, None)
            st.session_state.pop(LOOKED_AT, None)
        st.session_state.pop(f"{_TICK}{run}", None)


def change(act: Callable[[Shelf], object], everything: bool = False) -> bool:
    """For callbacks: change the shelf; an error becomes a notice. Says whether it went well.

    Args:
        everything: the rest of the page shows it too.
    """
    done = notices.succeeds(lambda: _on_shelf(act))
    if everything or not done:  # a notice stands at the top of the page
        st.session_state[EVERYTHING] = True
    return done


def _on_shelf(act: Callable[[Shelf], object]) -> None:
    act(Shelf(RunStore()))
