"""Beside the map: the pictures of the selected points, and the nearest neighbours of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.exhibits.concepts import nearby as exhibits
from engine.exhibits.concepts.atlas import SPLIT, Atlas, AtlasMoment
from engine.exhibits.concepts.embedding import refs
from engine.exhibits.concepts.nearby import name_of
from engine.figures.look import percent
from engine.figures.tables import Table
from pages.ui import address, panels, pictures
from pages.ui.picker import IMAGE
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.session.lab import Lab

_EACH = 24
"""Pictures of a selection at a time."""
_SELECTED = "map-selected"
"""Session: (run, rows) of the points inside the last line; ids of ours, so no redrawing of the chart loses them."""
_WIDTH = 84


def show(lab: Lab, atlas: Atlas, scene: AtlasMoment) -> None:
    """The chosen point's neighbours."""
    point = chosen(atlas)
    if point is not None:
        _neighbours(lab, atlas, scene, point)
        return
    kind = exhibits.NEIGHBOURS
    with panels.panel(kind.name, "No image is chosen", "Click a point.", terms=kind.terms, lesson=kind.lesson):
        wrong = np.flatnonzero(scene.known & ~scene.right)
        forgotten = wrong[scene.once[wrong]]
        found = forgotten if len(forgotten) else wrong
        if len(found):
            label = "Show a forgotten image" if len(forgotten) else "Show an image that is wrong"
            ref = f"{SPLIT}:{atlas.rows[found[0]]}"
            st.button(label, key="map-example", on_click=address.choose, args=(IMAGE, ref))


def chosen(atlas: Atlas) -> int | None:
    """Index of the image in the address, if it is on the map."""
    split, _, row = (address.value(IMAGE) or "").partition(":")
    if split != SPLIT or not row.isascii() or not row.isdigit():
        return None
    found = np.flatnonzero(atlas.rows == int(row))
    return int(found[0]) if len(found) else None


def select(run: str, rows: Sequence[int]) -> None:
    """Callback: these images are selected from now on."""
    st.session_state[_SELECTED] = (run, tuple(rows))


def selected(run: str, atlas: Atlas) -> frozenset[int]:
    """Indices of the selected images; empty where the selection is of another run."""
    whose, rows = st.session_state.get(_SELECTED, ("", ()))
    return frozenset(np.flatnonzero(np.isin(atlas.rows, rows)).tolist()) if whose == run and rows else frozenset()


def _neighbours(lab: Lab, atlas: Atlas, scene: AtlasMoment, point: int) -> None:
    address.settle(IMAGE, f"{SPLIT}:{atlas.rows[point]}")
    near, cosines = exhibits.neighbours(lab, atlas, point)
    exhibit = exhibits.nearby(lab, atlas, point, partial(pictures.of, lab.config))
    with panels.framed(exhibit, "A tick means recognised at this moment."):
        _gallery(lab, atlas, scene, [point], "map-chosen", ["the chosen image"])
        _gallery(lab, atlas, scene, near.tolist(), "map-near", [f"{cosine:.3f}" for cosine in cosines])
        with st.container(horizontal=True, vertical_alignment="center", key="map-actions"):
            st.page_link("pages/picture.py", label="Take the chosen picture apart", icon=":material/search:")
            st.button("Clear", key="map-clear-image", type="tertiary", on_click=address.choose, args=(IMAGE, None))


def selection(lab: Lab, atlas: Atlas, scene: AtlasMoment) -> None:
    """The pictures inside the last line: those that are wrong now come first."""
    found = sorted(selected(lab.view.id, atlas), key=lambda i: (scene.right[i], not scene.known[i], i))
    if not found:
        return
    known = [i for i in found if scene.known[i]]
    wrong = sum(1 for i in known if not scene.right[i])
    classes = len(set(atlas.positions[found].tolist()))
    told = f"{len(found)} images of {classes} class{'es' if classes > 1 else ''} selected"
    share = f"{wrong} of the {len(known)} already learnt are wrong ({percent(wrong / len(known))})" if known else ""
    with panels.panel("selection", told, share, lambda: _selection_table(lab, atlas, scene, found)):
        pages = -(-len(found) // _EACH)
        number = st.pagination(pages, key="map-page") if pages > 1 else 1
        part = found[(number - 1) * _EACH : number * _EACH]
        _gallery(lab, atlas, scene, part, "map-selection")
        st.button("Clear the selection", key="map-clear", type="tertiary", on_click=select, args=("", ()))


def _gallery(
    lab: Lab, atlas: Atlas, scene: AtlasMoment, members: Sequence[int], key: str, notes: Sequence[str] | None = None
) -> None:
    """Pictures of some points; a click chooses one."""
    addresses = pictures.of(lab.config, SPLIT, [int(atlas.rows[i]) for i in members])
    thumbs = [
        Thumb(
            f"{SPLIT}:{atlas.rows[i]}",
            picture,
            name_of(lab, atlas, i),
            notes[number] if notes else "",
            "" if not scene.known[i] else "good" if scene.right[i] else "bad",
        )
        for number, (i, picture) in enumerate(zip(members, addresses, strict=True))
    ]
    gallery(thumbs, key, lambda ref: address.choose(IMAGE, ref), address.value(IMAGE), width=_WIDTH)


def _selection_table(lab: Lab, atlas: Atlas, scene: AtlasMoment, found: Sequence[int]) -> Table:
    fates = {True: "yes", False: "no"}
    return {
        "image": [*refs(atlas, found)],
        "class": [name_of(lab, atlas, i) for i in found],
        "recognised": [fates[bool(scene.right[i])] if scene.known[i] else "not learnt yet" for i in found],
    }
