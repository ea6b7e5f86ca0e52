"""The same picture and the same attack before a run that differs only in the backbone: does its attention hold?"""

from __future__ import annotations

import streamlit as st

from engine.errors import PlumageError
from engine.exhibits.attack import twin as exhibits
from engine.exhibits.attack.scene import Scene, replayed
from engine.session.backbone_pairs import Twin, twins
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, laboratory, notices, panels, picker
from pages.ui import twins as training
from pages.ui.attack.course import CourseOnce
from pages.ui.panels import panel
from pages.ui.picture.case import SharedCase
from pages.ui.text import unmarked


def show(scene: Scene) -> None:
    """Both runs side by side, or how to get a twin."""
    view = scene.case.lab.view
    found = twins(RunStore(), view)
    ready = [twin for twin in found if twin.tasks_done > scene.case.moment]
    if not ready:
        if address.value(training.TWIN) not in {twin.run_id for twin in found}:
            address.settle(training.TWIN, None)
        _absent(scene, found)
        return
    chosen = _choose(ready)
    try:
        other = _other(scene, chosen)
    except PlumageError as error:
        with panel("twin", "The twin cannot be attacked here", f"On {chosen.backbone}"):
            notices.panel(notices.of_error(error))
        return
    panels.show(exhibits.twin(scene, other))


def _choose(ready: list[Twin]) -> Twin:
    asked = address.value(training.TWIN)
    chosen = next((twin for twin in ready if twin.run_id == asked), ready[0])
    if len(ready) > 1:
        names = {twin.run_id: twin.backbone for twin in ready}
        st.segmented_control(
            "Compare with",
            list(names),
            required=True,
            format_func=lambda run: unmarked(names[run]),
            **address.bound(training.TWIN, chosen.run_id),
        )
    address.settle(training.TWIN, chosen.run_id, default=ready[0].run_id)
    return chosen


def _other(scene: Scene, twin: Twin) -> Scene:
    """The same picture, settings and aim before the twin.

    Raises:
        PlumageError: the twin has no such picture, class, concept or map.
    """
    moment = scene.case.moment
    lab = laboratory.open(RunView(RunStore(), twin.run_id), moment)
    case = SharedCase(
        lab, moment, picker.embedded(twin.run_id, scene.case.subject.ref, lab, picker.backbone_after(lab, moment))
    )
    return replayed(scene, case, CourseOnce())


def _absent(scene: Scene, found: tuple[Twin, ...]) -> None:
    """One that is being trained, or the buttons that train one."""
    with panel("twin", "Would another backbone hold?", "The same run on another backbone is its twin"):
        if not found:
            training.offers(scene.case.lab.view)
            return
        twin = found[0]
        st.caption(
            unmarked(
                f"A twin on {twin.backbone} is {twin.status}: {twin.tasks_done} tasks finished, and this page shows "
                f"the model after task {scene.case.moment + 1}."
            )
        )
        training.look(twin.run_id)
