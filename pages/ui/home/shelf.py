"""The shelf of runs: find them, mark them, put them side by side, and throw them away without regret."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from engine.metrics.accuracy import forgetting
from engine.store.search import matches
from engine.store.shelf import Shelf, ShelfEntry
from engine.store.store import RunStore
from pages.ui import address, context, notices, segments
from pages.ui.home import binned, card, changes, chosen, exports, order, settings, table
from pages.ui.home.order import ShelfRow
from pages.ui.tagging import counted
from pages.ui.text import finding

EACH = 12
"""Cards at a time."""
VIEW, FIND, ONLY = "shelf", "find", "only"
"""Names in the address: cards or a table, the words that are searched, and whether only starred runs are shown."""
_VIEWS = {"cards": "Cards", "table": "Table"}
_ONLY = {"all": "All", "starred": "Starred"}
_WIDTH = 330
"""Least width of a card in pixels."""
_LONGEST = 100
"""Characters that are searched at most."""
_TICK = 5.0
"""Seconds between two looks while a run trains that the top of the page does not follow."""
_GO = "shelf-go"
"""Session: the page to go to. Only a run of the whole page can go there: from a fragment the address stays behind."""


def show(here: context.Context) -> None:
    """Draw it. What is done here draws only the shelf anew; what changes the rest of the page draws it all."""
    if (way := st.session_state.pop(_GO, None)) is not None:
        st.switch_page(way[0], query_params=way[1])
    followed = here.view.id if here.view is not None else ""
    waiting = [run for run in here.runs if run.status in ("queued", "running") and run.id != followed]
    st.session_state.pop(changes.EVERYTHING, None)  # everything is being drawn
    st.fragment(_shelf, run_every=_TICK if waiting else None)(followed)
    settings.show(here.store)
    exports.show()


def _shelf(looked_at: str) -> None:
    if _GO in st.session_state or st.session_state.pop(changes.EVERYTHING, False):
        st.rerun()
    with notices.caught():
        shelf = Shelf(RunStore())
        entries = shelf.entries()
        wanted = _head(entries) if entries else []
        changes.undo(shelf)
        if entries:
            _runs(shelf, wanted, looked_at)
        binned.show(shelf)


def _head(entries: Sequence[ShelfEntry]) -> list[ShelfEntry]:
    """Draw what finds and orders runs, and return those that are wanted."""
    st.html(finding("Your runs"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="shelf-tools", gap="small"):
        text = _search()
        starred = segments.choose("Show", ONLY, _ONLY, hidden=True) == "starred"
        segments.choose("As", VIEW, _VIEWS, hidden=True)
        order.draw()
        st.button("New run", key="shelf-new", icon=":material/add:", on_click=_compose)
    found = [entry for entry in entries if matches(entry, text) and (entry.starred or not starred)]
    if len(found) < len(entries):
        st.caption(f"{len(found)} of {counted(len(entries))}")
    return found


def _search() -> str:
    text = (address.value(FIND) or "")[:_LONGEST]
    st.text_input(
        "Search",
        placeholder="Any words, such as clg seed 2",
        icon=":material/search:",
        width=270,
        max_chars=_LONGEST,
        label_visibility="collapsed",
        **address.bound(FIND, text, "shelf-search"),
    )
    address.settle(FIND, text or None)
    return text


def _go(page: str, query: dict[str, str]) -> None:
    st.session_state[_GO] = (page, query)


def _compose() -> None:
    context.compose()
    _go("pages/run.py", {})


def _runs(shelf: Shelf, entries: Sequence[ShelfEntry], looked_at: str) -> None:
    if not entries:
        st.caption("No run is like that. Search for less, or show all.")
    as_table = segments.asked(VIEW, _VIEWS) == "table"
    lost = _forgotten(shelf, entries) if as_table or order.chosen()[0] == "forgetting" else {}
    rows = order.in_order([ShelfRow(entry, lost.get(entry.run.id)) for entry in entries])
    chosen.bar([row.entry for row in rows], _go)
    if as_table and rows:
        table.draw(rows)
    elif rows:
        _cards(shelf, [row.entry for row in rows], looked_at)


def _forgotten(shelf: Shelf, entries: Sequence[ShelfEntry]) -> dict[str, float]:
    """What each run forgot, 0..1; of some it is not known."""
    found = {run: forgetting(matrix) for run, matrix in shelf.matrices([entry.run for entry in entries]).items()}
    return {run: value for run, value in found.items() if math.isfinite(value)}


def _cards(shelf: Shelf, found: Sequence[ShelfEntry], looked_at: str) -> None:
    pages = -(-len(found) // EACH)
    page = min(int(st.session_state.get("shelf-page", 1)), pages)
    shown = found[(page - 1) * EACH : page * EACH]
    matrices = shelf.matrices([entry.run for entry in shown])
    with st.grid(min_column_width=_WIDTH, gap="small"):
        for entry in shown:
            card.draw(entry, matrices.get(entry.run.id), entry.run.id == looked_at)
    if pages > 1:
        st.session_state["shelf-page"] = page
        st.pagination(pages, key="shelf-page")
