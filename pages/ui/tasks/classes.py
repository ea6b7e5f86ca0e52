"""One class: what it looks like, how well it was known after each task, and what it is taken for now."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.exhibits.exhibit import Lesson
from engine.exhibits.tasks import classes as exhibits
from engine.figures.confusion import mistakes
from engine.figures.look import percent
from engine.figures.tables import Table, cell
from engine.session.picture_sets import PictureSet
from engine.store.view import RunView
from pages.ui import address, context, gallery, panels, ribbon
from pages.ui.panels import panel
from pages.ui.text import safe

_SAMPLES = 6
_MISTAKES = 4
_TABLE = "class-list"
_LESSON = Lesson(
    what="Every class learnt so far, with the share of its test pictures that are recognised and what it is taken for "
    "most often.",
    why="An average hides single classes. A few that are mixed up with each other can carry most of the loss.",
    reading="The least known stand at the top. Where two rows name each other, the two are mistaken for one another.",
    caveats="A class has few test pictures, so a few points between two rows mean nothing.",
)


def detail(view: RunView, split: str, here: context.Context) -> None:
    """The chosen class, or the list to choose one from."""
    if here.moment is None:
        return
    if here.class_id is None:
        _list(view, split, here.moment)
    else:
        _one(view, split, here.moment, here.class_id)


def _list(view: RunView, split: str, moment: int) -> None:
    table = class_table(view, split, moment)
    worst = table["class"][0]
    told = f"{worst} is known least" if table["recognised"][0] is not None else "The classes"
    note = f"Every class after task {moment + 1}, the least known first. Choose a row to look closer."
    with panel("classes", told, note, lambda: table, ("class_confusion",), _LESSON):
        columns = {
            "recognised": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "share": st.column_config.NumberColumn(format="percent"),
        }
        _all_pictures(PictureSet("all"))
        panels.listing(table, _TABLE, lambda row: context.point_at(None, str(table["class"][row])), told, columns, 290)


def class_table(view: RunView, split: str, moment: int) -> Table:
    """Every class seen, the least recognised first."""
    seen, names = view.class_ids_seen(moment), view.class_names
    counts = view.confusion(moment, split)
    shares = exhibits.recalls(view, split, moment)
    order = np.argsort(np.nan_to_num(shares, nan=2.0), kind="stable").tolist()
    first = [next(iter(mistakes(counts, i)), None) for i in order]
    return {
        "class": [names[seen[i]] for i in order],
        "task": [(exhibits.task_of(view, seen[i]) or 0) + 1 for i in order],
        "recognised": [cell(shares[i]) for i in order],
        "most often taken for": [names[seen[m[0]]] if m else "" for m in first],
        "share": [cell(m[1]) if m else None for m in first],
    }


def _one(view: RunView, split: str, moment: int, class_id: int) -> None:
    name, seen = view.class_names[class_id], view.class_ids_seen(moment)
    found = mistakes(view.confusion(moment, split), seen.index(class_id))
    left, right = st.columns(2)
    with left, panels.shown(exhibits.recall(view, split, class_id, moment), chart="recall"):
        st.button("All classes", key="all-classes", icon=":material/list:", type="tertiary", on_click=_clear)
        _all_pictures(PictureSet("class", (class_id,)))
    names, nearest = [view.class_names[i] for i in seen], view.nearest
    with right, panels.framed(exhibits.mistaken(view, split, class_id, moment, {})):
        pictured = ribbon.pictures(view.config, (class_id,), nearest, _SAMPLES).get(class_id, [])
        st.html(birds(name, pictured))
        for j, share in found[:_MISTAKES]:
            images = ribbon.pictures(view.config, (seen[j],), nearest).get(seen[j], []) if pictured else []
            st.html(_mistake(names[j], share, images))


def _all_pictures(wanted: PictureSet) -> None:
    icon = ":material/photo_library:"
    st.button("All pictures", key="all-pictures", icon=icon, type="tertiary", on_click=gallery.open_for, args=(wanted,))


def _clear() -> None:
    address.choose(context.CLASS, None)


def birds(name: str, images: list[str]) -> str:
    """Training images of a class side by side, as HTML."""
    shown = (f"<img src='{image}' alt='{safe(name)}, training image {i}'>" for i, image in enumerate(images, 1))
    return f"<div class='pl-birds'>{''.join(shown)}</div>"


def _mistake(name: str, share: float, images: list[str]) -> str:
    picture = f"<img src='{images[0]}' alt=''>" if images else ""
    return f"<div class='pl-mistake'>{picture}<span>{safe(name)}</span><b>{percent(share)}</b></div>"
