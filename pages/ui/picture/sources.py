"""Where the picture comes from: the run's own images, a bird drawn to order, or a file somebody brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.data.aviary.bird import Bird
from engine.data.aviary.world import Aviary
from engine.errors import BadInput
from engine.session.uploads import KINDS, MAX_BYTES, folder, keep
from engine.store.store import RunStore
from pages.ui import address, notices, picker
from pages.ui.context import Context
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

IMAGES, BIRD, UPLOAD = "images", "bird", "upload"
_WORDS = {IMAGES: "An image of this run", BIRD: "A bird drawn now", UPLOAD: "A picture of yours"}
_WIDGET, _FILE, _SPECIES = "source-choice", "upload-file", "drawn-species"
_SEEDS = 2**31


def choose(here: Context, lab: Lab, label: str, done: Callable[[], None] = lambda: None) -> Subject | None:
    """Draw the chooser, under a label; the picture, or None where there is none yet.

    Args:
        done: callback of a click on a picture of the gallery.
    """
    source = _source(lab, label)
    if source == IMAGES:
        return picker.subject(here, lab, done)
    if source == BIRD:
        _birds(here, lab)
    else:
        _upload()
    return _named(lab, here.moment or 0)


def uploading() -> bool:
    """Whether the reader is about to bring a picture, so that none may be chosen for them."""
    return st.session_state.get(_WIDGET) == UPLOAD


def _source(lab: Lab, label: str) -> str:
    options = [IMAGES, *([BIRD] if isinstance(lab.dataset, Aviary) else []), UPLOAD]
    kind = (address.value(picker.IMAGE) or "").partition(":")[0]
    waiting = st.session_state.get(_WIDGET) == UPLOAD and kind != BIRD
    shown = kind if kind in options else UPLOAD if waiting else IMAGES
    st.session_state[_WIDGET] = shown
    st.segmented_control(
        label,
        options,
        required=True,
        format_func=lambda o: _WORDS[o],
        key=_WIDGET,
        on_change=_take_source,
        args=(lab,),
    )
    return str(shown)


def _take_source(lab: Lab) -> None:
    """Callback: a choice that is not of the new kind is given up; a bird is drawn at once."""
    if st.session_state[_WIDGET] == BIRD:
        draw(lab, st.session_state.get(_SPECIES) or 0)
    else:
        address.choose(picker.IMAGE, None)


def _birds(here: Context, lab: Lab) -> None:
    names, seen = lab.dataset.class_names, lab.view.class_ids_seen(here.moment or 0)
    current = st.session_state.get(_SPECIES)
    if current not in seen:
        st.session_state[_SPECIES] = here.class_id if here.class_id is not None else seen[0]
    with st.container(horizontal=True, vertical_alignment="bottom", key="drawn"):
        st.selectbox(
            "Species",
            list(seen),
            format_func=lambda c: names[c],
            key=_SPECIES,
            width=300,
            persist_state="session",
            on_change=lambda: draw(lab, st.session_state[_SPECIES]),
        )
        again = st.session_state[_SPECIES]
        st.button("Draw another", key="draw", icon=":material/casino:", on_click=draw, args=(lab, again))


def draw(lab: Lab, class_id: int) -> None:
    """Choose a new bird of a species at home; for callbacks."""
    from engine.session.subjects import ref_of

    rng = np.random.default_rng()
    assert isinstance(lab.dataset, Aviary)  # nobody else offers this
    looks = lab.dataset.kinds[class_id].plumages
    bird = Bird(looks[int(rng.integers(len(looks)))], int(rng.integers(_SEEDS)))
    address.choose(picker.IMAGE, ref_of(bird))


def _upload() -> None:
    given = st.file_uploader("A picture of yours", type=list(KINDS), key=_FILE, on_change=_take_file)
    notices.of_file(_FILE, given.file_id if given else None)
    st.caption(
        unmarked(
            f"JPEG, PNG, WebP or BMP, at most {MAX_BYTES // 2**20} MiB and 50 megapixels. The model sees the largest "
            f"centred square. It stays on this machine, in {folder(RunStore())}."
        )
    )


def _take_file() -> None:
    """Callback: keep what was brought, or say why not."""
    file = st.session_state[_FILE]
    if file is not None:
        notices.attempt_file(_FILE, file.file_id, lambda: _keep(file.getvalue(), file.name))


def _keep(data: bytes, name: str) -> None:
    address.choose(picker.IMAGE, keep(RunStore(), data, name))


def _named(lab: Lab, moment: int) -> Subject | None:
    """The picture the address names, embedded."""
    ref = address.value(picker.IMAGE)
    if ref is None or ref.partition(":")[0] not in (BIRD, UPLOAD):
        return None
    try:
        found = picker.embedded(lab.view.id, ref, lab, picker.backbone_after(lab, moment))
    except BadInput as error:
        notices.panel(notices.of_error(error))
        address.settle(picker.IMAGE, None)
        return None
    address.settle(picker.IMAGE, ref)
    return found
