"""What stands behind a weight: a class in words, and the images on which a concept adds most and least to it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.concepts import evidence as exhibits
from engine.exhibits.concepts.evidence import EACH, Behind
from engine.exhibits.exhibit import Plates
from engine.explain.wording import Clause, definition, phrase, signed
from engine.figures.tables import Table
from engine.store.view import RunView
from pages.ui import address, context, panels, pictures, ribbon
from pages.ui.concepts import picks
from pages.ui.picker import IMAGE
from pages.ui.thumbs import Thumb, gallery

if TYPE_CHECKING:
    from engine.session.lab import Lab

_LIST = "definitions-list"


def show(here: context.Context, lab: Lab) -> None:
    """Two panels: the class in words, and the images behind the chosen cell."""
    left, right = st.columns([3, 2] if here.class_id is None else 2)
    with left:
        _in_words(here, lab)
    with right:
        _images(here, lab)


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
    images = ribbon.pictures(view.config, (here.class_id,), view.nearest, EACH).get(here.class_id, [])
    panels.show(exhibits.definition(name, clauses, moment, images))


def _all_in_words(view: RunView, moment: int, every: list[list[Clause]]) -> None:
    names = [view.class_names[i] for i in view.class_ids_seen(moment)]
    table: Table = {
        "class": [*names],
        "because": [", ".join(phrase(clause) for clause in clauses) or "nothing sets it apart" for clauses in every],
    }
    note = f"What sets each class apart after task {moment + 1}. Choose a row to look at one class."
    with panels.panel(
        "definitions",
        "Every class in words",
        note,
        lambda: table,
        terms=exhibits.DEFINITION.terms,
        lesson=exhibits.DEFINITION.lesson,
    ):
        panels.listing(
            table,
            _LIST,
            lambda row: context.point_at(None, names[row]),
            "One row a class: its strongest concepts in words",
            {"class": st.column_config.TextColumn(width="medium")},
        )


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
        told, note = "The images behind a weight", "Click a cell of the table above, filled or empty."
        with panels.panel(
            exhibits.EVIDENCE.name, told, note, terms=exhibits.EVIDENCE.terms, lesson=exhibits.EVIDENCE.lesson
        ):
            st.caption("Shown are the test images of its class on which its concept adds most, and least.")
        return
    found = exhibits.behind(lab, moment, snapshot.class_ids.index(here.class_id), index)
    exhibit = exhibits.evidence(found, partial(pictures.of, lab.config))
    with panels.framed(exhibit, "A click chooses a picture for the page Picture."):
        shown = _strips(found, exhibit.figure)
        if address.value(IMAGE) in shown:
            address.settle(IMAGE, address.value(IMAGE))
            st.page_link("pages/picture.py", label="Take the chosen picture apart", icon=":material/search:")


def _strips(found: Behind, plates: Plates) -> list[str]:
    """Both ends as galleries; names of the images that are shown."""
    high, low = exhibits.ends(found.adds, EACH)
    refs: list[str] = []
    for title, end, chosen in (("Adds most", "high", high), ("Adds least", "low", low)):
        st.caption(title)
        thumbs = []
        for i in chosen.tolist():
            adds, right = signed(float(found.adds[i]), found.places), bool(found.right[i])
            thumbs.append(
                Thumb(
                    f"{exhibits.SPLIT}:{found.rows[i]}",
                    plates[len(refs)].src,
                    adds,
                    exhibits.fate(right),
                    "good" if right else "bad",
                )
            )
            refs.append(thumbs[-1].ref)
        picked = address.value(IMAGE)
        gallery(thumbs, f"evidence-{end}", lambda ref: address.choose(IMAGE, ref), picked, width=84)
    return refs
