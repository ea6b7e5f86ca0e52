"""Choosing one image: a gallery with filters, and the choice in the address (see `engine.session.subjects`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.array_types import Bools
from engine.errors import BadInput
from engine.exhibits.subjects import often_right
from engine.exhibits.words import SPLITS
from pages.ui import address, notices, pictures
from pages.ui.context import TASK, Context
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

IMAGE = "image"
"""Key of the choice in the address."""
_BEGUN = "image-begun"
"""Session: the image that a page began with by itself, and for what it was found."""
_EACH = 12  # thumbnails at a time: one row on a desktop
_FILTERS = {
    "forgotten": "Once right, now wrong",
    "wrong": "Wrong now",
    "right": "Right now",
    "all": "All",
}


def begin(here: Context, suited: Callable[[], str | None]) -> None:
    """Where the reader has chosen no image, show the one that suits the page; what another page began with is none.

    A page that follows a training keeps the one it began with, so that what becomes of it can be seen.

    Args:
        suited: finds it; None for no matter which.
    """
    place = address.page(), here.view and here.view.id, here.class_id, address.value(TASK)
    if begun():
        if st.session_state[_BEGUN][1] == place:
            return
    elif address.value(IMAGE) is not None:
        return
    found = suited()
    if found is not None:
        address.choose(IMAGE, found)
        st.session_state[_BEGUN] = found, place


def begun() -> bool:
    """Whether the image that is shown is the one that a page began with by itself."""
    held = address.value(IMAGE)
    return held is not None and held == st.session_state.get(_BEGUN, (None,))[0]


def keep() -> None:
    """The image that is shown is the reader's own choice from now on; for callbacks of what is done to it."""
    st.session_state.pop(_BEGUN, None)


def named(here: Context, lab: Lab) -> Subject | None:
    """The picture in the address; where it names none, a page draws itself anew with a word about that."""
    ref = address.value(IMAGE)
    if ref is None:
        return None
    return _looked_at(here, lab, ref)


def subject(here: Context, lab: Lab, done: Callable[[], None] = lambda: None) -> Subject | None:
    """Draw the chooser and return what is chosen, or None where the filters leave nothing and nothing was chosen.

    Args:
        done: callback of a click on a picture of the gallery, once it is chosen.
    """
    if here.view is None or here.moment is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{IMAGE}-filters"):
        split, show = _split(lab), _show()
    choice = _Choice(here, lab, split, show)
    asked = address.value(IMAGE)
    chosen = asked or (f"{split}:{choice.rows[0]}" if len(choice.rows) else None)
    choice.draw(chosen, done)
    if chosen is None:
        return None
    return _looked_at(here, lab, chosen)


def _looked_at(here: Context, lab: Lab, ref: str) -> Subject:
    """A picture, which the address holds from now on; where it is none, the page is drawn anew with a word about it."""
    try:
        found = embedded(lab.view.id, ref, lab, backbone_after(lab, here.moment))
    except BadInput as error:
        notices.add(notices.of_error(error))
        address.settle(IMAGE, None)  # out of the address too, or the next run would find it there again
        st.rerun()
    address.settle(IMAGE, ref)
    return found


class _Choice:
    """The images that the filters leave, in the order of learning."""

    def __init__(self, here: Context, lab: Lab, split: str, show: str) -> None:
        self._lab, self._split, self._moment = lab, split, here.moment or 0
        sample = lab.sample(split, self._moment)
        labels = sample.labels.numpy()
        right = lab.predicted(split, self._moment) == labels
        kept = _filtered(show, right, lambda: ever_right(lab, split, self._moment))
        if here.class_id is not None:
            kept &= labels == lab.stream.class_order.index(here.class_id)
        self._at = np.flatnonzero(kept)
        self._labels, self._right = labels, right
        self.rows: list[int] = sample.rows[kept].tolist()

    def draw(self, chosen: str | None, done: Callable[[], None]) -> None:
        """Previous, next, any; and the thumbnails around the chosen one."""
        refs = [f"{self._split}:{row}" for row in self.rows]
        at = refs.index(chosen) if chosen in refs else None
        with st.container(horizontal=True, vertical_alignment="center", key=f"{IMAGE}-steps"):
            _step("Previous", "Left", refs, None if at is None else at - 1)
            _step("Next", "Right", refs, 0 if at is None else at + 1)
            st.button("Surprise me", key=f"{IMAGE}-any", disabled=not refs, on_click=_any, args=(refs, chosen))
            st.caption(self._words(at))
        first = (at or 0) // _EACH * _EACH
        self._thumbs(refs, chosen, first, done)

    def _words(self, at: int | None) -> str:
        if not self.rows:
            return "No image is left. Choose another filter, or clear the class above."
        where = f"{at + 1} of {len(self.rows)}" if at is not None else f"{len(self.rows)} images"
        return f"{where}. The arrow keys step through them."

    def _thumbs(self, refs: Sequence[str], chosen: str | None, first: int, done: Callable[[], None]) -> None:
        shown = range(first, min(first + _EACH, len(refs)))
        config, names = self._lab.config, self._lab.dataset.class_names
        order = self._lab.stream.class_order
        addresses = pictures.of(config, self._split, [self.rows[i] for i in shown])
        predicted = self._lab.predicted(self._split, self._moment)
        thumbs = []
        for i, picture in zip(shown, addresses, strict=True):
            place = self._at[i]
            right = bool(self._right[place])
            taken = "" if right else f"taken for {names[order[predicted[place]]]}"
            title = names[order[self._labels[place]]]
            thumbs.append(Thumb(refs[i], picture, title, taken, "good" if right else "bad"))

        def take(ref: str) -> None:
            address.choose(IMAGE, ref)
            done()

        gallery(thumbs, f"{IMAGE}-thumbs", take, chosen)


def ever_right(lab: Lab, split: str, moment: int) -> Bools:
    """Which images of `lab.sample(split, moment)` any earlier model got right, [N]."""
    labels = np.asarray(lab.sample(split, moment).labels.numpy())
    return often_right(lab, split, moment, labels) > 0


def _filtered(show: str, right: Bools, once: Callable[[], Bools]) -> Bools:
    if show == "wrong":
        return ~right
    if show == "right":
        return right.copy()
    if show == "forgotten":
        return ~right & once()
    return np.ones(len(right), np.bool_)


def _split(lab: Lab) -> str:
    options = [name for name in ("test", "moved", "val") if name in lab.splits]
    asked = (address.value(IMAGE) or "").partition(":")[0]
    widget = f"{IMAGE}-split"
    if asked in options:
        st.session_state[widget] = asked
    return str(
        st.segmented_control(
            "Images",
            options,
            default=None if widget in st.session_state else options[0],
            required=True,
            format_func=lambda name: SPLITS[name],
            key=widget,
            on_change=address.choose,
            args=(IMAGE, None),
            persist_state="session",
        )
    )


def _show() -> str:
    widget = f"{IMAGE}-show"
    return str(
        st.segmented_control(
            "Show",
            list(_FILTERS),
            default="all",
            required=True,
            format_func=lambda name: _FILTERS[name],
            key=widget,
            on_change=address.choose,
            args=(IMAGE, None),
            persist_state="session",
        )
    )


def _step(label: str, shortcut: str, refs: Sequence[str], to: int | None) -> None:
    possible = to is not None and 0 <= to < len(refs)
    target = refs[to] if to is not None and possible else None
    st.button(
        label,
        key=f"{IMAGE}-{label.lower()}",
        shortcut=shortcut,
        disabled=not possible,
        on_click=address.choose,
        args=(IMAGE, target),
    )


def _any(refs: Sequence[str], chosen: str | None) -> None:
    others = [ref for ref in refs if ref != chosen] or list(refs)
    address.choose(IMAGE, str(np.random.default_rng().choice(others)))


@st.cache_resource(show_spinner=False, max_entries=64)
def embedded(run: str, ref: str, _lab: Lab, task: int | None = None) -> Subject:
    """An image by its name, embedded once and kept.

    Args:
        task: whose backbone looks at it, as `backbone_after` says.

    Raises:
        BadInput: nothing has this name.
    """
    from engine.session.subjects import subject as embed

    return embed(_lab, ref, task)


def backbone_after(lab: Lab, moment: int | None) -> int | None:
    """The task whose backbone holds at a moment, or None where a run has the same one for all tasks."""
    return moment if lab.changes_backbone else None
