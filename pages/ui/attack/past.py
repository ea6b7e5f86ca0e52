"""The same attack on the same picture after every task: does attention hold, and since when does it not."""

from __future__ import annotations

import time
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.exhibits.attack import after_tasks
from engine.exhibits.attack.after_tasks import Frame
from engine.exhibits.attack.scene import Scene
from pages.ui import panels
from pages.ui.attack import course
from pages.ui.attack.shelf import kept

_PATIENCE = 0.7
"""Seconds after which the progress is shown."""
_STOPPED = "attention-stopped"
"""Session: the attack over the tasks that was cancelled; it begins again when asked for, or for another attack."""


def show(scene: Scene) -> None:
    """Small pictures and two lines."""
    slot = st.empty()
    if st.session_state.get(_STOPPED) == _key(scene):
        with panels.panel("tasks", "The same attack after every task", "Cancelled"):
            st.button("Go on", key="tasks-on", on_click=st.session_state.pop, args=(_STOPPED,))
        return
    frames = kept(_key(scene), lambda: _frames(scene, slot))
    slot.empty()
    panels.show(after_tasks.strip(scene, frames))
    moved, margin = after_tasks.moved(scene, frames), after_tasks.margin(scene, frames)
    charts = [(one, key) for one, key in ((moved, "tasks-moved"), (margin, "tasks-margin")) if one is not None]
    for column, (exhibit, key) in zip(st.columns(max(len(charts), 1)), charts, strict=False):
        with column:
            panels.show(exhibit, chart=key)


def _key(scene: Scene) -> tuple[object, ...]:
    everywhere = replace(scene, case=replace(scene.case, moment=-1))
    return ("tasks", scene.case.lab.view.tasks_done, *course.through(everywhere))


def _frames(scene: Scene, slot: DeltaGenerator) -> list[Frame]:
    """Every finished task in turn; each is kept by itself, so what was cancelled is not done again."""
    began, done = time.perf_counter(), scene.case.lab.view.tasks_done
    found: list[Frame] = []
    for frame in after_tasks.frames(scene, course.CourseOnce()):
        found.append(frame)
        if len(found) < done and time.perf_counter() - began > _PATIENCE:
            with slot.container(horizontal=True, vertical_alignment="center"):
                st.progress(len(found) / done, f"Attacking the model after task {len(found) + 1} of {done}")
                st.button("Cancel", key=f"tasks-cancel-{len(found)}", on_click=_cancel, args=(_key(scene),))
    return found


def _cancel(key: tuple[object, ...]) -> None:
    st.session_state[_STOPPED] = key
