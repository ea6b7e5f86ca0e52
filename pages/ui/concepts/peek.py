"""Pictures under the pointer, and clicks on points: a component that listens to a chart.

Plotly's hover boxes hold text only, and Streamlit hands over no click while a chart is in lasso mode. This runs in the
page, asks no server while the pointer moves, and gets no text from anybody: only numbers and a sheet of pictures (a
WebP file as a data address).
"""

from __future__ import annotations

import base64
from collections.abc import Callable

import streamlit as st

from engine.jobs.analyses import Result
from pages.ui import assets

SHOWN = 120
"""Side in pixels of the picture under the pointer."""

_peek = assets.component("peek", "<span></span>")


def peek(chart: str, name: str, found: Result | None, on_pick: Callable[[int], None]) -> None:
    """Listen to a chart whose points' `customdata` is their place on the sheet, or below 0.

    Args:
        chart: the chart's key.
        name: of the sheet; another sheet needs another name.
        found: the result of the analysis `thumbnails`; without it there are clicks but no pictures.
        on_pick: called with the `customdata` of a point that was clicked, before the page is drawn again.
    """
    key = f"peek-{chart}"

    def picked() -> None:
        index = (st.session_state.get(key) or {}).get("picked")
        if index is not None:
            on_pick(int(index))

    data = {**_packed(found), "chart": chart, "id": name, "side": SHOWN}
    _peek(data=data, key=key, height="content", on_picked_change=picked)


def _packed(found: Result | None) -> dict[str, object]:
    if found is None:
        return {"sheet": "", "columns": 1, "rows": 1}
    columns = int(found["columns"])
    address = "data:image/webp;base64," + base64.b64encode(found["sheet"].tobytes()).decode()
    return {"sheet": address, "columns": columns, "rows": -(-len(found["rows"]) // columns)}
