"""Map: all test images laid flat by what CLIP sees in them, through the tasks. A map is a way to look, not evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.exhibits.concepts import embedding as exhibits
from engine.exhibits.concepts.atlas import SPLIT, Atlas, AtlasMoment
from engine.exhibits.concepts.atlas import scene as scene_of
from engine.exhibits.concepts.embedding import MapLook
from engine.exhibits.concepts.nearby import neighbours
from engine.jobs.analyses import Analyses
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, analysis, context, firstly, laboratory, notices, panels, segments
from pages.ui.concepts import atlas as maps
from pages.ui.concepts import choices, nearby, peek, picks
from pages.ui.picker import IMAGE
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.session.lab import Lab

_METHODS = {"pca": "PCA", "umap": "UMAP"}
_COLOURS = {"class": "Class", "task": "Task", "right": "Right or wrong", "concept": "Concept"}
_CHART = "map"
_LAYER = "layer"
_LAYERS = {"images": "Images", "both": "Images and concepts"}


def show(here: context.Context) -> None:
    """The view."""
    view = here.view
    if view is None or here.moment is None:
        return
    firstly.text()
    last = view.tasks_done - 1
    lab = laboratory.open(view, last)
    words = [c.text for c in lab.snapshot(last).bank.concepts] if view.concept_metrics(last) is not None else []
    method, colour, layer = _controls(bool(words))
    atlas = _atlas(view, lab, last, method)
    moment = _scrub(here.moment, atlas.task)
    scene = scene_of(lab, atlas, moment)
    left, right = st.columns([7, 4])
    with left:
        _map(lab, atlas, scene, moment, _look(here, lab, atlas, words, colour, layer))
    with right:
        nearby.show(lab, atlas, scene)
    nearby.selection(lab, atlas, scene)
    _peek(view, atlas, words)


def _controls(concepts: bool) -> tuple[str, str, str]:
    """How the space is laid flat, what colour means, and whether concepts are on the map."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="map-choices"):
        method = segments.choose("Laid flat by", "flat", _METHODS)
        offered = _COLOURS if concepts else {k: v for k, v in _COLOURS.items() if k != "concept"}
        colour = segments.choose("Colour", "colour", offered)
        layer = segments.choose("Shown", _LAYER, _LAYERS) if concepts else "images"
    if not concepts:
        st.caption("This method's rows are no concepts, so the map shows images only.")
    return method, colour, layer


# -- which map ---------------------------------------------------------------------------------------------------------


def _atlas(view: RunView, lab: Lab, last: int, method: str) -> Atlas:
    """The map that is asked for; PCA as long as there is no UMAP."""
    if view.active:
        st.caption(f"The run is still training: the map shows its {last + 1} finished tasks.")
    if method == "pca":
        return maps.pca(lab, last)
    found = maps.newest_umap(lab, last)
    if found is None or found.task < last:
        _fit(view, last, found)
    return found or maps.pca(lab, last)


def _fit(view: RunView, last: int, found: Atlas | None) -> None:
    """Fit the newest map in the background: by itself where there is none at all, else when the reader asks."""
    asked = maps.question(view, last)
    words = f"the UMAP of {last + 1} tasks"
    if found is None:
        analysis.wanted(view, last, asked.name, asked.settings, words)
        st.caption("Meanwhile you see the PCA.")
        return
    with st.container(horizontal=True, vertical_alignment="center", key="map-older"):
        st.caption(f"This map was fitted on the first {found.task + 1} of {last + 1} finished tasks.")
        if Analyses(RunStore()).state(asked) is None:
            st.button(
                "Fit again with all tasks",
                key="map-refit",
                on_click=notices.attempt,
                args=(lambda: Analyses(RunStore()).request(asked),),
            )
    if Analyses(RunStore()).state(asked) is not None:
        analysis.wanted(view, last, asked.name, asked.settings, words)


def _scrub(moment: int, last: int) -> int:
    """The moment, by slider and arrow keys; the same one as in the bar above. Never beyond the map's tasks."""
    shown = min(moment, last)
    if last == 0:
        return shown
    with st.container(horizontal=True, vertical_alignment="bottom", key="map-scrub"):
        st.button(
            "Earlier", key="map-earlier", shortcut="Left", disabled=shown == 0, on_click=_go, args=(shown - 1, last)
        )
        st.session_state["map-moment"] = shown + 1
        st.slider("After task", 1, last + 1, key="map-moment", on_change=_slid, args=(last,))
        st.button(
            "Later", key="map-later", shortcut="Right", disabled=shown == last, on_click=_go, args=(shown + 1, last)
        )
    return shown


def _slid(last: int) -> None:
    _go(int(st.session_state["map-moment"]) - 1, last)


def _go(moment: int, last: int) -> None:
    address.choose(context.TASK, None if moment == last else moment + 1)


# -- the map -----------------------------------------------------------------------------------------------------------


def _map(lab: Lab, atlas: Atlas, scene: AtlasMoment, moment: int, look: MapLook) -> None:
    exhibit = exhibits.embedding_map(lab, atlas, scene, moment, look, maps.cohesion(lab, atlas))
    note = "Click a point, or draw a line around some."
    with panels.framed(exhibit, note):
        hint = exhibits.hint(lab, moment, look)
        if hint:
            st.caption(unmarked(hint))
        panels.draw(exhibit, _CHART, lambda: notices.attempt(lambda: _lassoed(lab, atlas)), lasso=True)
        st.caption(exhibits.caveat(atlas))
        if lab.changes_backbone:
            st.caption(
                f"Places and neighbours are those of the backbone after task {atlas.task + 1}: this run hardens it."
            )


def _look(here: context.Context, lab: Lab, atlas: Atlas, words: list[str], colour: str, layer: str) -> MapLook:
    """What the reader has chosen to see."""
    chosen = nearby.chosen(atlas)
    near = () if chosen is None else tuple(neighbours(lab, atlas, chosen)[0].tolist())
    selected = nearby.selected(lab.view.id, atlas)
    concept = picks.concept(words)
    return MapLook(colour, here.class_id, tuple(words), concept, layer == "both", chosen, near, selected)


def _lassoed(lab: Lab, atlas: Atlas) -> None:
    """Callback: a line or a box around points selects them. The chart's own selection goes with its next figure."""
    event = (st.session_state.get(_CHART) or {}).get("selection", {})
    if event.get("lasso") or event.get("box"):
        found = [_index(point.get("customdata")) for point in event.get("points", [])]
        nearby.select(lab.view.id, [int(atlas.rows[i]) for i in found if i is not None and i >= 0])


def _index(data: object) -> int | None:
    """A point's index, which comes as a number or as a list of one."""
    value = data[0] if isinstance(data, list | tuple) and data else data
    return int(value) if isinstance(value, int | float) else None


def _peek(view: RunView, atlas: Atlas, words: list[str]) -> None:
    """Clicks on the map, and pictures under the pointer once they are drawn."""
    words_for_it, idle = "small pictures for the pointer", not view.active  # a run that trains needs the processor
    found = analysis.wanted(view, atlas.task, "thumbnails", {}, words_for_it, auto=idle)
    fits = found is not None and np.array_equal(found["rows"], atlas.rows)
    peek.peek(_CHART, f"{view.id}-{atlas.task}", found if fits else None, lambda i: _clicked(atlas, words, i))


def _clicked(atlas: Atlas, words: list[str], index: int) -> None:
    """Callback: a point means its image, a cross its concept."""
    if index < 0:
        address.choose(choices.CONCEPT, words[-1 - index])
    else:
        address.choose(IMAGE, f"{SPLIT}:{atlas.rows[index]}")
