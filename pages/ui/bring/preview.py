"""What was found at the place of a draft: how many pictures of each class, some of them, and what was not taken."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath

import numpy as np
import streamlit as st

from engine.array_types import Ints
from engine.data.dataset import Dataset
from engine.data.listed import ListedImages
from engine.data.vectors import VectorData
from engine.figures.class_cards import ClassCard, class_cards, counts_table
from engine.health.counts import counts
from engine.health.pictures import Pictures, pictures_of
from pages.ui import notices, panels
from pages.ui.bring import looking
from pages.ui.bring.drafting import OpenDraft
from pages.ui.bring.opening import Opening
from pages.ui.bring.thumbnails import Place
from pages.ui.text import unmarked

EACH = 28
"""Classes on a page of them."""
_STRIP = 2
"""Pictures of each."""
_PATIENCE, _TICK = 0.15, 0.7
"""Seconds that the page waits for small pictures, and between two looks for the rest."""
_SHOWN = 12
"""Files that are named at most."""
_PAGE = "bring-classes-page"


def show(draft: OpenDraft, opening: Opening, data: Dataset) -> None:
    """Draw it.

    Args:
        data: without what the draft leaves out.
    """
    source = looking.source_of(draft)
    if opening.changed and source is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="bring-changed"):
            st.markdown("Files have changed since this look. Starting the run looks at all of them again.")
            icon = ":material/refresh:"
            st.button("Look again", key="bring-look-again", icon=icon, on_click=looking.again, args=(source,))
    pictures = pictures_of(data)
    table = counts(pictures, len(data.class_names)).table
    every = [ClassCard(name, row.tolist()) for name, row in zip(data.class_names, table, strict=True)]
    headline, note = _told(data, pictures, table)
    with panels.panel("bring-classes", headline, note, lambda: counts_table(every, pictures.splits)):
        _cards(opening, data, pictures, table)
        _skipped(data)
    if data.vectors is not None:
        _no_pixels(data)


def _told(data: Dataset, pictures: Pictures, table: Ints) -> tuple[str, str]:
    what = "pictures" if data.vectors is None else "embeddings"
    parts = dict(zip(pictures.splits, table.sum(0).tolist(), strict=True))
    headline = f"{len(pictures):,} {what} of {len(data.class_names):,} classes"
    learnt = table[:, 0]
    note = f"{parts.pop('train'):,} to learn from + {sum(parts.values()):,} for tests; "
    least, most = int(learnt.min()), int(learnt.max())
    note += (
        f"{least:,} to {most:,} to learn from in a class." if least < most else f"{most:,} to learn from in each class."
    )
    if isinstance(data, ListedImages | VectorData) and data.divided:
        note += " Nothing said which are for tests: Plumage kept a share of each class."
    return headline, note


def _cards(opening: Opening, data: Dataset, pictures: Pictures, table: Ints) -> None:
    classes = len(data.class_names)
    pages = -(-classes // EACH)
    page = max(1, min(int(st.session_state.get(_PAGE, 1)), pages))
    shown = _largest_first(opening, classes)[(page - 1) * EACH : page * EACH]
    wanted = [_some(data, int(c)) for c in shown]
    places = [place for each in wanted for place in each]
    missing = None in opening.thumbnails.of(data, places, _PATIENCE)
    most = int(table.sum(1).max())

    def draw(drawn_missing: bool) -> None:
        found = dict(zip(places, opening.thumbnails.of(data, places, 0), strict=True))
        if drawn_missing and None not in found.values():
            st.rerun()
        cards = [
            ClassCard(data.class_names[c], table[c].tolist(), [found[place] for place in each])
            for c, each in zip(shown, wanted, strict=True)
        ]
        st.html(class_cards(cards, pictures.splits, most).html)

    st.fragment(draw, run_every=_TICK if missing else None)(missing)
    if pages > 1:
        if st.session_state.get(_PAGE, 1) != page:
            st.session_state[_PAGE] = page
        st.pagination(pages, key=_PAGE)


def _largest_first(opening: Opening, classes: int) -> Ints:
    """Classes by how many pictures they have, whatever is left out, so that none moves when one is."""
    assert opening.data is not None  # it is shown
    labels = np.concatenate([split.labels for split in opening.data.splits.values()])
    return np.argsort(-np.bincount(labels, minlength=classes), kind="stable")


def _some(data: Dataset, class_id: int) -> list[Place]:
    """Some training pictures of a class, from all over it."""
    if isinstance(data, VectorData) and data.splits["train"].thumbnails is None:
        return []
    rows = np.flatnonzero(data.splits["train"].labels == class_id)
    chosen = rows[np.linspace(0, len(rows), _STRIP, endpoint=False).astype(int)]
    return [("train", int(row)) for row in dict.fromkeys(chosen.tolist())]


def _skipped(data: Dataset) -> None:
    """Files beside the pictures."""
    skipped = data.skipped if isinstance(data, ListedImages) else ()
    if not skipped:
        return
    ends = Counter(PurePath(name).suffix.lower() or "no ending" for name in skipped)
    kinds = ", ".join(f"{count:,} {end}" for end, count in ends.most_common(5))
    with st.popover(f"{len(skipped):,} files were not taken", type="tertiary", key="bring-skipped"):
        st.markdown(unmarked(f"They do not end as pictures do (.jpg, .jpeg, .png, .webp, .bmp): {kinds}."))
        more = f"\n… and {len(skipped) - _SHOWN:,} more" if len(skipped) > _SHOWN else ""
        st.code("\n".join(skipped[:_SHOWN]) + more, language=None)


def _no_pixels(data: Dataset) -> None:
    small = isinstance(data, VectorData) and data.splits["train"].thumbnails is not None
    seen = "small pictures for people are with them" if small else "there is nothing to see of them"
    detail = f"The data bring embeddings in place of pictures; {seen}"
    remedy = (
        "Training, accuracy, forgetting, concepts and repairs work. Where a concept is in a picture, and attacks on "
        "pixels, need pixels: their pages say so"
    )
    notices.standing(notices.Notice("Embeddings, no pixels", detail, remedy))
