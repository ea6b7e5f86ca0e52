"""Where a method that is not told of tasks noticed one, and whether test images find the right expert."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.tasks import boundaries as exhibits
from engine.store.view import RunView
from pages.ui import analysis, panels


def show(view: RunView, split: str, moment: int) -> None:
    """Both charts; nothing for other methods."""
    if view.config.method != exhibits.METHOD:
        return
    words = "where it noticed a new task"
    found = analysis.wanted(view, moment, exhibits.ANALYSIS, words=words, auto=not view.active)
    if found is None:
        return
    left, right = st.columns(2)
    with left:
        panels.show(exhibits.stream(found), chart="stream")
    with right:
        panels.show(exhibits.routing(found, split), chart="routing")
