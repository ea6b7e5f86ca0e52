"""The same attack on the same picture after every task: does attention hold, and since when does it not."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from engine.errors import PlumageError
from engine.figures.attack import as_bytes
from engine.figures.attack_tasks import After, margin_lines, moved_line, tasks_headline, tasks_table
from engine.figures.attack_words import Deed
from engine.figures.heat import data_address, overlay
from engine.figures.look import CONFIG, percent
from pages.ui.attention import aims, course
from pages.ui.attention.aims import Sought
from pages.ui.attention.scene import Scene
from pages.ui.attention.shelf import kept
from pages.ui.explain.case import Case
from pages.ui.panels import panel
from pages.ui.text import safe

_PATIENCE = 0.7
"""Seconds after which the progress is shown."""
_STOPPED = "attention-stopped"
"""Session: the attack over the tasks that was cancelled; it begins again when asked for, or for another attack."""
_TERMS = ("shift_displacement", "margin")


@dataclass(frozen=True)
class Frame:
    """One task: the scene, or why there is none."""

    task: int
    scene: Scene | None
    why: str = ""


def show(scene: Scene) -> None:
    """Small pictures and two lines."""
    slot = st.empty()
    if st.session_state.get(_STOPPED) == _key(scene):
        with panel("tasks", "The same attack after every task", "Cancelled"):
            st.button("Go on", key="tasks-on", on_click=st.session_state.pop, args=(_STOPPED,))
        return
    frames = kept(_key(scene), lambda: _frames(scene, slot))
    slot.empty()
    found = [_after(f.scene) for f in frames if f.scene is not None]
    label = "its class" if scene.case.true is not None else "the answer"
    total = len(scene.case.lab.view.task_classes)
    note = "The same picture and the same settings before each model. Dotted line: the moment chosen above."
    with panel("tasks", tasks_headline(found), note, lambda: tasks_table(found), _TERMS):
        st.html(_strip(scene, frames))
        if found:
            left, right = st.columns(2)
            if any(one.shift is not None for one in found):
                left.plotly_chart(
                    moved_line(found, scene.case.moment, total),
                    key="tasks-moved",
                    config=CONFIG,
                    alt="How far attention moved after each task",
                )
            right.plotly_chart(
                margin_lines(found, scene.case.moment, total, label),
                key="tasks-margin",
                config=CONFIG,
                alt="Margin after each task, clean and attacked",
            )


def _key(scene: Scene) -> tuple[object, ...]:
    sought = None if scene.sought is None else scene.sought.name
    key = course.key(replace(scene.case, moment=-1), scene.attempt)
    return ("tasks", *key, scene.case.lab.view.tasks_done, scene.chosen, sought)


def _frames(scene: Scene, slot) -> list[Frame]:
    """Every finished task in turn; each is kept by itself, so what was cancelled is not done again."""
    began, done = time.perf_counter(), scene.case.lab.view.tasks_done
    frames: list[Frame] = []
    for task in range(done):
        if time.perf_counter() - began > _PATIENCE:
            with slot.container(horizontal=True, vertical_alignment="center"):
                st.progress(task / done, f"Attacking the model after task {task + 1} of {done}")
                st.button("Cancel", key=f"tasks-cancel-{task}", on_click=_cancel, args=(_key(scene),))
        frames.append(_frame(scene, task))
    return frames


def _cancel(key: tuple[object, ...]) -> None:
    st.session_state[_STOPPED] = key


def _frame(scene: Scene, task: int) -> Frame:
    case = Case(scene.case.lab, task, scene.case.subject)
    if scene.case.true is not None and case.true is None:
        return Frame(task, None, "not learnt yet")
    if task == scene.case.moment:
        return Frame(task, scene)
    try:
        found = course.course(case, scene.attempt)
    except PlumageError:  # the class or concept that is wanted comes later, or the model knows one class only
        return Frame(task, None, "what is wanted is not learnt yet" if scene.attempt.target else "not possible yet")
    bare = Scene(case, scene.attempt, found)
    if scene.chosen is None or scene.sought is None:
        return Frame(task, bare)
    try:
        sought = Sought(scene.sought.name, aims.aim_of(case, scene.sought.name))
        seen = course.ends(case, scene.attempt, found, sought.name, scene.chosen, sought.aim)
    except PlumageError:
        return Frame(task, bare, "not sought yet")
    return Frame(task, replace(bare, sought=sought, chosen=scene.chosen, seen=seen))


def _after(scene: Scene) -> After:
    deed, shown = scene.deed, scene.course.shown
    shift = scene.shift(shown)
    return After(
        scene.case.moment,
        deed.before,
        deed.after,
        deed.before_sure,
        deed.after_sure,
        float(scene.course.margins[0]),
        float(scene.course.margins[shown]),
        None if shift is None else [float(v) for v in shift],
        deed.won,
    )


def _strip(scene: Scene, frames: list[Frame]) -> str:
    """One column a task: the clean map, the attacked map, what it says of both. All maps on one scale."""
    maps = [f.scene.seen.maps for f in frames if f.scene is not None and f.scene.seen is not None]
    limit = max((float(np.abs(m).max()) for m in maps), default=1.0)
    cells = "".join(_cell(scene, f, limit) for f in frames)
    note = "<p class='at-note'>Above clean, below attacked; all maps on one scale.</p>" if maps else ""
    return f"<div class='at-tasks'>{cells}</div>{note}"


def _cell(scene: Scene, one: Frame, limit: float) -> str:
    now = " at-now" if one.task == scene.case.moment else ""
    head = f"<h4>Task {one.task + 1}</h4>"
    if one.scene is None:
        return f"<section class='at-none'>{head}<div>{safe(one.why)}</div></section>"
    deed, shown = one.scene.deed, one.scene.course.shown
    pictures = "".join(_picture(one.scene, step, limit) for step in (0, shown))
    words = f"<p>{_mark(deed)} {safe(deed.after)} <span>{percent(deed.after_sure)}</span></p>"
    return f"<section class='at-task{now}'>{head}{pictures}{words}</section>"


def _mark(deed: Deed) -> str:
    """Whether the attack got through: to a concept where it was after one, else to the answer."""
    if deed.switched and deed.won:
        return "<b class='at-lost'>✗ switched</b>"
    return "<b class='at-lost'>✗ fooled</b>" if deed.before != deed.after else "<b>✓ held</b>"


def _picture(scene: Scene, step: int, limit: float) -> str:
    name, sure = scene.says(step)
    alt = f"{'attacked' if step else 'clean'} after task {scene.case.moment + 1}: {name} ({percent(sure)})"
    source = kept(
        ("cell", *course.key(scene.case, scene.attempt), _which(scene), step, limit), lambda: _drawn(scene, step, limit)
    )
    return f"<img src='{source}' alt='{safe(alt)}'>"


def _which(scene: Scene) -> tuple[object, ...]:
    return scene.chosen, None if scene.sought is None else scene.sought.name


def _drawn(scene: Scene, step: int, limit: float) -> str:
    picture = as_bytes(scene.course.image(step))
    return data_address(picture if scene.seen is None else overlay(picture, scene.seen.at(step), limit))
