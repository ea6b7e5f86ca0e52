"""Every method on the run's data: the picture, the table to sort, and what each of them forgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from engine.exhibits.exhibit import Exhibit
from engine.exhibits.tasks import methods as exhibits
from engine.exhibits.words import SPLITS
from engine.figures.latex import to_latex
from engine.figures.tables import Table, to_csv
from engine.session.comparison import shared_splits
from engine.session.contenders import Contender, contenders
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address, context, firstly, notices, panels, segments
from pages.ui.context import Context
from pages.ui.text import title

_AXIS, _OF, _BASELINE = "against", "lost", "baseline"
_AXES = {"nec": "Concepts to read", "seconds": "Time", "stored": "Numbers kept"}
_LOST = {"classes": "Classes", "concepts": "Concepts"}
_TAB = "tab"
_KEPT = 60
"""Seconds for which what was read of finished runs serves: they do not change, but analyses of them may come."""
_TALL = 35
"""Pixels of a row of the table."""


def show(here: Context) -> bool:
    """Draw them; whether there was more than one method to draw."""
    if here.view is None:
        return False
    view, key = here.view, (str(here.store.home), tuple(run.id for run in here.runs if run.status == "finished"))
    found = _contenders((*key, view.id), "test", here.store, view)
    if len(found) < 2:
        return False
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="methods-controls"):
        splits = {split: SPLITS.get(split, split) for split in shared_splits([each.side for each in found])}
        split = segments.choose("Test images", segments.SPLIT, splits) if len(splits) > 1 else next(iter(splits))
        axis = segments.choose("Accuracy against", _AXIS, _AXES)
    found = _contenders((*key, view.id), split, here.store, view)
    with head:
        title(f"{len(found)} methods on the same data")
    firstly.text()
    shown = _picture((*key, view.id), split, axis, found)
    panels.show(shown, "Click a point to open its run", chart="methods", on_select=_on_point("methods"))
    _table(found, (*key, view.id), split)
    _forgotten(found, (*key, view.id), split)
    return True


_Key = tuple[Any, ...]


@st.cache_resource(ttl=_KEPT, max_entries=8, show_spinner=False)
def _contenders(key: _Key, split: str, _store: RunStore, _view: RunView) -> list[Contender]:
    return contenders(_store, _view, split)


@st.cache_resource(ttl=_KEPT, max_entries=16, show_spinner=False)
def _picture(key: _Key, split: str, axis: str, _found: Sequence[Contender]) -> Exhibit:
    return exhibits.against_cost(_found, split, axis)


@st.cache_resource(ttl=_KEPT, max_entries=16, show_spinner=False)
def _numbers(key: _Key, split: str, baseline: str, _found: Sequence[Contender]) -> Table:
    return exhibits.methods_table(_found, split, next(each for each in _found if each.views[-1].id == baseline))


@st.cache_resource(ttl=_KEPT, max_entries=16, show_spinner=False)
def _losses(key: _Key, split: str, of: str, _found: Sequence[Contender]) -> Exhibit | None:
    return exhibits.forgotten(_found, split, of)


def _on_point(chart: str) -> Any:
    def react() -> None:
        points = (st.session_state.get(chart) or {}).get("selection", {}).get("points", [])
        if points:
            notices.attempt(lambda: _open(str(points[0]["customdata"][0])))

    return react


def _open(run: str) -> None:
    context.select(run)
    address.choose(_TAB, None)


def _table(found: Sequence[Contender], key: _Key, split: str) -> None:
    titles = {each.views[-1].id: each.side.title for each in found}
    first = next((each for each in found if each.info.name == "ncm"), found[0]).views[-1].id
    lesson, terms = exhibits.METHODS.lesson, exhibits.METHODS.terms
    with panels.panel("methods-table", "Every number, to be sorted", "", None, terms, lesson):
        chosen = segments.choose("Differences to", _BASELINE, titles, default=first) if len(titles) <= 4 else None
        chosen = chosen or segments.pick("Differences to", _BASELINE, {first: titles[first], **titles}, 280)
        table = _numbers(key, split, chosen, found)
        runs = [each.views[-1].id for each in found]
        panels.listing(
            table,
            "methods-rows",
            lambda row: _open(runs[row]),
            "Every number of every method",
            _columns(table),
            _TALL * (len(found) + 1) + 3,
        )
        with st.container(horizontal=True, key="save-methods"):
            panels.save("Save as CSV", "methods", to_csv(table), "csv", "text/csv")
            panels.save("Save as LaTeX", "methods", to_latex(table), "tex", "text/x-tex")


def _columns(table: Table) -> Mapping[str, Any]:
    """Names stay in sight while the rest is scrolled; large counts are grouped."""
    wide = {"numbers kept a class", "parameters", "memory, MiB"}
    found: dict[str, Any] = {"method": st.column_config.TextColumn(pinned=True)}
    return found | {name: st.column_config.NumberColumn(format="localized") for name in table if name in wide}


def _forgotten(found: Sequence[Contender], key: _Key, split: str) -> None:
    of = segments.choose("What each of them forgets", _OF, _LOST)
    exhibit = _losses(key, split, of, found)
    if exhibit is None:
        st.caption("Nothing is known to be lost: there is one task, or nobody knows what is true of these images.")
    else:
        panels.show(exhibit)
