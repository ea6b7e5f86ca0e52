"""All pictures of a confusion cell, of a class or of a saved selection, over any page: filtered, paged, each one click
from the page that takes it apart. What is open stands in the address alone (`pictures=cell-12-7&which=once`)."""

from __future__ import annotations

import streamlit as st

from engine.array_types import Ints
from engine.errors import PlumageError
from engine.exhibits.gallery import FILTERS, GalleryPictures, gather, headline
from engine.metrics.wording import certainty
from engine.session.picture_sets import PictureSet
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, context, notices, pictures, saved, segments
from pages.ui.context import Context
from pages.ui.text import unmarked
from pages.ui.thumbs import Thumb, gallery

PICTURES, WHICH = "pictures", "which"
"""Names in the address: which pictures (`engine.session.picture_sets`), and the filter."""
PICTURE_PAGE = "picture"
"""The page that takes one picture apart: its address holds the picture as `image`."""
EACH = 60
"""Pictures at a time."""
_PAGE, _FILTER = "gallery-page", "gallery-which"
_GO = "gallery-go"
"""Session: the picture to look at. Only a run of the whole page can go to another one."""
_PX = 104


def open_for(wanted: PictureSet) -> None:
    """Callback: open the gallery."""
    st.query_params[PICTURES] = str(wanted)
    st.query_params.pop(WHICH, None)
    st.session_state.pop(_PAGE, None)


def close() -> None:
    """Callback: close it."""
    for name in (PICTURES, WHICH):
        st.query_params.pop(name, None)


def show(here: Context) -> None:
    """Draw it where the address asks for it, of the run and the moment that are looked at."""
    if (ref := st.session_state.pop(_GO, None)) is not None and here.view is not None and here.moment is not None:
        picked = {context.TASK: str(here.moment + 1)} if address.value(context.TASK) else {}
        query = {context.RUN: here.view.id, **picked, "image": ref}
        address.choose("image", ref)
        st.switch_page(f"pages/{PICTURE_PAGE}.py", query_params=query)
    asked = st.query_params.get(PICTURES)
    if asked is not None and here.view is not None and here.moment is not None:
        _dialog(here.store, here.view, here.moment)


@st.dialog("Pictures", width="large", on_dismiss=close)
def _dialog(store: RunStore, view: RunView, moment: int) -> None:
    if _GO in st.session_state:
        st.rerun()
    asked = st.query_params.get(PICTURES)
    if asked is None:
        st.rerun()
    with notices.caught():
        try:
            wanted = PictureSet.parse(asked)
            found = gather(store, view, _split(view), moment, wanted)
        except PlumageError as error:
            notices.panel(notices.of_error(error))
            saved.listed(view.id, asked, open_for)
            return
        if found is None:
            st.caption("This run is of an older version, which did not keep what became of single pictures.")
            return
        _draw(view, moment, wanted, found)


def _draw(view: RunView, moment: int, wanted: PictureSet, found: GalleryPictures) -> None:
    st.markdown(f"#### {unmarked(headline(view, wanted, found, saved.name_of(view.id, wanted)))}")
    with st.container(horizontal=True, vertical_alignment="center", key="gallery-tools", gap="small"):
        places = found.places(_filter(found.counts()))
        saved.save(view.id, found.refs(places), open_for)
    saved.listed(view.id, str(wanted), open_for)
    if found.absent:
        st.caption(f"{found.absent} more of them are of classes that are not learnt after task {moment + 1}.")
    if not len(places):
        st.caption("No picture is like that.")
    pages = -(-len(places) // EACH)
    page = max(1, min(int(st.session_state.get(_PAGE, 1)), pages))
    _grid(view, found, places[(page - 1) * EACH : page * EACH])
    if pages > 1:
        st.session_state[_PAGE] = page
        st.pagination(pages, key=_PAGE)


def _filter(counts: dict[str, int]) -> str:
    asked = st.query_params.get(WHICH, "all")
    chosen = asked if asked in counts else "all"
    st.session_state[_FILTER] = chosen
    st.segmented_control(
        "Show",
        list(counts),
        required=True,
        format_func=lambda name: f"{FILTERS[name]} {counts[name]}",
        key=_FILTER,
        label_visibility="collapsed",
        wrap=True,
        on_change=_filtered,
    )
    return chosen


def _filtered() -> None:
    st.query_params[WHICH] = st.session_state[_FILTER]
    st.session_state.pop(_PAGE, None)


def _grid(view: RunView, found: GalleryPictures, places: Ints) -> None:
    shown = pictures.of(view.config, found.split, found.image[places].tolist())
    one_answer = len(set(found.predicted[places].tolist())) == 1  # the heading says which
    names, thumbs = view.class_names, []
    for ref, at, picture in zip(found.refs(places), places.tolist(), shown, strict=True):
        right, said = bool(found.right[at]), [certainty(float(found.probability[at]))]
        if not right and not one_answer:
            said.insert(0, f"taken for {names[found.predicted[at]]}")
        if found.once[at]:
            said.append("once right")
        title = names[found.label[at]]
        thumbs.append(Thumb(ref, picture, title, ", ".join(said), "good" if right else "bad"))
    gallery(thumbs, "gallery-thumbs", _pick, width=_PX)


def _pick(ref: str) -> None:
    st.session_state[_GO] = ref


def _split(view: RunView) -> str:
    return address.among(segments.SPLIT, view.splits, view.splits[0])
