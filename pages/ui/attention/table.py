"""The page's body: controls, the attack, its panels. What is asked redraws only this part of the page."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.errors import PlumageError
from engine.exhibits.attention import aims as looking
from engine.exhibits.attention import attacked
from engine.exhibits.attention.aims import Sought
from engine.exhibits.attention.attempt import Attempt
from engine.exhibits.attention.scene import Scene
from engine.figures.attack_words import headline
from pages.ui import notices
from pages.ui.attention import aims, controls, course, film, little, parts, past, twin, verdict
from pages.ui.attention import attempt as asking
from pages.ui.picture.case import SharedCase
from pages.ui.text import finding, safe, unmarked

if TYPE_CHECKING:
    from engine.explain.attention.base import AttentionMap

_NO_PATCHES = "No map is possible with this backbone; the attack, its answers and its steps are shown without one."


def show(case: SharedCase) -> None:
    """Draw it."""
    with notices.caught():
        began = time.perf_counter()
        controls_row = st.container(horizontal=True, vertical_alignment="bottom", key="at-controls")
        progress = st.empty()
        head = st.container(key="at-head")
        with controls_row:
            now = asking.read(case)
            sought = aims.choose(case)
            maps, reasons = looking.possible(case, sought.aim) if sought else ({}, {})
            name = aims.choose_map(maps) if maps else None
            controls.strength(now)
            controls.presets()
            controls.more(case, now)
        scene = _attacked(case, now, sought, maps.get(name) if name else None, progress)
        if scene is None:
            return
        with head:
            st.html(finding(headline(scene.deed), f"{attacked.allowed(scene)}.", large=True))
        _panels(scene, reasons, began)


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
        return replace(looking, seen=course.seen(looking))
    except PlumageError as error:
        notices.panel(notices.of_error(error))
        return bare


def _panels(scene: Scene, reasons: dict[str, str], began: float) -> None:
    with st.container():
        little.warnings(scene)
    film.show(scene)
    _captions(scene, reasons, began)
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
    past.show(scene)
    twin.show(scene)


def _captions(scene: Scene, reasons: dict[str, str], began: float) -> None:
    """What the map is, why others are not there, and the picture as a file."""
    with st.container(horizontal=True, vertical_alignment="center", key="at-files"):
        st.caption(unmarked(f"{_honest(scene)} {_took(scene, began)}".strip()))
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


def _took(scene: Scene, began: float) -> str:
    seconds = scene.course.seconds + (scene.seen.seconds if scene.seen else 0.0)
    return (
        f"This view took {1000 * (time.perf_counter() - began):.0f} ms on the server; attack and maps, made once, "
        f"{1000 * seconds:.0f} ms."
    )
