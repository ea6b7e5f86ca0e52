"""The same picture and the same attack before a run that differs only in the backbone: does its attention hold?"""

from __future__ import annotations

import streamlit as st

from engine.backbone import presets
from engine.errors import PlumageError
from engine.exhibits.attention import twin as exhibits
from engine.exhibits.attention.scene import Scene, replayed
from engine.session.backbone_pairs import Twin, twins
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, laboratory, notices, panels, picker
from pages.ui.attention.course import CourseOnce
from pages.ui.panels import panel
from pages.ui.picture.case import SharedCase
from pages.ui.text import safe, unmarked
from pages.ui.twins import train

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
    panels.show(exhibits.twin(scene, other))


def _choose(ready: list[Twin]) -> Twin:
    asked = address.value(TWIN)
    chosen = next((twin for twin in ready if twin.run_id == asked), ready[0])
    if len(ready) > 1:
        names = {twin.run_id: twin.backbone for twin in ready}
        st.segmented_control(
            "Compare with",
            list(names),
            required=True,
            format_func=lambda run: unmarked(names[run]),
            **address.bound(TWIN, chosen.run_id),
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
    case = SharedCase(
        lab, moment, picker.embedded(twin.run_id, scene.case.subject.ref, lab, picker.backbone_after(lab, moment))
    )
    return replayed(scene, case, CourseOnce())


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
            st.page_link("pages/run.py", label="Look at it on the Run page", icon=":material/school:")
        elif view.config.backbone != presets.HARDENED:
            st.button(
                "Train the twin on the defended backbone",
                key="train-twin",
                icon=":material/shield:",
                on_click=train,
                args=(view.id, presets.HARDENED),
            )
            st.caption("It trains in a process of its own, as long as this run did; come back when it is done.")
        else:
            st.caption("This run is on the defended backbone: train one with the same settings on another to compare.")
