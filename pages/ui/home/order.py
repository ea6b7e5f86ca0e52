"""What is known of every run on the shelf, column by column, and the order in which they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from engine.store.labels import method_title
from engine.store.search import data_of
from engine.store.shelf import ShelfEntry
from pages.ui import address
from pages.ui.home.changes import called

SORT = "sort"
"""Name in the address of the column by which runs are sorted; `-` before it turns the order round."""


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A run on the shelf, and how much it forgot (0..1, None where it is not known or was not asked for)."""

    entry: ShelfEntry
    forgetting: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One thing known of every run.

    Attributes:
        title: as the table heads it.
        words: as the list of orders calls it.
        value: what is sorted by; None where it is not known, which comes last whichever way.
        falling: the largest comes first.
    """

    title: str
    words: str
    value: Callable[[ShelfRow], Any]
    falling: bool = False


COLUMNS: Mapping[str, Column] = {
    "new": Column("Made", "Newest first", lambda row: row.entry.run.created, falling=True),
    "star": Column("Starred", "Starred first", lambda row: row.entry.starred, falling=True),
    "name": Column("Name", "By name", lambda row: called(row.entry.run).casefold()),
    "method": Column("Method", "By method", lambda row: method_title(row.entry.run.method) or None),
    "data": Column("Data", "By data", lambda row: data_of(row.entry.run) or None),
    "seed": Column("Seed", "By seed", lambda row: row.entry.run.seed),
    "tasks": Column("Tasks", "Most tasks first", lambda row: row.entry.run.tasks_done, falling=True),
    "last": Column("Last", "Most accurate first", lambda row: row.entry.run.last_accuracy, falling=True),
    "average": Column("Average", "Best average first", lambda row: row.entry.run.average_accuracy, falling=True),
    "forgetting": Column("Forgetting", "Least forgetting first", lambda row: row.forgetting),
    "time": Column("Time", "Fastest first", lambda row: row.entry.run.seconds or None),
    "tags": Column("Tags", "By tags", lambda row: row.entry.tags or None),
    "state": Column("State", "By state", lambda row: row.entry.run.status),
}


def chosen() -> tuple[str, bool]:
    """The column that is sorted by, and whether the order is turned round."""
    asked = address.value(SORT) or ""
    name = asked.removeprefix("-")
    return (name, asked.startswith("-")) if name in COLUMNS else ("new", False)


def choose(column: str) -> None:
    """For callbacks: sort by a column; by the same once more, the other way round."""
    now, turned = chosen()
    address.choose(SORT, f"-{column}" if column == now and not turned else column)


def draw() -> None:
    """Draw the list of orders, and the button that turns it round."""
    now, _ = chosen()
    st.selectbox(
        "Order",
        list(COLUMNS),
        format_func=lambda name: COLUMNS[name].words,
        width=190,
        label_visibility="collapsed",
        **address.bound(SORT, now, "shelf-order"),
    )
    turn = ":material/swap_vert:"
    st.button(
        "The other way round", key="shelf-turn", icon=turn, help="The other way round", on_click=choose, args=(now,)
    )
    settle()


def settle() -> None:
    """Write the order into the address."""
    name, turned = chosen()
    address.settle(SORT, f"-{name}" if turned else name, default="new")


def in_order(rows: Sequence[ShelfRow]) -> list[ShelfRow]:
    """The rows in the chosen order; of equals the newest first."""
    name, turned = chosen()
    column = COLUMNS[name]
    known = [row for row in rows if column.value(row) is not None]
    unknown = [row for row in rows if column.value(row) is None]
    return sorted(known, key=column.value, reverse=column.falling != turned) + unknown
