"""The runs as a table: a click on a heading sorts, ticked rows are chosen. Order, ticks and words are ours, not its."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import streamlit as st

from engine.figures.tables import cell
from engine.store.labels import method_title
from engine.store.search import data_of
from engine.store.shelf import ShelfEntry
from pages.ui.home import card, chosen, order
from pages.ui.home.changes import called
from pages.ui.home.order import COLUMNS, ShelfRow
from pages.ui.tagging import counted
from pages.ui.text import STATUS_WORDS, duration

_SHOWN = ("name", "method", "data", "seed", "tasks", "last", "average", "forgetting", "time", "tags", "state", "new")
"""The columns of the table, as `COLUMNS` names them."""
_ROW_PX, _MOST_ROWS = 35, 14
_WAYS = {True: " ↓", False: " ↑"}


def draw(rows: Sequence[ShelfRow]) -> None:
    """Draw it; the rows stand in their order."""
    ids, headings = [row.entry.run.id for row in rows], _headings()
    key = f"shelf-table-{sha256(repr((ids, headings)).encode()).hexdigest()[:12]}"
    st.dataframe(
        content(rows, headings),
        hide_index=True,
        height=_ROW_PX * (min(len(rows), _MOST_ROWS) + 1) + 3,
        key=key,
        on_select=lambda: picked(st.session_state[key]["selection"], ids, headings),
        selection_mode=["multi-row", "single-column"],
        selection_default={"selection": {"rows": [i for i, run in enumerate(ids) if run in chosen.runs()]}},
        column_config=_config(headings),
        placeholder="",
        alt=f"{counted(len(rows))}, one a row; a heading sorts, a ticked row is chosen",
    )


def picked(selection: Mapping[str, Sequence[Any]], ids: Sequence[str], headings: Mapping[str, str]) -> None:
    """Callback: take over which rows are ticked, and by which column to sort.

    Args:
        selection: as the table has it.
        ids: the run of each row.
        headings: of each column, by its name in `COLUMNS`.
    """
    chosen.replace(ids, [ids[row] for row in selection["rows"]])
    for name, heading in headings.items():
        if heading in selection["columns"]:
            order.choose(name)


def content(rows: Sequence[ShelfRow], headings: Mapping[str, str]) -> dict[str, list[Any]]:
    """The cells, by heading."""
    cells = [_cells(row) for row in rows]
    return {heading: [one[name] for one in cells] for name, heading in headings.items()}


def _cells(row: ShelfRow) -> dict[str, Any]:
    entry: ShelfEntry = row.entry
    run = entry.run
    return {
        "name": f"{'★ ' if entry.starred else ''}{called(run)}",
        "method": method_title(run.method),
        "data": data_of(run),
        "seed": run.seed,
        "tasks": f"{run.tasks_done} of {run.tasks_total or '?'}",
        "last": _hundredfold(run.last_accuracy),
        "average": _hundredfold(run.average_accuracy),
        "forgetting": _hundredfold(row.forgetting),
        "time": duration(run.seconds) if run.seconds else "",
        "tags": list(entry.tags),
        "state": STATUS_WORDS.get(run.status, run.status),
        "new": card.when(run.created),
    }


def _hundredfold(share: float | None) -> float | None:
    return None if share is None else cell(100 * share, 1)


def _headings() -> dict[str, str]:
    """What each column is headed; the one that is sorted by says which way."""
    now, turned = order.chosen()
    falling = COLUMNS[now].falling != turned
    return {name: COLUMNS[name].title + (_WAYS[falling] if name == now else "") for name in _SHOWN}


def _config(headings: Mapping[str, str]) -> dict[str, Any]:
    share = st.column_config.ProgressColumn(format="%.1f %%", min_value=0.0, max_value=100.0, width="small")
    small = st.column_config.Column(width="small")
    kinds = {
        "seed": st.column_config.NumberColumn(format="%d", width="small"),
        "last": share,
        "average": share,
        "forgetting": st.column_config.NumberColumn(format="%.1f points", width="small"),
        "tags": st.column_config.ListColumn(width="medium"),
        **dict.fromkeys(("data", "tasks", "time", "state"), small),
    }
    return {headings[name]: kind for name, kind in kinds.items()}
