"""What shall be forgotten: classes from a list, training pictures by clicking them. Kept in the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.data.streams import TRAIN
from pages.ui import address, pictures, segments
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.session.lab import Lab

CLASSES, IMAGES = "forget", "forget-images"
"""Keys in the address: indices of classes, and rows of the training split, separated by commas."""
_PAGE = "forget-page"
_ROUND = "forget-round"
"""Session: how often something was begun; a list of classes that was left is another widget than the next."""
_EACH = 24
"""Pictures at a time."""


def show(lab: Lab) -> tuple[list[int], list[int]]:
    """Draw both choices; the classes and the rows that are chosen."""
    seen = lab.view.class_ids_seen(lab.view.tasks_done - 1)
    classes = _classes(lab, seen)
    rows = _rows(lab, classes)
    return classes, rows


def clear() -> None:
    """Callback: nothing is chosen any more."""
    address.choose(CLASSES, None)
    address.choose(IMAGES, None)
    st.session_state[_ROUND] = _round() + 1


def _round() -> int:
    return int(st.session_state.get(_ROUND, 0))


def _numbers(key: str) -> list[int]:
    """What stands in the address; what is no number is left out."""
    parts = (address.value(key) or "").split(",")
    return [int(part) for part in dict.fromkeys(parts) if part.isascii() and part.isdigit() and len(part) < 10]


def _classes(lab: Lab, seen: Sequence[int]) -> list[int]:
    names = lab.dataset.class_names
    widget = f"forget-classes-{_round()}"
    st.session_state[widget] = [c for c in _numbers(CLASSES) if c in seen]
    chosen: list[int] = st.multiselect(
        "Classes to forget entirely",
        seen,
        format_func=lambda c: names[c],
        key=widget,
        placeholder="Choose classes",
        on_change=lambda: address.choose(CLASSES, _joined(st.session_state[widget])),
    )
    address.settle(CLASSES, _joined(chosen))
    return chosen


def _joined(numbers: list[int]) -> str | None:
    return ",".join(map(str, numbers)) or None


def _rows(lab: Lab, classes: list[int]) -> list[int]:
    """Single pictures: a class is chosen to look at, and its training pictures are clicked."""
    learnt = np.concatenate([task.train for task in lab.stream.tasks[: lab.view.tasks_done]])
    labels = lab.dataset.splits[TRAIN].labels
    learnt = learnt[~np.isin(labels[learnt], classes)]  # the others go with their class
    known = set(learnt.tolist())
    chosen = [row for row in _numbers(IMAGES) if row in known]
    address.settle(IMAGES, _joined(chosen))
    names = lab.dataset.class_names
    options = {str(c): names[c] for c in dict.fromkeys(labels[learnt].tolist())}
    if options:
        looked_at = int(segments.pick("Or single training pictures of", "forget-of", options, 260))
        _grid(lab, np.sort(learnt[labels[learnt] == looked_at]).tolist(), chosen)
    return chosen


def _grid(lab: Lab, rows: list[int], chosen: list[int]) -> None:
    pages = -(-len(rows) // _EACH)
    page = max(1, min(int(st.session_state.get(_PAGE, 1)), pages))
    shown = rows[(page - 1) * _EACH : page * _EACH]
    thumbs = [
        Thumb(str(row), picture, f"train:{row}", "to be forgotten" if row in chosen else "", _tone(row in chosen))
        for row, picture in zip(shown, pictures.of(lab.config, TRAIN, shown), strict=True)
    ]
    gallery(thumbs, "forget-thumbs", lambda ref: _turn(int(ref), chosen))
    if pages > 1:
        st.session_state[_PAGE] = page
        st.pagination(pages, key=_PAGE)


def _tone(chosen: bool) -> str:
    return "bad" if chosen else ""


def _turn(row: int, chosen: list[int]) -> None:
    """Callback: a click chooses a picture, another one leaves it."""
    left = [one for one in chosen if one != row]
    address.choose(IMAGES, _joined(left if row in chosen else [*chosen, row]))
