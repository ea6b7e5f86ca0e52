"""A panel: a finding as its headline, a chart, and one click away the definitions and the numbers as table and CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from engine.figures.tables import Table, to_csv
from pages.ui import definitions
from pages.ui.text import safe


@contextmanager
def panel(
    key: str, headline: str, caption: str, table: Callable[[], Table] | None = None, terms: Sequence[str] = ()
) -> Iterator[None]:
    """Draw the panel's frame; the body draws the chart.

    Args:
        key: unique on the page; also names the CSV file.
        headline: what was found.
        caption: what is drawn, neutrally.
        table: makes the chart's numbers; called only when the reader opens them.
        terms: metrics whose definitions the panel needs.
    """
    with st.container(border=True, height="stretch", key=f"panel-{key}"):
        with st.container(horizontal=True, vertical_alignment="top", wrap=False, key=f"head-{key}", gap="small"):
            st.html(f"<div class='pl-finding'><h3>{safe(headline)}</h3><p>{safe(caption)}</p></div>")
            if terms:
                definitions.popover(terms, key)
            if table is not None:
                _twin(key, table)
        yield


def _twin(key: str, table: Callable[[], Table]) -> None:
    drawer = st.popover("Table", icon=":material/table:", type="tertiary", key=f"twin-{key}", on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        numbers(key, table())


def numbers(key: str, table: Table) -> None:
    """A table and the button that saves it as CSV."""
    st.dataframe(table, hide_index=True, key=f"table-{key}", alt=f"The numbers of {key}")
    st.download_button(
        "Save as CSV",
        to_csv(table),
        file_name=f"plumage-{key}.csv",
        mime="text/csv",
        key=f"csv-{key}",
        icon=":material/download:",
        on_click="ignore",
    )
