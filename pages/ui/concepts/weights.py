"""Weights: which concept speaks for which class, after any task, and what changed between two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.explain.history import users
from engine.explain.ordering import clustered
from engine.figures import weights as drawing
from engine.figures.look import CONFIG, percent
from engine.metrics.concepts import nec
from engine.runs.view import RunView
from pages.ui import address, context, firstly, laboratory, notices, segments
from pages.ui.concepts import choices, evidence, picks, reading
from pages.ui.panels import panel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_STRONGEST = {"40": "40 strongest", "20": "20 strongest", "80": "80 strongest", "160": "160 strongest"}
_ORDERS = {"alike": "Alike together", "learnt": "As learnt"}
_CHART = "weights-grid"


@dataclass(frozen=True, slots=True)
class Heads:
    """The head at the chosen moment, the one it is compared with, and the one that orders rows and columns.

    Attributes:
        now: [C, K].
        before: [C', K'] with C' <= C and K' <= K or the other way round, or None.
        last: [C_T, K_T], after the last finished task: the order of rows and columns does not jump between moments.
        classes: names of all classes in the order of learning.
        concepts, groups: words and group of each concept.
        class_task, concept_task: the task that brought each.
    """

    now: Floats
    before: Floats | None
    last: Floats
    classes: tuple[str, ...]
    concepts: tuple[str, ...]
    groups: tuple[str, ...]
    class_task: Ints
    concept_task: Ints

    @property
    def shape(self) -> tuple[int, int]:
        """Classes and concepts that both moments know."""
        other = self.now if self.before is None else self.before
        return min(len(self.now), len(other)), min(self.now.shape[1], other.shape[1])


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
        heads = _heads(view, here.moment, against)
        rows, columns = _shown(heads)
    _numbers(heads, here.moment, against)
    if not len(rows) or not len(columns):
        _nothing_left()
        return
    _grid(view, here, heads, rows, columns, against)
    evidence.show(here, laboratory.open(view, here.moment))  # words and grid need no torch, so they come first


def _against(view: RunView, moment: int) -> int | None:
    """The moment to compare with, or None."""
    others = {str(t + 1): f"after task {t + 1}" for t in range(view.tasks_done) if t != moment}
    chosen = picks.select("Compare with", "against", {picks.NOTHING: "nothing", **others})
    return int(chosen) - 1 if chosen else None


def _shown(heads: Heads) -> tuple[Ints, Ints]:
    """Positions of the classes and indices of the concepts that are drawn, in their order."""
    tasks = int(heads.class_task.max()) + 1
    groups = {picks.NOTHING: "all groups", **{g: g.replace("_", " ") for g in sorted(set(heads.groups)) if g}}
    count = int(picks.select("Concepts", "top", _STRONGEST))
    group = picks.select("Group", "group", groups)
    brought = picks.select("Concepts of", "brought", picks.numbered(tasks, "all tasks"), width=130)
    learnt = picks.select("Classes of", "of", picks.numbered(tasks, "all tasks"), width=130)
    order = segments.choose("Order", "order", _ORDERS)
    many_classes, many_concepts = heads.shape
    rows = np.flatnonzero(_of_task(heads.class_task[:many_classes], learnt))
    fits = np.array([not group or g == group for g in heads.groups[:many_concepts]], np.bool_)
    columns = np.flatnonzero(fits & _of_task(heads.concept_task[:many_concepts], brought))
    columns = _strongest(heads, rows, columns, count)
    if order == "alike" and len(rows) and len(columns):
        block = heads.last[np.ix_(rows, columns)]
        rows, columns = rows[clustered(block)], columns[clustered(block.T)]
    return rows, columns


def _of_task(tasks: Ints, chosen: str) -> npt.NDArray[np.bool_]:
    return np.ones(len(tasks), np.bool_) if not chosen else tasks == int(chosen) - 1


def _strongest(heads: Heads, rows: Ints, columns: Ints, count: int) -> Ints:
    """The columns with the largest single weight (or change) in these rows; always with the chosen concept."""
    sizes = np.abs(_drawn(heads, rows, columns)).max(0, initial=0.0)
    chosen = picks.concept(heads.concepts)
    sizes = np.where(columns == (-1 if chosen is None else chosen), np.inf, sizes)
    kept: Ints = np.sort(columns[np.argsort(-sizes, kind="stable")[:count]])
    return kept


def _drawn(heads: Heads, rows: Ints, columns: Ints) -> Floats:
    now = heads.now[np.ix_(rows, columns)]
    return now if heads.before is None else now - heads.before[np.ix_(rows, columns)]


def _grid(view: RunView, here: context.Context, heads: Heads, rows: Ints, columns: Ints, against: int | None) -> None:
    now, before = _in_time(heads, rows, columns, here.moment or 0, against)
    classes, concepts = [heads.classes[i] for i in rows], [heads.concepts[k] for k in columns]
    if before is None:
        told = drawing.weights_headline(now, classes, concepts)
    else:
        told = drawing.change_headline(now, before, classes, concepts)
    chosen = (_place(rows, _position(view, here)), _place(columns, picks.concept(heads.concepts)))
    drawn = now if before is None else now - before
    note = _note(here.moment or 0, against, len(columns), heads)
    terms = ("nec", "concept_use")
    frame = panel("weights", told, note, lambda: drawing.weights_table(drawn, classes, concepts), terms)
    with frame, st.container(key="weights-scroll"):
        st.plotly_chart(
            drawing.weights_heatmap(now, classes, concepts, before=before, chosen=chosen),
            key=_CHART,
            config=CONFIG,
            on_select=lambda: notices.attempt(lambda: _clicked(classes, concepts)),
            selection_mode="points",
            alt=f"Weights of {len(classes)} classes by {len(concepts)} concepts. {told}",
        )


def _in_time(heads: Heads, rows: Ints, columns: Ints, moment: int, against: int | None) -> tuple[Floats, Floats | None]:
    """The shown weights, later and earlier: a change runs with time, whichever moment was chosen first."""
    now = heads.now[np.ix_(rows, columns)]
    if heads.before is None or against is None:
        return now, None
    other = heads.before[np.ix_(rows, columns)]
    return (now, other) if against < moment else (other, now)


def _note(moment: int, against: int | None, shown: int, heads: Heads) -> str:
    what = f"Weights after task {moment + 1}"
    new = ""
    if against is not None:
        first, second = sorted((moment, against))
        what = f"Change of the weights from after task {first + 1} to after task {second + 1}"
        more = abs(len(heads.now) - len(heads.before if heads.before is not None else heads.now))
        new = f" {more} classes that came between have nothing to compare." if more > 0 else ""
    many = heads.shape[1]
    return (
        f"{what}; the {shown} strongest of {many} concepts. Blue speaks for the class, orange against it; "
        f"empty cells are as good as zero.{new} Click a cell for its images."
    )


def _clicked(classes: list[str], concepts: list[str]) -> None:
    """Callback: a cell means its class and its concept. Clicking it again clears the chart's selection, not ours."""
    points = (st.session_state.get(_CHART) or {}).get("selection", {}).get("points", [])
    if points:
        row, column = int(points[0]["y"]), int(points[0]["x"])
        context.point_at(None, classes[row])
        address.choose(choices.CONCEPT, concepts[column])


def _numbers(heads: Heads, moment: int, against: int | None) -> None:
    """How sparse the head is, now and then."""
    now, then = _sparsity(heads.now), None if heads.before is None else _sparsity(heads.before)
    every = f"{nec(heads.now):.0f} if only exact zeros are left out"
    cells = ""
    for number, (name, value) in enumerate(now.items()):
        other = f"{then[name]} after task {(against or 0) + 1}" if then else every if number == 0 else ""
        cells += f"<div><dt>{name}</dt><dd>{value}</dd><dd class='pl-other'>{other}</dd></div>"
    st.html(f"<dl class='pl-kpis'>{cells}</dl>")


def _sparsity(weights: Floats) -> dict[str, str]:
    limit = drawing.negligible(weights)
    used = users(weights)
    return {
        "Concepts a class rests on (NEC)": f"{nec(weights, limit):.1f} of {weights.shape[1]}",
        "Weights as good as zero": percent(float((np.abs(weights) <= limit).mean()), 1),
        "Concepts no class uses": f"{int((~used.any(0)).sum())}",
        "Classes that use a concept": f"{float(used.sum(0).mean()):.1f} of {len(weights)}",
    }


def _heads(view: RunView, moment: int, against: int | None) -> Heads:
    last = view.tasks_done - 1
    known = reading.history(view, last)[-1]
    seen = view.class_ids_seen(last)
    return Heads(
        _head(view, moment),
        None if against is None else _head(view, against),
        _head(view, last),
        tuple(view.class_names[i] for i in seen),
        known.text,
        known.group,
        np.repeat(np.arange(last + 1), [len(ids) for ids in view.task_classes[: last + 1]]),
        np.array(known.born, np.int64),
    )


def _head(view: RunView, task: int) -> Floats:
    return np.asarray(reading.head(view, task), np.float64)


def _position(view: RunView, here: context.Context) -> int | None:
    """Position of the chosen class in the order of learning."""
    seen = view.class_ids_seen(view.tasks_done - 1)
    return seen.index(here.class_id) if here.class_id in seen else None


def _place(shown: Ints, wanted: int | None) -> int | None:
    found = np.flatnonzero(shown == wanted) if wanted is not None else []
    return int(found[0]) if len(found) else None


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
