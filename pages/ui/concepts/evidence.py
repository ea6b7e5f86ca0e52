"""What stands behind a weight: a class in words, and the images on which a concept adds most and least to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.explain.wording import Clause, definition, phrase, sentence, signed
from engine.figures.tables import Table, cell
from engine.figures.weights import digits
from engine.runs.view import RunView
from pages.ui import address, context, pictures, ribbon
from pages.ui.concepts import picks
from pages.ui.panels import panel
from pages.ui.picker import IMAGE
from pages.ui.text import safe
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.runs.lab import Lab

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_EACH = 6
"""Images at either end."""
_SPLIT = "test"
_LIST = "definitions-list"


def show(here: context.Context, lab: Lab) -> None:
    """Two panels: the class in words, and the images behind the chosen cell."""
    left, right = st.columns([3, 2] if here.class_id is None else 2)
    with left:
        _in_words(here, lab)
    with right:
        _images(here, lab)


def ends(values: npt.NDArray[np.floating], count: int) -> tuple[Ints, Ints]:
    """Indices of the `count` largest values, largest first, and of the `count` smallest, smallest first.

    Where there are fewer than twice as many values, both lists are shorter and have none in common.
    """
    order = np.argsort(-np.asarray(values, np.float64), kind="stable")
    high = order[: min(count, -(-len(order) // 2))]
    low = order[::-1][: min(count, len(order) // 2)]
    return high.astype(np.int64), low.astype(np.int64)


# -- in words ----------------------------------------------------------------------------------------------------------


def _in_words(here: context.Context, lab: Lab) -> None:
    """The chosen class's definition, or all of them."""
    view, moment = lab.view, picks.moment_of(here)
    every = _definitions(view.id, moment, lab)
    if here.class_id is None:
        _all_in_words(view, moment, every)
        return
    name = view.class_names[here.class_id]
    clauses = every[view.class_ids_seen(moment).index(here.class_id)]
    note = f"What sets the class apart after task {moment + 1}; numbers are in units of the logit"
    with panel("definition", sentence(name, clauses), note, lambda: _clause_table(clauses)):
        st.html(_clauses(clauses))
        images = ribbon.pictures(view.config, (here.class_id,), _EACH).get(here.class_id, [])
        shown = "".join(f"<img src='{image}' alt='{safe(name)}'>" for image in images)
        st.html(f"<div class='pl-birds'>{shown}</div>")


def _all_in_words(view: RunView, moment: int, every: list[list[Clause]]) -> None:
    names = [view.class_names[i] for i in view.class_ids_seen(moment)]
    table: Table = {
        "class": [*names],
        "because": [", ".join(phrase(clause) for clause in clauses) or "nothing sets it apart" for clauses in every],
    }
    note = f"What sets each class apart after task {moment + 1}. Choose a row to look at one class."
    with panel("definitions", "Every class in words", note, lambda: table):
        st.dataframe(
            table,
            hide_index=True,
            height=330,
            key=_LIST,
            on_select=lambda: _choose(names),
            selection_mode="single-row",
            column_config={"class": st.column_config.TextColumn(width="medium")},
            alt="One row a class: its strongest concepts in words",
        )


def _choose(names: list[str]) -> None:
    rows = st.session_state[_LIST]["selection"]["rows"]
    if rows:
        context.point_at(None, names[rows[0]])


def _clauses(clauses: list[Clause]) -> str:
    """The reasons as a list, each with a bar as long as its number."""
    most = max((abs(clause.value) for clause in clauses), default=1.0)
    rows = "".join(
        f"<li><span>{'<b>NOT</b> ' if c.negated else ''}{safe(c.text)}</span>"
        f"<i class='{'pl-against' if c.value < 0 else 'pl-for'}' style='width:{100 * abs(c.value) / most:.1f}%'></i>"
        f"<b>{signed(c.value)}</b></li>"
        for c in clauses
    )
    return f"<ul class='pl-clauses'>{rows}</ul>"


def _clause_table(clauses: list[Clause]) -> Table:
    return {
        "concept": [c.text for c in clauses],
        "negated": ["NOT" if c.negated else "" for c in clauses],
        "value": [cell(c.value) for c in clauses],
        "weight": [cell(c.weight) for c in clauses],
        "speaks for the class by": [cell(c.gain) for c in clauses],
    }


@st.cache_data(show_spinner=False, max_entries=32)
def _definitions(run: str, moment: int, _lab: Lab) -> list[list[Clause]]:
    snapshot = _lab.snapshot(moment)
    return [definition(snapshot, position) for position in range(len(snapshot.class_ids))]


# -- in images ---------------------------------------------------------------------------------------------------------


def _images(here: context.Context, lab: Lab) -> None:
    """The images of the chosen class on which the chosen concept adds most and least."""
    moment = picks.moment_of(here)
    snapshot = lab.snapshot(moment)
    words = [c.text for c in snapshot.bank.concepts]
    index = picks.concept(words)
    if here.class_id is None or index is None:
        with panel("evidence", "The images behind a weight", "Click a cell of the table above, filled or empty."):
            st.caption("Shown are the test images of its class on which its concept adds most, and least.")
        return
    position = snapshot.class_ids.index(here.class_id)
    weight = float(snapshot.head[position, index])
    rows, scores, right = _class_images(lab, moment, position, index)
    adds = weight * scores
    name = lab.view.class_names[here.class_id]
    told = _told(words[index], name, adds)
    printed = signed(weight, digits(weight) + 1)
    note = (
        f"Weight {printed} times the score, on the class's {len(rows)} test images after task {moment + 1}. "
        "A click chooses a picture for the Explain page."
    )
    with panel("evidence", told, note, lambda: _evidence_table(rows, scores, adds, right)):
        high, low = ends(adds, _EACH)
        _strip("Adds most", "high", high, lab, rows, adds, right)
        _strip("Adds least", "low", low, lab, rows, adds, right)
        if address.value(IMAGE) in {f"{_SPLIT}:{rows[i]}" for i in (*high, *low)}:
            address.settle(IMAGE, address.value(IMAGE))
            st.page_link("pages/explain.py", label="Explain the chosen image", icon=":material/search:")


def _told(words: str, name: str, adds: Floats) -> str:
    if not len(adds):
        return f"“{words}” for {name}: there are no test images"
    places = digits(float(np.abs(adds).max()))
    low, high = signed(float(adds.min()), places), signed(float(adds.max()), places)
    return f"“{words}” adds {low} to {high} to {name}" if low != high else f"“{words}” adds {low} to {name}"


def _class_images(lab: Lab, moment: int, position: int, index: int) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    """Rows of a class's test images, the concept's score on each, and which are recognised; [n] each."""
    sample = lab.sample(_SPLIT, moment)
    mine = sample.labels.numpy() == position
    scores = (sample.features[mine] @ lab.snapshot(moment).bottleneck[index]).double().numpy()
    return sample.rows[mine], scores, lab.predicted(_SPLIT, moment)[mine] == position


def _strip(
    title: str, end: str, chosen: Ints, lab: Lab, rows: Ints, adds: Floats, right: npt.NDArray[np.bool_]
) -> None:
    st.caption(title)
    addresses = pictures.of(lab.config, _SPLIT, [int(rows[i]) for i in chosen])
    places = digits(float(np.abs(adds).max(initial=0.0)))
    thumbs = [
        Thumb(
            f"{_SPLIT}:{rows[i]}",
            picture,
            signed(float(adds[i]), places),
            "recognised" if right[i] else "not recognised",
            "good" if right[i] else "bad",
        )
        for i, picture in zip(chosen.tolist(), addresses, strict=True)
    ]
    picked = address.value(IMAGE)
    gallery(thumbs, f"evidence-{end}", lambda ref: address.choose(IMAGE, ref), picked, width=84)


def _evidence_table(rows: Ints, scores: Floats, adds: Floats, right: npt.NDArray[np.bool_]) -> Table:
    order = np.argsort(-adds, kind="stable").tolist()
    return {
        "image": [f"{_SPLIT}:{rows[i]}" for i in order],
        "adds": [cell(adds[i]) for i in order],
        "score": [cell(scores[i]) for i in order],
        "recognised": ["yes" if right[i] else "no" for i in order],
    }
