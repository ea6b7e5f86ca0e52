"""Which picture is attacked: the one in the address, or one the model gets right; the chooser is one click away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.errors import BadInput
from pages.ui import address, notices, picker
from pages.ui.context import Context
from pages.ui.explain import sources

if TYPE_CHECKING:
    from engine.runs.lab import Lab
    from engine.runs.subjects import Subject

_BOX = "attack-picture"
_BEGIN = 0.375
"""Where among the images of the first task that the model gets right, ordered by margin, the page begins: it is sure of
that one, and at the default strength it is fooled as most are."""


def choose(here: Context, lab: Lab) -> Subject | None:
    """Draw the button that opens the chooser; the picture, or None while nothing is chosen."""
    _begin(here, lab)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="at-picture"):
        box = st.popover("Another picture", icon=":material/image:", key=_BOX, on_change="rerun")
        st.button("Surprise me", key="at-any", icon=":material/casino:", on_click=_any, args=(here, lab))
    if box.open:
        with box:
            return sources.choose(here, lab, "Picture")
    return _named(here, lab)


def _named(here: Context, lab: Lab) -> Subject | None:
    """The picture in the address; another one, with a word, where it names none."""
    ref = address.value(picker.IMAGE)
    if ref is None:
        return None
    try:
        found = picker.embedded(lab.view.id, ref, lab, picker.eyes(lab, here.moment))
    except BadInput as error:
        notices.panel(notices.of_error(error))
        address.settle(picker.IMAGE, None)
        _begin(here, lab)
        ref = address.value(picker.IMAGE) or ""
        found = picker.embedded(lab.view.id, ref, lab, picker.eyes(lab, here.moment))
    address.settle(picker.IMAGE, ref)
    return found


def _begin(here: Context, lab: Lab) -> None:
    """Where nothing is chosen, begin with a test image that the model gets right, of the chosen class if one is."""
    if address.value(picker.IMAGE) is None and not sources.uploading():
        rows = _right(here, lab, of_first_task=here.class_id is None)
        address.choose(picker.IMAGE, f"test:{rows[int(_BEGIN * len(rows))]}")


def _right(here: Context, lab: Lab, of_first_task: bool = False) -> list[int]:
    """Rows of test images that the model gets right, by their margin; all, where it gets none.

    Args:
        of_first_task: only those whose class every model of the run knows.
    """
    moment = here.moment or 0
    sample = lab.sample("test", moment)
    labels = sample.labels.numpy()
    kept = lab.predicted("test", moment) == labels
    if here.class_id is not None:
        own = labels == lab.stream.class_order.index(here.class_id)
        kept = kept & own if (kept & own).any() else own
    early = kept & (lab.stream.task_of_position[labels] == 0) if of_first_task else kept
    kept = early if early.any() else kept
    at = np.flatnonzero(kept if kept.any() else np.ones(len(labels), np.bool_))
    top = lab.snapshot(moment).from_features(sample.features[at]).logits.sort(1, descending=True).values
    lead = (top[:, 0] - top[:, 1]).numpy() if top.shape[1] > 1 else np.zeros(len(at))
    rows: list[int] = sample.rows[at[np.argsort(lead, kind="stable")]].tolist()
    return rows


def _any(here: Context, lab: Lab) -> None:
    """Callback: another image that the model gets right."""
    rows = _right(here, lab)
    others = [row for row in rows if f"test:{row}" != address.value(picker.IMAGE)] or rows
    address.choose(picker.IMAGE, f"test:{int(np.random.default_rng().choice(others))}")
