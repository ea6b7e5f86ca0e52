"""What the edits do: every split before and after, task by task, and the birds that were corrected and broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.array_types import Ints
from engine.exhibits.repair import effect as exhibits
from engine.exhibits.repair.measured import AWAY, Measured, own
from pages.ui import address, panels, pictures
from pages.ui.picker import IMAGE
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from typing import Literal

    from engine.session.lab import Lab

_WIDE = 96


def splits(measured: Measured, names: dict[str, str]) -> None:
    """Before and after on every split."""
    panels.show(exhibits.splits(measured, names), chart="model-before-after")


def tasks(measured: Measured, names: dict[str, str], split: str) -> None:
    """Corrected and broken images of each task."""
    panels.show(exhibits.tasks(measured, names, split), chart="model-by-task")


def changed(measured: Measured, split: str) -> bool:
    """Whether any image of the split went from wrong to right or back."""
    found = measured.outcomes[split]
    return len(found.corrected) + len(found.broken) > 0


def birds(lab: Lab, measured: Measured, names: dict[str, str], split: str) -> None:
    """The pictures behind the counts."""
    left, right = st.columns(2)
    with left:
        _turned(lab, measured, names, split, "corrected")
    with right:
        _turned(lab, measured, names, split, "broken")


def _turned(
    lab: Lab, measured: Measured, names: dict[str, str], split: str, turned: Literal["corrected", "broken"]
) -> None:
    places = exhibits.some(measured, split, turned)
    addresses = _addresses(lab, measured, split, places)
    exhibit = exhibits.birds(lab, measured, names, split, turned, addresses)
    rows = lab.sample(own(split), measured.model.task).rows[places].tolist()
    thumbs = [
        Thumb(f"{own(split)}:{row}", src, *exhibits.words(lab, measured, split, turned, place), _TONE[turned])
        for row, src, place in zip(rows, addresses, places.tolist(), strict=True)
    ]
    with panels.framed(exhibit):
        gallery(thumbs, f"model-{turned}", _look, width=_WIDE)


_TONE = {"corrected": "good", "broken": "bad"}


def _look(ref: str) -> None:
    address.choose(IMAGE, ref)


def _addresses(lab: Lab, measured: Measured, split: str, places: Ints) -> list[str]:
    """Birds that were moved are drawn where they were moved to; all others are kept between reruns."""
    if split == AWAY:
        return exhibits.pictures(lab, measured, split, places, pictures.SIZE)
    return pictures.of(lab.config, split, lab.sample(split, measured.model.task).rows[places].tolist())
