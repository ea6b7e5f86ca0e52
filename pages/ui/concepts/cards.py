"""A page of cards: each concept's strongest test images, and its heat map on them."""

from __future__ import annotations

import streamlit as st

from engine.errors import PlumageError
from engine.exhibits.concepts import exemplars, listing
from engine.exhibits.concepts.exemplars import Arrays, Maps
from engine.runs.config import RunConfig
from engine.store.view import RunView
from pages.ui import analysis, context, definitions, pictures, segments
from pages.ui.concepts import choices
from pages.ui.text import safe, unmarked

EACH = 12
"""Cards on a page."""
GUIDES = {"row": "Learnt direction", "text": "Its words"}
_MAPS = {"row": exemplars.ROW, "text": exemplars.TEXT}
_BAR = 420  # pixels for the page numbers: by themselves they hide each other where there are few
_WAITING = "the strongest images of every concept"


def show(here: context.Context, found: listing.Listing, kept: list[int]) -> None:
    """The cards of the concepts that are left, a page at a time."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    st.html("<div class='pl-finding pl-large'><h2>What they look like to the model</h2></div>")
    result = analysis.wanted(view, moment, exemplars.ANALYSIS, words=_WAITING)
    if result is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="cards-bar"):
        guide = segments.choose("Heat map", "guide", GUIDES)
        pages = -(-len(kept) // EACH)
        place = st.pagination(pages, key=f"cards-{hash(tuple(kept))}", width=_BAR) if pages > 1 else 1
        definitions.popover(exemplars.IMAGES.terms, exemplars.IMAGES.name, exemplars.IMAGES.lesson)
    _explain(result, guide, bool(found.said))
    with st.grid(min_column_width=290, key="concept-cards"):
        for concept in kept[EACH * (place - 1) : EACH * place]:
            with st.container(border=True, height="stretch", gap="xsmall", key=f"card-{concept}"):
                text = found.known.text[concept]
                st.button(
                    unmarked(text),
                    key=f"open-{concept}",
                    type="tertiary",
                    help="Follow it through the tasks",
                    on_click=choices.look_at,
                    args=(text,),
                )
                st.html(_card(view, moment, found, concept, guide, result))


def _explain(result: Arrays, guide: str, marked: bool) -> None:
    if not result["row_maps"].shape[-1]:
        st.caption("This backbone keeps no patch tokens, so there are no heat maps: images only.")
        return
    how = "follows the direction it has learnt so far" if guide == "row" else "never changes: it follows the words"
    crosses = " A cross marks an image of which the concept is not true." if result["known"].any() else ""
    if marked:
        crosses = " A tick or a cross says what people marked."
    st.caption(
        f"The four test images of the classes seen so far that score highest, and below them where: blue for, orange "
        f"against. This map {how}.{crosses}"
    )


def _card(view: RunView, moment: int, found: listing.Listing, concept: int, guide: str, result: Arrays) -> str:
    if concept >= len(result["rows"]):
        return ""
    rows, maps = exemplars.strongest(result, concept, _MAPS[guide])
    try:
        plain, hot = _pictures(view.config.digest, tuple(rows), maps, view.config)
    except PlumageError as error:  # the images are gone, the numbers stay
        return f"<p class='plc-facts'>{safe(error.given)}: {safe(error.allowed)}</p>"
    text = found.known.text[concept]
    marks = [{True: "✓", False: "✗", None: ""}[hit] for hit in exemplars.hits(result, concept, found.said)]
    alts = [f"{safe(text)}, image {i + 1}{_truth(mark)}" for i, mark in enumerate(marks)]
    shots = "".join(
        f"<figure><img src='{image}' alt='{alt}'><figcaption>{mark}</figcaption></figure>"
        for image, alt, mark in zip(plain, alts, marks, strict=True)
    )
    heats = "".join(f"<img src='{image}' alt='heat map on {alt}'>" for image, alt in zip(hot, alts, strict=False))
    return f"<div class='plc-card'><div class='plc-shots'>{shots}{heats}</div>{_facts(found, concept)}</div>"


def _truth(mark: str) -> str:
    return {"✓": ", which has it", "✗": ", which has it not"}.get(mark, "")


def _facts(found: listing.Listing, concept: int) -> str:
    """Group, origin and use, then what is known of its truth, in two short lines."""
    first, second = listing.facts(found, concept)
    broke = found.breaks[concept]
    told = f"<b>broken by task {broke.task + 1}</b>" if broke is not None else ""
    return (
        f"<p class='plc-facts'>{safe(' · '.join(first))}<br>{safe(' · '.join(second))}{' · ' if told else ''}{told}</p>"
    )


@st.cache_data(show_spinner=False, max_entries=1024)
def _pictures(digest: str, rows: tuple[int, ...], maps: Maps, _config: RunConfig) -> tuple[list[str], list[str]]:
    """Images and the same under their heat maps, as addresses; all maps of a card share their scale."""
    return exemplars.pictures(pictures.dataset(_config), rows, maps)
