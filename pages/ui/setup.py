"""Before there is a run: the first visit's two buttons, and what pages say that need one."""

from __future__ import annotations

import streamlit as st

from engine.figures.bars import progress
from engine.figures.telling import tell
from engine.jobs import control
from engine.runs.config import PRESETS, preset
from engine.store.states import RUNNING
from engine.store.view import RunView
from pages.ui import context, following, notices, ribbon
from pages.ui.text import duration, safe, title

PITCH = "Watch a model that explains itself in plain concepts learn new birds task by task, and see what it forgets."


def welcome() -> None:
    """What a first visit sees: one sentence, two ways to begin, and the birds that will be learnt."""
    st.html(f"<div class='pl-hero'><h1>{safe(PITCH)}</h1></div>")
    beginnings()
    with st.container(key="preview"), st.skeleton(height=420):
        st.html(ribbon.preview(preset("demo")))


def ready(here: context.Context, head: str, note: str, later: str) -> RunView | None:
    """The chosen run if a task of it is finished; else say what is missing and how to get it, or how far it is.

    Args:
        head, note: the page's heading and words where there is no run at all.
        later: what will be here after the first task.
    """
    if here.view is not None and here.moment is not None:
        return here.view
    if here.view is None:
        title(head, note)
        demo_button()
        return None
    title("No task is finished yet", later)
    following.watch(here.view, _far)
    st.page_link("pages/run.py", label="Look at it on the Run page", icon=":material/school:")
    return None


def _far(view: RunView) -> None:
    """How far a run is that has not finished a task."""
    status, now = view.status, view.progress
    told = tell(view, status)
    left = f"{duration(now.eta_seconds)} left" if status == RUNNING and now.eta_seconds is not None else ""
    said = "".join(f"<span>{safe(part)}</span>" for part in (told.headline, told.note, left) if part)
    st.html(f"<div class='pl-far'><p>{said}</p>{progress(now.fraction) if view.active else ''}</div>")


def demo_button() -> None:
    """The one button."""
    note = PRESETS["demo"].help
    st.button(
        "Train the demo", key="train-demo", type="primary", icon=":material/play_arrow:", help=note, on_click=_demo
    )


def beginnings() -> None:
    """The demo first; pictures of one's own as the clear second."""
    with st.container(horizontal=True, vertical_alignment="center", key="beginnings"):
        demo_button()
        note = "From a folder, a zip, a table or a dataset's name to a run, in four steps."
        if st.button("Your own pictures", key="own-pictures", icon=":material/photo_library:", help=note):
            st.switch_page("pages/bring.py")


def _demo() -> None:
    def go() -> None:
        context.select(control.start(preset("demo")))

    notices.attempt(go)
