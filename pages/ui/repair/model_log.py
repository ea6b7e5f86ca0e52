"""The log of edits in words, with undo, redo and reset; and what became of edits in other tabs."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.repair.measured import Measured
from engine.figures.look import percent
from engine.interventions.edits import describe
from engine.interventions.evidence import EARLIER
from pages.ui.repair import model_draft
from pages.ui.repair.model_draft import Work
from pages.ui.text import finding, safe, unmarked


def buttons(work: Work) -> None:
    """Undo, redo, reset, greyed out where they make no sense; nothing where there is nothing to take back."""
    if not (work.edits or work.redo):
        return
    for label, icon, act, on in (
        ("Undo", "undo", model_draft.undo, work.edits),
        ("Redo", "redo", model_draft.redo, work.redo),
        ("Reset", "restart_alt", model_draft.reset, work.edits),
    ):
        key, symbol = f"model-{label.lower()}", f":material/{icon}:"
        st.button(label, key=key, icon=symbol, on_click=act, args=(work,), disabled=not on)


def log(work: Work, measured: Measured, class_names: tuple[str, ...]) -> None:
    """Every edit in words; one that found nothing to change says so."""
    missing = set(measured.missing)
    for place, edit in enumerate(work.edits):
        with st.container(horizontal=True, vertical_alignment="center", key=f"model-log-{place}", wrap=False):
            nothing = " <em>(this model has nothing of that)</em>" if edit in missing else ""
            nothing += f" <em>({EARLIER})</em>" if edit.earlier_images else ""
            st.html(f"<div class='pl-log'><b>{place + 1}</b> {safe(describe(edit, class_names))}{nothing}</div>")
            st.button(
                "Leave out",
                key=f"model-out-{place}",
                type="tertiary",
                on_click=model_draft.leave_out,
                args=(work, place),
            )


def conflict(work: Work) -> None:
    """Say so where another tab has gone on with these edits."""
    if not model_draft.overtaken(work):
        return
    with st.container(border=True, key="model-conflict"):
        said = "Below are yours. Your next edit goes on as edits of their own; nobody's are lost."
        st.html(finding("Another tab has changed these edits", said))
        with st.container(horizontal=True):
            st.button("Keep mine apart", key="model-mine", on_click=model_draft.keep_mine, args=(work,))
            st.button("Take theirs", key="model-theirs", on_click=model_draft.take_theirs, args=(work,))


def summary(measured: Measured, names: dict[str, str]) -> str:
    """All splits in one line of Markdown, for captions."""
    said = [f"{names[split]} {percent(o.before)} → {percent(o.after)}" for split, o in measured.outcomes.items()]
    return unmarked("; ".join(said))
