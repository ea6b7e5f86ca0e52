"""Browse: every concept of the run at a moment, found, sorted, and pictured by its strongest images."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.errors import PlumageError
from engine.exhibits.concepts import listing
from engine.exhibits.concepts.exemplars import CONCEPTS
from engine.exhibits.concepts.judged import Judged
from pages.ui import context, firstly, notices, panels, segments
from pages.ui.concepts import cards, choices, marks, reading
from pages.ui.panels import panel
from pages.ui.text import title

_TABLE = "concept-list"
_ALL = "all"
_ROWS_HEIGHT = 392


def show(here: context.Context) -> None:
    """Words and controls first, then the table, then the cards."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    head, warned = st.container(), st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="concept-controls"):
        split = segments.split(view)
        try:
            weights = reading.head(view, moment)
        except PlumageError as error:
            weights = None
            with warned:
                notices.panel(notices.of_error(error))
        found = reading.known(view, moment, split, weights, _judged(here, warned))
        kept = _controls(found, here)
    with head:
        title(listing.headline(found, moment), listing.note(found))
    firstly.text()
    _list(found, kept, here)
    if kept:
        with notices.caught():
            cards.show(here, found, kept)


def _judged(here: context.Context, warned: DeltaGenerator) -> Judged | None:
    """The concepts judged by marks, where there are any; damaged marks, and pictures that are gone, are told."""
    view, moment = here.view, here.moment
    assert view is not None and moment is not None  # `show` has asked
    try:
        return marks.judged(view, moment)
    except PlumageError as error:
        with warned:
            notices.panel(notices.of_error(error))
        return None


def _controls(found: listing.Listing, here: context.Context) -> list[int]:
    """Search, filters and order; the concepts that are left, sorted."""
    search = st.text_input(
        "Search",
        key="concept-search",
        placeholder="words of a concept",
        width=220,
        max_chars=100,
        persist_state="session",
    )
    group = _filter("Group", sorted({g for g in found.known.group if g}), "concept-group")
    tasks = [str(t + 1) for t in sorted(set(found.known.born))]
    task = _filter("Brought by task", tasks, "concept-task")
    orders = {key: name for key, name in listing.ORDERS.items() if _sortable(found, key)}
    by = st.selectbox(
        "Sort by",
        list(orders),
        format_func=lambda key: orders[key],
        key="concept-order",
        width=230,
        persist_state="session",
    )
    position = None
    if here.class_id is not None and here.view is not None and here.moment is not None:
        position = here.view.class_ids_seen(here.moment).index(here.class_id)
    kept = listing.chosen(found, search or "", group, None if task is None else int(task) - 1, position)
    return listing.ordered(found, kept, by)


def _sortable(found: listing.Listing, key: str) -> bool:
    """Whether the list can be sorted by something: marks tell the AUC alone."""
    return found.has_truth or key not in ("auc", "accuracy", "fall") or (key == "auc" and found.is_judged)


def _filter(label: str, options: list[str], key: str) -> str | None:
    """One of some values, or none."""
    if st.session_state.get(key) not in (None, *options):  # another run has other groups
        st.session_state[key] = None
    return st.selectbox(label, options, index=None, key=key, placeholder=_ALL, width=170, persist_state="session")


def _list(found: listing.Listing, kept: list[int], here: context.Context) -> None:
    table = listing.table(found, kept)
    told = f"{len(kept)} concepts" if len(kept) != len(found) else f"All {len(found)} concepts"
    if len(kept) == 1:
        told = "One concept"
    name = here.view.class_names[here.class_id] if here.view is not None and here.class_id is not None else None
    which = "" if name is None else f" used by {name}, the class chosen above" if found.head is not None else ""
    caption = "Choose a row to follow a concept through the tasks."
    with panel(CONCEPTS.name, f"{told}{which}", caption, lambda: table, CONCEPTS.terms, CONCEPTS.lesson):
        if not kept:
            st.caption("No concept passes these filters. Clear one of them.")
            return
        height = min(_ROWS_HEIGHT, 36 * (len(kept) + 1) + 3)
        chosen = [str(word) for word in table["concept"]]
        panels.listing(table, _TABLE, lambda row: choices.look_at(chosen[row]), told, _columns(), height)


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "concept": column.TextColumn(width="medium"),
        "group": column.TextColumn(width=115),
        "task": column.NumberColumn(width=52, help="The task that brought it"),
        "listed for": column.TextColumn(width="medium"),
        "used by": column.NumberColumn(width=70, format="%d", help="Classes that use it"),
        "strongest weights": column.TextColumn(width=420),
        "AUC": column.NumberColumn(width=70, format="%.3f"),
        "95 %": column.TextColumn(width=105),
        "marked true": column.NumberColumn(width=90),
        "marked false": column.NumberColumn(width=95),
        "accuracy": column.ProgressColumn(width="small", format="percent", min_value=0, max_value=1, color="auto"),
        "broken by": column.TextColumn(width=80),
        "drift": column.NumberColumn(width=70, format="%.3f"),
        "alignment": column.NumberColumn(width=80, format="%.3f"),
    }
