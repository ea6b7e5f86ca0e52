"""One picture, attacked: controls, what the attack did, and one part of it. What is asked redraws only this."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.errors import PlumageError
from engine.exhibits.attack import aims as looking
from engine.exhibits.attack import attacked
from engine.exhibits.attack.aims import Sought
from engine.exhibits.attack.attempt import Attempt
from engine.exhibits.attack.scene import Scene
from engine.figures.attack_words import headline
from pages.ui import firstly, laboratory, notices
from pages.ui.attack import aims, choosing, controls, course, film, little, parts, past, twin, verdict
from pages.ui.attack import attempt as asking
from pages.ui.context import Context
from pages.ui.picture.case import SharedCase
from pages.ui.text import finding, safe, title, unmarked
from pages.ui.waiting import said

if TYPE_CHECKING:
    from engine.explain.attention.base import AttentionMap

_NO_PATCHES = "No map is possible with this backbone; the attack, its answers and its steps are shown without one."


def show(here: Context, part: str) -> None:
    """The picture, and a part of what the attack did to it."""
    view, moment = here.view, here.moment
    assert view is not None and moment is not None  # the page has checked
    left, right = st.columns([3, 1], vertical_alignment="center")
    with left:
        title("Fool it")
    firstly.text()
    lab, slot = laboratory.open(view, moment), st.empty()
    with right:
        chosen = choosing.choose(here, lab, slot)
    if chosen is None:
        st.caption("Choose a picture above. Everything below is about it.")
        return
    st.fragment(_attack)(SharedCase(lab, moment, chosen), part, choosing.reason(here))


def _attack(case: SharedCase, part: str, reason: str) -> None:
    with notices.caught():
        controls_row = st.container(horizontal=True, vertical_alignment="bottom", key="at-controls")
        progress = st.empty()
        head = st.container(key="at-head")
        with said(progress, "Reading the picture and the words"), controls_row:
            now = asking.read(case)
            sought = aims.choose(case)
            maps, reasons = looking.possible(case, sought.aim) if sought else ({}, {})
            name = aims.choose_map(maps) if maps else None
            controls.strength(now)
            controls.more(case, now)
        scene = _attacked(case, now, sought, maps.get(name) if name else None, progress)
        if scene is None:
            return
        with head:
            note = f"{attacked.beside(scene)}. {reason}".strip() if part == "attack" else ""
            st.html(finding(headline(scene.deed), note, large=True))
        if part == "attack":
            _panels(scene, reasons)
        else:
            (past if part == "tasks" else twin).show(scene)


def _attacked(
    case: SharedCase, now: Attempt, sought: Sought | None, chosen: AttentionMap | None, progress: DeltaGenerator
) -> Scene | None:
    """The attack and its maps; None, with the reason on the page, where it cannot be made."""
    try:
        found = course.course(case, now, progress)
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return None
    bare = Scene(case, now, found, sought)
    if sought is None or chosen is None:
        return bare
    looking = replace(bare, chosen=chosen)
    try:
        with said(progress, "Looking where attention goes"):
            return replace(looking, seen=course.seen(looking))
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return bare


def _panels(scene: Scene, reasons: dict[str, str]) -> None:
    with st.container():
        little.warnings(scene)
    film.show(scene)
    _captions(scene, reasons)
    with st.container():
        parts.show(scene)
    left, right = st.columns(2)
    with left:
        verdict.answers(scene)
    with right:
        verdict.concepts(scene)
    if scene.seen:
        left, right = st.columns([9, 4])
        with left:
            verdict.shift(scene)
    else:
        right = st.container()
    with right:
        little.show(scene)


def _captions(scene: Scene, reasons: dict[str, str]) -> None:
    """What the map is, why others are not there, and the picture as a file."""
    with st.container(horizontal=True, vertical_alignment="center", key="at-files"):
        st.caption(unmarked(_honest(scene)))
        st.download_button(
            "Attacked picture (PNG)",
            verdict.png(scene),
            file_name="plumage-attacked.png",
            mime="image/png",
            icon=":material/download:",
            key="at-png",
            on_click="ignore",
        )
        if reasons:
            with st.popover(f"{len(reasons)} maps are not possible here", type="tertiary", key="at-reasons"):
                st.html("".join(f"<p><b>{safe(title)}</b>: {safe(why)}.</p>" for title, why in reasons.items()))


def _honest(scene: Scene) -> str:
    if scene.sought is None or scene.chosen is None:
        return _NO_PATCHES if scene.sought else ""
    return looking.honest(scene.case, scene.chosen, scene.sought.aim)
