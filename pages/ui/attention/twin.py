"""The same picture and the same attack before a run that differs only in the backbone: does its attention hold?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from engine.backbone import presets
from engine.errors import PlumageError
from engine.figures.attack import as_bytes
from engine.figures.attack_words import headline
from engine.figures.heat import data_address, overlay
from engine.figures.look import percent
from engine.figures.tables import Table, cell
from engine.metrics.attention_shift import NAMES
from engine.runs import control
from engine.runs.store import RunStore
from engine.runs.twins import Twin, twins
from engine.runs.view import RunView
from pages.ui import address, laboratory, notices, picker
from pages.ui.attention import aims, course
from pages.ui.attention.aims import Sought
from pages.ui.attention.scene import DISPLACEMENT, Scene
from pages.ui.explain.case import Case
from pages.ui.panels import panel
from pages.ui.text import safe, unmarked

TWIN = "twin"
"""Key in the address: the run to compare with."""
_LESSON = (
    "A defended backbone has seen attacks while it was trained: TGA-ZSR (Yu et al., NeurIPS 2024) pulls its "
    "attention under attack back to where it was on the clean picture. The same run trained on it shows whether "
    "attention, and the answer, then hold."
)


def show(scene: Scene) -> None:
    """Both runs side by side, or what a twin is and how to get one."""
    view = scene.case.lab.view
    found = twins(RunStore(), view)
    ready = [twin for twin in found if twin.tasks_done > scene.case.moment]
    if not ready:
        if address.value(TWIN) not in {twin.run_id for twin in found}:
            address.settle(TWIN, None)
        _absent(scene, found)
        return
    chosen = _choose(ready)
    try:
        other = _other(scene, chosen)
    except PlumageError as error:
        with panel("twin", "The twin cannot be attacked here", f"On {chosen.backbone}"):
            notices.panel(notices.of_error(error))
        return
    _compare(scene, other, chosen)


def _choose(ready: list[Twin]) -> Twin:
    asked = address.value(TWIN)
    chosen = next((twin for twin in ready if twin.run_id == asked), ready[0])
    if len(ready) > 1:
        names, widget = {twin.run_id: twin.backbone for twin in ready}, f"{TWIN}-choice"
        st.session_state[widget] = chosen.run_id
        st.segmented_control(
            "Compare with",
            list(names),
            required=True,
            format_func=lambda run: unmarked(names[run]),
            key=widget,
            on_change=address.take,
            args=(TWIN, widget),
        )
    address.settle(TWIN, chosen.run_id, default=ready[0].run_id)
    return chosen


def _other(scene: Scene, twin: Twin) -> Scene:
    """The same picture, settings and aim before the twin.

    Raises:
        PlumageError: the twin has no such picture, class, concept or map.
    """
    moment = scene.case.moment
    lab = laboratory.open(RunView(RunStore(), twin.run_id), moment)
    case = Case(lab, moment, picker.embedded(twin.run_id, scene.case.subject.ref, lab, picker.eyes(lab, moment)))
    found = course.course(case, scene.attempt)
    bare = Scene(case, scene.attempt, found)
    if scene.sought is None or scene.chosen is None:
        return bare
    sought = Sought(scene.sought.name, aims.aim_of(case, scene.sought.name))
    if scene.chosen.why_not(lab.embedder.backbone, sought.aim):
        return bare
    seen = course.ends(case, scene.attempt, found, sought.name, scene.chosen, sought.aim)
    return replace(bare, sought=sought, chosen=scene.chosen, seen=seen)


def _compare(scene: Scene, other: Scene, twin: Twin) -> None:
    told = _told(scene, other)
    note = f"The same picture, the same attack; left {scene.case.lab.config.backbone}, right {twin.backbone}"
    with panel("twin", told, note, lambda: table(scene, other), ("shift_displacement",)):
        pairs = "".join(_side(one, name) for one, name in ((scene, "This run"), (other, "Its twin")))
        st.html(f"<div class='at-twins'>{pairs}</div>")


def _told(scene: Scene, other: Scene) -> str:
    """What the other backbone changes, in words."""
    fooled = [one.deed.before != one.deed.after for one in (scene, other)]
    words = {
        (True, False): "The twin's answer holds where this run is fooled",
        (False, True): "This run's answer holds where its twin is fooled",
        (True, True): "Both are fooled",
        (False, False): "Both answers hold",
    }[fooled[0], fooled[1]]
    moved = [_moved(one) for one in (scene, other)]
    if None in moved:
        return words
    return f"{words}; attention moved {moved[0]:.1f} patches here, {moved[1]:.1f} there"


def _moved(scene: Scene) -> float | None:
    found = scene.shift(scene.course.shown)
    return None if found is None else float(found[DISPLACEMENT])


def _side(scene: Scene, name: str) -> str:
    """One run: its map clean and attacked on one scale, and its sentence."""
    steps = (0, scene.course.shown)
    figures = "".join(_figure(scene, step) for step in steps)
    backbone = safe(scene.case.lab.config.backbone)
    return (
        f"<section><h4>{safe(name)} <span>{backbone}</span></h4>{figures}<p>{safe(headline(scene.deed))}.</p></section>"
    )


def _figure(scene: Scene, step: int) -> str:
    picture = as_bytes(scene.course.image(step))
    if scene.seen is not None:
        limit = float(np.abs(scene.seen.maps).max()) or 1.0
        picture = overlay(picture, scene.seen.at(step), limit)
    name, sure = scene.says(step)
    words = safe(f"{'Attacked' if step else 'Clean'}: {name} ({percent(sure)})")
    return f"<figure><img src='{data_address(picture)}' alt='{words}'><figcaption>{words}</figcaption></figure>"


def table(scene: Scene, other: Scene) -> Table:
    """Both runs in numbers."""
    both = (scene, other)
    found: Table = {
        "backbone": [one.case.lab.config.backbone for one in both],
        "taken for": [one.deed.before for one in both],
        "probability": [cell(one.deed.before_sure) for one in both],
        "attacked, taken for": [one.deed.after for one in both],
        "probability attacked": [cell(one.deed.after_sure) for one in both],
        "margin clean": [cell(one.course.margins[0]) for one in both],
        "margin attacked": [cell(one.course.margins[one.course.shown]) for one in both],
    }
    for i, name in enumerate(NAMES):
        shifts = [one.shift(one.course.shown) for one in both]
        found[f"shift {name}"] = [None if shift is None else cell(shift[i]) for shift in shifts]
    return found


# -- without a twin ----------------------------------------------------------------------------------------------------


def _absent(scene: Scene, found: tuple[Twin, ...]) -> None:
    """What a twin is, one that is being trained, or the button that trains one."""
    view = scene.case.lab.view
    with panel("twin", "Would a defended backbone hold?", "The same run on another backbone is its twin"):
        st.html(f"<p class='at-lesson'>{safe(_LESSON)}</p>")
        if found:
            twin = found[0]
            st.caption(
                unmarked(
                    f"A twin on {twin.backbone} is {twin.status}: {twin.tasks_done} tasks finished, and this page "
                    f"shows the model after task {scene.case.moment + 1}."
                )
            )
            st.page_link("pages/train.py", label="Look at it on the Train page", icon=":material/school:")
        elif view.config.backbone != presets.HARDENED:
            st.button(
                "Train the twin on the defended backbone",
                key="train-twin",
                icon=":material/shield:",
                on_click=_train,
                args=(view,),
            )
            st.caption("It trains in a process of its own, as long as this run did; come back when it is done.")
        else:
            st.caption("This run is on the defended backbone: train one with the same settings on another to compare.")


def _train(view: RunView) -> None:
    def start() -> None:
        name = f"{view.name or 'twin'}, defended"
        control.start(view.config.changed(backbone=presets.HARDENED), name=name)

    notices.attempt(start)
