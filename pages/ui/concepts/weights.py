"""Weights: which concept speaks for which class, after any task, and what changed between two."""

from __future__ import annotations

import streamlit as st

from engine.array_types import Ints
from engine.exhibits.concepts import weights as exhibits
from engine.exhibits.concepts.weights import ALIKE, Heads, Shown
from engine.metrics.concepts import EFFECTIVE
from engine.store.view import RunView
from pages.ui import address, context, firstly, laboratory, notices, panels, segments
from pages.ui.concepts import choices, evidence, expected, picks, reading

_STRONGEST = {"40": "40 strongest", "20": "20 strongest", "80": "80 strongest", "160": "160 strongest"}
_ORDERS = {ALIKE: "Alike together", "learnt": "As learnt"}
_CHART = "weights-grid"


def show(here: context.Context) -> None:
    """The view."""
    view = here.view
    if view is None or here.moment is None:
        return
    if view.concept_metrics(here.moment) is None:
        _no_concepts(view)
        return
    firstly.text()
    with st.container(horizontal=True, vertical_alignment="bottom", key="weights-choices"):
        against = _against(view, here.moment)
        known = reading.history(view, view.tasks_done - 1)[-1]
        heads = exhibits.read(view, known, lambda task: reading.head(view, task), here.moment, against)
        rows, columns = exhibits.chosen(heads, _shown(heads))
    _numbers(heads)
    if not len(rows) or not len(columns):
        _nothing_left()
        return
    _grid(view, here, heads, rows, columns)
    lab = laboratory.open(view, here.moment)
    expected.show(here, lab)
    evidence.show(here, lab)  # words and grid need no torch, so they come first


def _against(view: RunView, moment: int) -> int | None:
    """The moment to compare with, or None."""
    others = {str(t + 1): f"after task {t + 1}" for t in range(view.tasks_done) if t != moment}
    chosen = segments.pick("Compare with", "against", {picks.NOTHING: "nothing", **others})
    return int(chosen) - 1 if chosen else None


def _shown(heads: Heads) -> Shown:
    """Which part of the table the reader wants."""
    tasks = int(heads.class_task.max()) + 1
    groups = {picks.NOTHING: "all groups", **{g: g.replace("_", " ") for g in sorted(set(heads.groups)) if g}}
    count = int(segments.pick("Concepts", "top", _STRONGEST))
    group = segments.pick("Group", "group", groups)
    brought = segments.pick("Concepts of", "brought", picks.numbered(tasks, "all tasks"), width=130)
    learnt = segments.pick("Classes of", "of", picks.numbered(tasks, "all tasks"), width=130)
    order = segments.choose("Order", "order", _ORDERS)
    return Shown(count, group or None, _task(brought), _task(learnt), order, picks.concept(heads.concepts))


def _task(chosen: str) -> int | None:
    return int(chosen) - 1 if chosen else None


def _grid(view: RunView, here: context.Context, heads: Heads, rows: Ints, columns: Ints) -> None:
    outlined = _position(view, here), picks.concept(heads.concepts)
    classes, concepts = [heads.classes[i] for i in rows], [heads.concepts[k] for k in columns]
    exhibit = exhibits.grid(heads, rows, columns, outlined)
    with panels.framed(exhibit, "Click a cell for its images."), st.container(key="weights-scroll"):
        clicked = panels.on_point(_CHART, lambda row, column: _clicked(classes[row], concepts[column]))
        panels.draw(exhibit, _CHART, clicked)


def _clicked(name: str, concept: str) -> None:
    """Callback: a cell means its class and its concept."""
    context.point_at(None, name)
    address.choose(choices.CONCEPT, concept)


def _numbers(heads: Heads) -> None:
    """How sparse the head is, now and then."""
    now = exhibits.sparsity(heads.now)
    then = None if heads.before is None else exhibits.sparsity(heads.before)
    counted = f"a weight counts beyond {EFFECTIVE:.5f}"
    below = [
        f"{then[name]} after task {(heads.against or 0) + 1}" if then else "" if number else counted
        for number, name in enumerate(now)
    ]
    panels.tiles((name, str(value), note) for (name, value), note in zip(now.items(), below, strict=True))


def _position(view: RunView, here: context.Context) -> int | None:
    """Position of the chosen class in the order of learning."""
    seen = view.class_ids_seen(view.tasks_done - 1)
    return seen.index(here.class_id) if here.class_id in seen else None


def _no_concepts(view: RunView) -> None:
    notices.panel(
        notices.Notice(
            f"Weights of {view.config.method.replace('_', ' ')}",
            "the rows of this method are classes, not concepts, so there is no class by concept table",
            "Choose a run whose method learns concepts, for example CLG-CBM",
        )
    )


def _nothing_left() -> None:
    notices.panel(
        notices.Notice(
            "No concept is left", "the choices above leave no class or no concept", "Choose all tasks or all groups"
        )
    )
