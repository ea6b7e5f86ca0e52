"""A concept's heat map on a few pinned images after every task, and why the task that broke it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.backbone.presets import taught_parts
from engine.errors import NotApplicable
from engine.exhibits.concepts import film as exhibits
from engine.exhibits.concepts.film import Reel
from engine.exhibits.concepts.story import Story
from engine.figures.timeline import signed
from engine.store.view import RunView
from pages.ui import address, context, panels, pictures
from pages.ui.text import safe, unmarked
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.session.lab import Lab

PINS = "pins"
"""Key of the pinned images in the address: places like `test:12` parted by full stops."""
MOST = 6
"""Images that can be pinned."""
_PINNED_IN = "pins-run"  # session: the run whose images are pinned
_DEFAULT = 3
_SPLIT = "test"
_EACH = 28  # images of a class to choose from


def show(here: context.Context, lab: Lab, story: Story) -> None:
    """The film strips, and below them the images to choose from."""
    view = here.view
    if view is None or here.moment is None:
        return
    rows = pinned(view, lab, story)
    try:
        found = _reels(view.id, tuple(rows), story.index, view.tasks_done, lab)
    except NotApplicable as error:
        kind = exhibits.FILM
        with panels.panel(kind.name, "Where it is seen, task by task", "", None, kind.terms, kind.lesson):
            st.caption(unmarked(f"Absent because of this backbone: {error.allowed}."))
        return
    with panels.framed(exhibits.film(story, found, lab.changes_backbone, taught_parts(lab.config.backbone))):
        st.html(_film(view, found, story, here.moment))
        _chooser(here, lab, story, rows)


def reason(lab: Lab, story: Story, split: str) -> None:
    """Why the task that broke it did, where one did."""
    if story.broke is not None:
        kept = exhibits.kept_auc(lab, story.index, split, story.broke.task)
        told = exhibits.why(story.broke, kept, lab.changes_backbone)
        st.html(f"<div class='plc-control'><p>{safe(told)}</p></div>")


# -- which images ------------------------------------------------------------------------------------------------------


def pinned(view: RunView, lab: Lab, story: Story) -> list[int]:
    """Rows of the test split: those in the address, else the concept's strongest."""
    if st.session_state.setdefault(_PINNED_IN, view.id) != view.id:  # another run's pictures are others
        st.session_state[_PINNED_IN] = view.id
        address.choose(PINS, None)
    asked = parse(address.value(PINS), len(lab.dataset.splits[_SPLIT].labels))
    address.settle(PINS, spell(asked) if asked else None)
    return asked or _strongest(view.id, view.tasks_done, story.index, lab)


def parse(text: str | None, size: int) -> list[int]:
    """The rows that a text names, without repetition; what names no image of the split is left out."""
    found = []
    for part in (text or "").split("."):
        name, _, row = part.partition(":")
        if name == _SPLIT and row.isdecimal() and int(row) < size:
            found.append(int(row))
    return list(dict.fromkeys(found))[:MOST]


def spell(rows: Sequence[int]) -> str:
    """Rows as a text for the address."""
    return ".".join(f"{_SPLIT}:{row}" for row in rows)


@st.cache_data(show_spinner=False, max_entries=512)
def _strongest(run: str, done: int, concept: int, _lab: Lab) -> list[int]:
    return exhibits.strongest(_lab, concept, done, _DEFAULT)


def _toggle(rows: Sequence[int], ref: str) -> None:
    row = int(ref)
    kept = [r for r in rows if r != row] if row in rows else [*rows, row][-MOST:]
    address.choose(PINS, spell(kept) if kept else None)


def _chooser(here: context.Context, lab: Lab, story: Story, rows: Sequence[int]) -> None:
    box = st.expander("Choose the images", key="pins-box", on_change="rerun")
    if not box.open or here.view is None:
        return
    with box:
        names, labels = here.view.class_names, lab.dataset.splits[_SPLIT].labels
        seen = here.view.class_ids_seen(here.view.tasks_done - 1)
        options = sorted((names[i] for i in seen), key=str.casefold)
        default = names[here.class_id] if here.class_id is not None else story.listed_for
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(
                "Images of",
                options,
                index=options.index(default) if default in options else 0,
                key="pins-class",
                width=260,
            )
            st.button("Back to its strongest images", key="pins-reset", on_click=address.choose, args=(PINS, None))
        mine = np.flatnonzero(labels == names.index(name))[:_EACH].tolist()
        every = [*rows, *(row for row in mine if row not in rows)]
        shown = pictures.of(lab.config, _SPLIT, every)
        st.caption(f"Click a picture to pin it, or a pinned one to let it go; at most {MOST}.")
        thumbs = [
            Thumb(str(row), picture, names[labels[row]], "pinned" if row in rows else "")
            for row, picture in zip(every, shown, strict=True)
        ]
        gallery(thumbs, "pins-gallery", lambda ref: _toggle(rows, ref), None)


# -- drawing -----------------------------------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, max_entries=128)
def _reels(run: str, rows: tuple[int, ...], concept: int, done: int, _lab: Lab) -> list[Reel]:
    return exhibits.reels(_lab, rows, concept, done)


def _film(view: RunView, reels: Sequence[Reel], story: Story, moment: int) -> str:
    """A table of pictures: one row an image, one column a task."""
    tasks = range(story.born, view.tasks_done)
    heads = "".join(f"<th class='{_now(t, moment)}'>after task {t + 1}</th>" for t in tasks)
    body = ""
    for reel in reels:
        name = safe(reel.name)
        cells = "".join(
            f"<td class='{_now(t, moment)}'><img src='{image}' alt='heat map on {name} after task {t + 1}, "
            f"score {signed(score)}'>{signed(score)}</td>"
            for t, (image, score) in zip(tasks, reel.frames, strict=True)
        )
        words, score = reel.words
        body += (
            f"<tr><td><img src='{reel.plain}' alt=''>{name}</td>"
            f"<td class='plc-first'><img src='{words}' alt='heat map by its words on {name}, score {signed(score)}'>"
            f"{signed(score)}</td>{cells}</tr>"
        )
    head = f"<tr><th>image</th><th>by its words</th>{heads}</tr>"
    frame = "class='plc-film' tabindex='0' role='region' aria-label='Heat maps task by task'"
    return f"<div {frame}><table>{head}{body}</table></div>"


def _now(task: int, moment: int) -> str:
    return "plc-now" if task == moment else ""
