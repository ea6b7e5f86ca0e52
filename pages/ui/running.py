"""What Home and Run say alike of a run at work: its state, how far it is, and why it failed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.store.view import RunView
from pages.ui import address, context, notices
from pages.ui.text import chip, safe

Stage = tuple[str, bool, int]
"""Status, whether the data are open, and finished tasks: where one of them changes, the whole page is drawn anew."""


def stage(view: RunView) -> Stage:
    """Where the run stands."""
    return view.status, bool(view.task_classes), view.tasks_done


def head(view: RunView, status: str, facts: Sequence[str]) -> str:
    """The run's state, its name if it has one, and some facts on one line, as HTML; empty facts are left out."""
    told = "".join(f"<span class='pl-fact'>{safe(fact)}</span>" for fact in facts if fact)
    word = "pausing" if status == "running" and view.wanted == "pause" else None
    name = f"<strong>{safe(view.name)}</strong>" if view.name else ""
    return f"<div class='pl-run'>{chip(status, word)}{name}{told}</div>"


def failure(view: RunView) -> None:
    """Why it failed, and the form with everything filled in, to change what is wrong."""
    remedy = f"Change what is wrong and try again, or resume after the last finished task; the log is {view.log_path}"
    notices.panel(notices.Notice("The run failed", view.error or "it left no message", remedy))
    pressed = st.button(
        "Change and try again", key="try-again", icon=":material/edit:", on_click=context.compose, args=(view.id,)
    )
    if pressed and not address.at_home():
        st.rerun()  # the form takes the whole page
    elif pressed:
        st.switch_page("pages/run.py")
