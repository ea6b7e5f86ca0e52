"""Weights: which concept speaks for which class, after any task, and what changed between two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.explain.history import users
from engine.explain.ordering import clustered
from engine.figures import weights as drawing
from engine.figures.look import percent
from engine.metrics.concepts import effective, nec
from engine.store.reader import ConceptMetrics
from engine.store.view import RunView

ALIKE = "alike"
"""The order in which alike rows and columns lie side by side; any other keeps the order of learning."""
STRONGEST = 40
"""Concepts that are drawn where nobody asks for another number."""

GRID = kind(
    "weights",
    "concepts",
    Lesson(
        what="The last step of the model, whole: how much each concept counts for each class. One row is a class, one "
        "column a concept. Where two moments are compared, a cell is the change between them.",
        why="The answer of this model is a sum of concepts times these numbers, nothing else. Whoever reads the table "
        "reads the model.",
        reading="Blue speaks for the class, orange against it; empty cells are as good as zero. A row with few cells "
        "is a class that can be told in a few words. A column full of cells is a concept that many classes lean on, "
        "and that does much harm when it breaks.",
        caveats="Only the strongest concepts are drawn. A weight says what would count, not what is seen: a concept "
        "that is there in every picture tells no class apart, however large its weight. The scale ends at the 99th "
        "percentile, so the very largest weights look alike.",
    ),
    ("nec", "concept_use"),
)


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
        moment, against: the tasks after which `now` and `before` hold.
    """

    now: Floats
    before: Floats | None
    last: Floats
    classes: tuple[str, ...]
    concepts: tuple[str, ...]
    groups: tuple[str, ...]
    class_task: Ints
    concept_task: Ints
    moment: int
    against: int | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Classes and concepts that both moments know."""
        other = self.now if self.before is None else self.before
        return min(len(self.now), len(other)), min(self.now.shape[1], other.shape[1])


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of the table is wanted.

    Attributes:
        count: concepts at most.
        group: of the concepts, or None for all.
        brought, learnt: the task, from 0, that brought the concepts, and the one that brought the classes; or None.
        order: `ALIKE`, or the order of learning.
        concept: one that is always shown, where it passes the filters.
    """

    count: int = STRONGEST
    group: str | None = None
    brought: int | None = None
    learnt: int | None = None
    order: str = ALIKE
    concept: int | None = None


def read(
    view: RunView,
    known: ConceptMetrics,
    head: Callable[[int], Floats],
    moment: int,
    against: int | None = None,
) -> Heads:
    """The heads of two moments.

    Args:
        known: the concepts after the last finished task.
        head: the weights [C, K] after a task.
    """
    last = view.tasks_done - 1
    return Heads(
        np.asarray(head(moment), np.float64),
        None if against is None else np.asarray(head(against), np.float64),
        np.asarray(head(last), np.float64),
        tuple(view.class_names[i] for i in view.class_ids_seen(last)),
        known.text,
        known.group,
        np.repeat(np.arange(last + 1), [len(ids) for ids in view.task_classes[: last + 1]]),
        np.array(known.born, np.int64),
        moment,
        against,
    )


def chosen(heads: Heads, shown: Shown) -> tuple[Ints, Ints]:
    """Positions of the classes and indices of the concepts that are drawn, in their order."""
    many_classes, many_concepts = heads.shape
    rows = np.flatnonzero(_of_task(heads.class_task[:many_classes], shown.learnt))
    fits = np.array([shown.group in (None, g) for g in heads.groups[:many_concepts]], np.bool_)
    columns = np.flatnonzero(fits & _of_task(heads.concept_task[:many_concepts], shown.brought))
    columns = _strongest(heads, rows, columns, shown)
    if shown.order == ALIKE and len(rows) and len(columns):
        block = heads.last[np.ix_(rows, columns)]
        rows, columns = rows[clustered(block)], columns[clustered(block.T)]
    return rows, columns


def grid(heads: Heads, rows: Ints, columns: Ints, outlined: tuple[int | None, int | None] = (None, None)) -> Exhibit:
    """The table of weights, or of their changes.

    Args:
        rows, columns: from `chosen`; neither is empty.
        outlined: position of a class and index of a concept.
    """
    now, before = _in_time(heads, rows, columns)
    classes, concepts = [heads.classes[i] for i in rows], [heads.concepts[k] for k in columns]
    if before is None:
        told = drawing.weights_headline(now, classes, concepts)
    else:
        told = drawing.change_headline(now, before, classes, concepts)
    place = _place(rows, outlined[0]), _place(columns, outlined[1])
    drawn = now if before is None else now - before
    return Exhibit(
        GRID,
        told,
        _caption(heads, len(columns)),
        drawing.weights_heatmap(now, classes, concepts, before=before, chosen=place),
        lambda: drawing.weights_table(drawn, classes, concepts),
    )


def sparsity(weights: Floats) -> dict[str, str]:
    """How sparse a head [C, K] is, in words and numbers."""
    used = users(weights)
    return {
        "Concepts a class rests on (NEC)": f"{nec(weights):.1f} of {weights.shape[1]}",
        "Weights as good as zero": percent(float((~effective(weights)).mean()), 1),
        "Concepts no class uses": f"{int((~used.any(0)).sum())}",
        "Classes that use a concept": f"{float(used.sum(0).mean()):.1f} of {len(weights)}",
    }


def _of_task(tasks: Ints, wanted: int | None) -> Bools:
    return np.ones(len(tasks), np.bool_) if wanted is None else tasks == wanted


def _strongest(heads: Heads, rows: Ints, columns: Ints, shown: Shown) -> Ints:
    """The columns with the largest single weight (or change) in these rows; always with the chosen concept."""
    drawn = heads.now[np.ix_(rows, columns)]
    if heads.before is not None:
        drawn = drawn - heads.before[np.ix_(rows, columns)]
    sizes = np.abs(drawn).max(0, initial=0.0)
    sizes = np.where(columns == (-1 if shown.concept is None else shown.concept), np.inf, sizes)
    kept: Ints = np.sort(columns[np.argsort(-sizes, kind="stable")[: shown.count]])
    return kept


def _in_time(heads: Heads, rows: Ints, columns: Ints) -> tuple[Floats, Floats | None]:
    """The shown weights, later and earlier: a change runs with time, whichever moment was chosen first."""
    now = heads.now[np.ix_(rows, columns)]
    if heads.before is None or heads.against is None:
        return now, None
    other = heads.before[np.ix_(rows, columns)]
    return (now, other) if heads.against < heads.moment else (other, now)


def _caption(heads: Heads, shown: int) -> str:
    what, new = f"Weights after task {heads.moment + 1}", ""
    if heads.against is not None and heads.before is not None:
        first, second = sorted((heads.moment, heads.against))
        what = f"Change of the weights from after task {first + 1} to after task {second + 1}"
        more = abs(len(heads.now) - len(heads.before))
        new = f". {more} classes that came between have nothing to compare" if more > 0 else ""
    many = heads.shape[1]
    return (
        f"{what}; the {shown} strongest of {many} concepts. Blue speaks for the class, orange against it; empty cells "
        f"are as good as zero{new}"
    )


def _place(shown: Ints, wanted: int | None) -> int | None:
    found = np.flatnonzero(shown == (-1 if wanted is None else wanted))
    return int(found[0]) if len(found) else None
