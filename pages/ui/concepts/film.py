"""A concept's heat map on a few pinned images after every task, and why the task that broke it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.errors import NotApplicable
from engine.explain.history import Break
from engine.figures.heat import data_address, overlay
from engine.figures.timeline import signed
from engine.metrics.concepts import concept_auc
from engine.runs.view import RunView
from pages.ui import address, context, pictures
from pages.ui.panels import panel
from pages.ui.text import safe
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.runs.lab import Lab
    from pages.ui.concepts.story import Story

PINS = "pins"
"""Key of the pinned images in the address: places like `test:12` parted by full stops."""
MOST = 6
"""Images that can be pinned."""
_PINNED_IN = "pins-run"  # session: the run whose images are pinned
_DEFAULT = 3
_SIZE = 156  # pixels of a picture
_SPLIT = "test"
_EACH = 28  # images of a class to choose from

Floats = npt.NDArray[np.floating[Any]]


def show(here: context.Context, lab: Lab, story: Story) -> None:
    """The film strips, and below them the images to choose from."""
    view = here.view
    if view is None or here.moment is None:
        return
    rows = pinned(view, lab, story)
    told = "Where it is seen, task by task"
    note = (
        "Blue speaks for it, orange against, each map on a scale of its own; below it the score. The map by its words "
        "never changes, the others follow the direction learnt so far."
    )
    if lab.changes_eyes:
        note = (
            "Blue speaks for it, orange against, each map on a scale of its own; below it the score. Each is of the "
            "direction and the eyes after that task; the map by its words is of the newest eyes."
        )
    with panel("concept-film", told, note, None, ("heat_map",)):
        try:
            frames = _frames(view.id, tuple(rows), story.index, view.tasks_done, lab)
        except NotApplicable as error:
            st.caption(f"Absent because of this backbone: {error.allowed}.")
            return
        st.html(_film(view, lab, rows, frames, story, here.moment))
        _chooser(here, lab, story, rows)


def reason(lab: Lab, story: Story, split: str) -> None:
    """Why the task that broke it did, where one did."""
    if story.broke is not None:
        kept = _auc(lab, story.index, split, story.broke.task - 1, story.broke.task)
        st.html(f"<div class='plc-control'><p>{safe(why(story.broke, kept, lab.changes_eyes))}</p></div>")


def why(broke: Break, kept: float, new_eyes: bool = False) -> str:
    """The fall shared out, exactly: what the turn of its direction cost, and what the new classes' pictures did.

    Args:
        kept: AUC of the direction before the task on the pictures after it.
        new_eyes: whether the task changed how pictures are seen, too.
    """
    pictures = "the new classes' pictures and the hardened eyes" if new_eyes else "the new classes' pictures"
    turned, new = 100 * (kept - broke.after), 100 * (broke.before - kept)
    said = {True: "cost {:.1f} points", False: "gave {:.1f} points back"}
    one = said[turned >= 0].format(abs(turned))
    other = said[new >= 0].format(abs(new))
    return (
        f"Why it fell by {100 * broke.fall:.1f} points at task {broke.task + 1}: the turn of its direction {one}, "
        f"and {pictures}, judged by the old direction, {other}."
    )


def _auc(lab: Lab, concept: int, split: str, model: int, images: int) -> float:
    """AUC of the direction after one task on the test images after another."""
    sample, bank = lab.sample(split, images), lab.snapshot(model).bank
    truth, _ = lab.truth(split, sample.rows, bank.select([concept]))
    scores = (sample.features @ lab.snapshot(model).bottleneck[concept]).numpy()
    return float(concept_auc(scores[:, None], truth)[0])


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
    sample = _lab.sample(_SPLIT, done - 1)
    scores = (sample.features @ _lab.snapshot(done - 1).bottleneck[concept]).numpy()
    return [int(row) for row in sample.rows[np.argsort(-scores, kind="stable")[:_DEFAULT]]]


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
def _frames(
    run: str, rows: tuple[int, ...], concept: int, done: int, _lab: Lab
) -> tuple[list[str], list[tuple[str, float]], list[list[tuple[str, float]]]]:
    """For each image: its picture, (map by words, score), and (map, score) after each task that knows the concept.

    Each map has a scale of its own: directions grow with the tasks, and where a concept is seen is the question.
    """
    import torch

    from engine.explain.maps import concept_maps

    last = _lab.snapshot(done - 1)
    first = last.bank.concepts[concept].task
    directions = [_lab.snapshot(t).bottleneck[concept] for t in range(first, done)]
    both = torch.stack([last.bank.embeddings[concept], *directions])  # [1 + tasks, D]
    drawn = _lab.dataset.splits[_SPLIT].images(np.array(rows, np.int64), _SIZE)
    pixels = _lab.pixels(_SPLIT, rows)
    if _lab.changes_eyes:  # each direction with the eyes of its task
        looks = [(row[None], t) for row, t in zip(both, (done - 1, *range(first, done)), strict=True)]
        seen = [(concept_maps(_lab.patches(pixels, t), row), _lab.embed(pixels, t) @ row.T) for row, t in looks]
        maps, scores = (torch.cat(parts, dim=1).numpy() for parts in zip(*seen, strict=True))
    else:
        maps = concept_maps(_lab.patches(pixels), both).numpy()  # [n, 1 + tasks, g, g]
        scores = (_lab.embed(pixels) @ both.T).numpy()  # [n, 1 + tasks]
    plain = [data_address(image) for image in drawn]
    words = [
        (data_address(overlay(image, heat[0])), float(score[0]))
        for image, heat, score in zip(drawn, maps, scores, strict=True)
    ]
    films = []
    for image, heat, score in zip(drawn, maps, scores, strict=True):
        films.append([(data_address(overlay(image, h)), float(s)) for h, s in zip(heat[1:], score[1:], strict=True)])
    return plain, words, films


def _film(
    view: RunView,
    lab: Lab,
    rows: Sequence[int],
    frames: tuple[list[str], list[tuple[str, float]], list[list[tuple[str, float]]]],
    story: Story,
    moment: int,
) -> str:
    """A table of pictures: one row an image, one column a task."""
    labels = lab.dataset.splits[_SPLIT].labels
    tasks = range(story.born, view.tasks_done)
    heads = "".join(f"<th class='{_now(t, moment)}'>after task {t + 1}</th>" for t in tasks)
    body = ""
    for row, plain, words, film in zip(rows, *frames, strict=True):
        name = safe(view.class_names[labels[row]])
        cells = "".join(
            f"<td class='{_now(t, moment)}'><img src='{image}' alt='heat map on {name} after task {t + 1}'>"
            f"{signed(score)}</td>"
            for t, (image, score) in zip(tasks, film, strict=True)
        )
        body += (
            f"<tr><td><img src='{plain}' alt=''>{name}</td>"
            f"<td class='plc-first'><img src='{words[0]}' alt='heat map by its words on {name}'>{signed(words[1])}</td>"
            f"{cells}</tr>"
        )
    head = f"<tr><th>image</th><th>by its words</th>{heads}</tr>"
    frame = "class='plc-film' tabindex='0' role='region' aria-label='Heat maps task by task'"
    return f"<div {frame}><table>{head}{body}</table></div>"


def _now(task: int, moment: int) -> str:
    return "plc-now" if task == moment else ""
