"""The shelf of runs: find them, mark them, put them side by side, and throw them away without regret."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from engine.runs.catalog import catalog
from engine.store.shelf import Shelf, ShelfEntry
from engine.store.store import RunStore
from pages.ui import context, notices
from pages.ui.home import binned, card
from pages.ui.text import finding

EACH = 12
"""Cards at a time."""
MOST = 4
"""Runs that can be compared."""
_WIDTH = 330
"""Least width of a card in pixels."""
_TICK = 5.0
"""Seconds between two looks while a run trains that the top of the page does not follow."""
_ORDERS: Mapping[str, tuple[str, Callable[[ShelfEntry], object]]] = {
    "new": ("Newest first", lambda entry: -entry.run.created),
    "star": ("Starred first", lambda entry: not entry.starred),
    "best": ("Most accurate first", lambda entry: -(entry.run.last_accuracy or 0.0)),
    "name": ("By name", lambda entry: (entry.run.name or entry.run.id).casefold()),
}


_GO = "shelf-go"
"""Session: the page to go to. Only a run of the whole page can go there: from a fragment the address stays behind."""


def show(here: context.Context) -> None:
    """Draw it. What is done here draws only the shelf anew; what changes the rest of the page draws it all."""
    if (way := st.session_state.pop(_GO, None)) is not None:
        st.switch_page(way[0], query_params=way[1])
    followed = here.view.id if here.view is not None else ""
    waiting = [run for run in here.runs if run.status in ("queued", "running") and run.id != followed]
    st.session_state.pop(card.EVERYTHING, None)  # everything is being drawn
    st.fragment(_shelf, run_every=_TICK if waiting else None)(followed)


def _shelf(looked_at: str) -> None:
    if _GO in st.session_state or st.session_state.pop(card.EVERYTHING, False):
        st.rerun()
    with notices.caught():
        shelf = Shelf(RunStore())
        entries = shelf.entries()
        if entries:
            _head(entries)
        card.undo(shelf)
        if entries:
            _cards(shelf, _sorted([entry for entry in entries if matches(entry, *_wanted())]), looked_at)
        binned.show(shelf)


def matches(entry: ShelfEntry, text: str, starred: bool) -> bool:
    """Whether an entry has all the words somewhere in its name, note, method or id."""
    if starred and not entry.starred:
        return False
    run = entry.run
    info = catalog().get(run.method)
    where = " ".join((run.name, entry.note, run.method, info.title if info else "", run.id, run.status)).casefold()
    return all(word in where for word in text.casefold().split())


def _wanted() -> tuple[str, bool]:
    return str(st.session_state.get("shelf-search") or ""), st.session_state.get("shelf-which") == "starred"


def _sorted(entries: Sequence[ShelfEntry]) -> list[ShelfEntry]:
    _, key = _ORDERS[st.session_state.get("shelf-order") or "new"]
    return sorted(entries, key=key)  # type: ignore[arg-type]


def _head(entries: Sequence[ShelfEntry]) -> None:
    runs = "1 run" if len(entries) == 1 else f"{len(entries)} runs"
    st.html(finding("Your runs", f"{runs} on the shelf. Everything is kept until you empty the bin."))
    with st.container(horizontal=True, vertical_alignment="bottom", key="shelf-tools", gap="small"):
        st.text_input(
            "Search",
            key="shelf-search",
            placeholder="Name, note, method",
            icon=":material/search:",
            width=260,
            persist_state="session",
            max_chars=100,
        )
        st.segmented_control(
            "Show",
            ["all", "starred"],
            default="all",
            required=True,
            key="shelf-which",
            format_func=str.capitalize,
            persist_state="session",
        )
        st.selectbox(
            "Order",
            list(_ORDERS),
            key="shelf-order",
            format_func=lambda order: _ORDERS[order][0],
            width=200,
            persist_state="session",
        )
        st.button("New run", key="shelf-new", icon=":material/add:", on_click=_compose)
        _compare(entries)


def _compare(entries: Sequence[ShelfEntry]) -> None:
    ticked = [run for run in card.ticked() if run in {entry.run.id for entry in entries}]
    if len(ticked) < 2:
        st.caption("Tick two to four runs to compare them." if len(entries) > 1 else "")
        return
    st.button(
        f"Compare {len(ticked)} runs",
        key="shelf-compare",
        type="primary",
        icon=":material/compare_arrows:",
        disabled=len(ticked) > MOST,
        on_click=_go,
        args=("pages/tasks.py", {"tab": "compare", "runs": ",".join(ticked)}),
    )
    if len(ticked) > MOST:
        st.caption(f"At most {MOST} fit side by side.")


def _go(page: str, query: dict[str, str]) -> None:
    st.session_state[_GO] = (page, query)


def _compose() -> None:
    context.compose()
    _go("pages/run.py", {})


def _cards(shelf: Shelf, found: Sequence[ShelfEntry], looked_at: str) -> None:
    if not found:
        st.caption("No run is like that. Search for less, or show all.")
    pages = max(1, -(-len(found) // EACH))
    if st.session_state.get("shelf-page", 1) > pages:
        st.session_state["shelf-page"] = pages
    page = int(st.session_state.get("shelf-page", 1))
    shown = found[(page - 1) * EACH : page * EACH]
    matrices = shelf.matrices([entry.run for entry in shown])
    with st.grid(min_column_width=_WIDTH, gap="small"):
        for entry in shown:
            card.draw(entry, matrices.get(entry.run.id), entry.run.id == looked_at)
    if pages > 1:
        st.pagination(pages, key="shelf-page")
