"""What is compared: runs, or groups of runs that differ in nothing but seeds and order. No torch here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.array_types import Floats, Ints
from engine.errors import BadInput, PlumageError
from engine.metrics import accuracy as measures
from engine.store.labels import method_title
from engine.store.store import RunStore
from engine.store.view import RunView

MOST = 4
"""Sides of a comparison: more lines than this cannot be told apart."""
_LACKS = "does not have it"
"""In place of the value of a setting that a side has none of."""
SEEDS = ("seed", "world_seed")
ORDERS = ("order", "order_seed", "class_order")
"""Settings in which the runs of one group may differ: how training is drawn, which birds, and which classes first."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        title: any text.
        views: one run, or one a seed and order, sorted by them.
    """

    title: str
    views: tuple[RunView, ...]

    @property
    def seeds(self) -> tuple[tuple[str, ...], ...]:
        """Seeds and order of each run: two sides are compared pair by pair where they are equal."""
        return tuple(_drawn(view.config.to_mapping()) for view in self.views)

    def accuracy(self, split: str, setting: str = "class_il") -> Floats:
        """The runs' accuracy matrices, [n, T, T]."""
        return np.stack([view.accuracy(split, setting) for view in self.views])

    def over_time(self, split: str, measure: str) -> Floats:
        """A measure of `MEASURES` after each task, [n, T]; NaN where it is not known."""
        sizes = self.views[0].test_sizes(split)
        return np.stack([MEASURES[measure][1](matrix, sizes) for matrix in self.accuracy(split)])

    def summary(self, split: str) -> dict[str, Floats]:
        """The usual numbers by name, [n] each; NaN where one is not defined."""
        found = [view.summary(split) for view in self.views]
        return {name: np.array([_number(each[name]) for each in found]) for name in found[0]}

    @property
    def seconds(self) -> Floats:
        """Training time of each run, [n]."""
        return np.array([view.seconds for view in self.views])


def _seen(matrix: Floats, sizes: Ints) -> Floats:
    return _padded(measures.accuracy_over_seen(matrix, sizes), len(matrix))


def _old(matrix: Floats, sizes: Ints) -> Floats:
    return _padded(measures.old_and_new(matrix, sizes)[0], len(matrix))


def _new(matrix: Floats, sizes: Ints) -> Floats:
    return _padded(measures.old_and_new(matrix, sizes)[1], len(matrix))


def _lost(matrix: Floats, sizes: Ints) -> Floats:
    done = len(measures.finished(matrix))
    return _padded([measures.forgetting(measures.until(matrix, t)) for t in range(done)], len(matrix))


MEASURES: Mapping[str, tuple[str, Callable[[Floats, Ints], Floats]]] = {
    "seen": ("Accuracy on all classes so far", _seen),
    "old": ("Accuracy on earlier classes", _old),
    "new": ("Accuracy on the newest classes", _new),
    "forgetting": ("Forgetting so far", _lost),
}
"""What can be followed over the tasks: words, and how it follows from an accuracy matrix and the sizes of its tests."""


def single(store: RunStore, ids: Sequence[str]) -> list[Side]:
    """Each run as a side of its own.

    Raises:
        UnknownRun: one of them does not exist.
        BadInput: they are more than `MOST`, one is named twice, or one has no finished task.
    """
    if len(ids) > MOST or len(set(ids)) < len(ids):
        raise BadInput(f"{len(ids)} runs", f"2 to {MOST} different runs can be compared", "Choose fewer")
    views = [RunView(store, run) for run in ids]
    for view in views:
        if not view.tasks_done:
            allowed = "none of its tasks is finished, so there is nothing to compare"
            raise BadInput(f"run {view.id}", allowed, "Wait for it, or leave it out")
    return _told_apart([Side(view.name or view.id, (view,)) for view in views])


def _told_apart(sides: list[Side]) -> list[Side]:
    """Runs without a name get the one setting in which they differ as a title, where it is one."""
    apart = differing(sides)
    if len(apart) != 1:
        return sides
    (values,) = apart.values()
    return [
        side
        if len(side.views) > 1 or side.views[0].name
        else replace(side, title=f"{_bird(side.views[0].id)}, {value}")
        for side, value in zip(sides, values, strict=True)
    ]


def _bird(run: str) -> str:
    """The memorable end of an id."""
    return run.rpartition("-")[2]


def grouped(store: RunStore) -> list[Side]:
    """Finished runs that differ in nothing but seeds and order, as one side each; those of several runs first.

    Forks are left out: they may hold edits that their settings do not tell. Of runs with equal seeds the newest counts.
    """
    found: dict[str, dict[tuple[str, ...], RunView]] = {}
    for summary in store.runs():
        if summary.parent is not None or summary.status != "finished":
            continue
        try:
            view = RunView(store, summary.id)
            values = view.config.to_mapping()
        except PlumageError:  # a damaged or newer run is shown as such where runs are listed
            continue
        rest = {name: value for name, value in values.items() if name not in (*SEEDS, *ORDERS)}
        found.setdefault(json.dumps(rest, sort_keys=True), {}).setdefault(_drawn(values), view)
    sides = sorted(map(_group, found.values()), key=lambda side: -len(side.views))
    taken = Counter(side.title for side in sides)
    return [side if taken[side.title] == 1 else replace(side, title=_with_first(side)) for side in sides]


def _with_first(side: Side) -> str:
    """A title that other groups have too, with what its first run is called."""
    first = side.views[0]
    return f"{side.title} ({first.name or _bird(first.id)})"


def chosen_groups(groups: Mapping[str, Side], ids: Sequence[str]) -> list[Side]:
    """Groups by the id of their first run, with titles that tell them apart."""
    return _told_apart([groups[run] for run in ids])


def _drawn(values: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a run is chance: its seeds, and its order with what decides that, of equal length as text."""
    seeds = tuple(f"{int(values.get(name, 0)):020d}" for name in SEEDS)
    order = str(values.get("order", ""))
    decides = {"seed": values.get("order_seed"), "given": values.get("class_order")}.get(order, "")
    return (*seeds, order, str(decides))


def _group(by_seed: Mapping[tuple[str, ...], RunView]) -> Side:
    views = tuple(by_seed[drawn] for drawn in sorted(by_seed))
    names = {view.name for view in views}
    common = names.pop() if len(names) == 1 else ""  # one run's name would be a lie about the others
    name = common or method_title(views[0].config.method)
    orders = len({drawn[len(SEEDS) :] for drawn in by_seed})
    several = f"{len(views)} seeds" if orders == 1 else f"{len(views)} runs, {orders} orders"
    return Side(f"{name}, {several}" if len(views) > 1 else name, views)


def alike(sides: Sequence[Side]) -> bool:
    """Whether all learn the same classes in the same tasks and are tested on as many images: only then can cells of
    their matrices be subtracted."""
    first = sides[0].views[0]
    same = first.class_names, first.task_classes
    return all(
        (view.class_names, view.task_classes) == same
        and all(np.array_equal(view.test_sizes(split), first.test_sizes(split)) for split in first.splits)
        for side in sides
        for view in side.views
    )


def shared_splits(sides: Sequence[Side]) -> tuple[str, ...]:
    """Test splits that every run has."""
    views = [view for side in sides for view in side.views]
    return tuple(split for split in views[0].splits if all(split in view.splits for view in views))


def differing(sides: Sequence[Side]) -> dict[str, list[str]]:
    """Settings that all sides have and in which they differ, with the value of each as text; seeds of a group are
    listed together."""
    return {name: values for name, values in _table(sides).items() if _LACKS not in values and len(set(values)) > 1}


def of_some(sides: Sequence[Side]) -> dict[str, list[str]]:
    """Settings that not all sides have, as `differing` gives them: of another method, or of other data. They are no
    difference in a setting: nobody could have set them alike."""
    return {name: values for name, values in _table(sides).items() if _LACKS in values}


def _table(sides: Sequence[Side]) -> dict[str, list[str]]:
    shown = [[_flat(view) for view in side.views] for side in sides]
    names = dict.fromkeys(name for side in shown for values in side for name in values)
    return {
        name: [", ".join(dict.fromkeys(values.get(name, _LACKS) for values in side)) for side in shown]
        for name in names
    }


def _flat(view: RunView) -> dict[str, str]:
    values = view.config.to_mapping()
    method = values.pop("settings")
    plain = {name.replace("_", " "): str(value) for name, value in values.items()}
    plain |= {f"{name.replace('_', ' ')} (method)": str(value) for name, value in method.items()}
    if view.parent:
        plain["forked from"] = f"{view.parent} after task {(view.parent_task or 0) + 1}"
    return plain


def _padded(values: Sequence[float] | Floats, tasks: int) -> Floats:
    return np.pad(np.asarray(values, np.float64), (0, tasks - len(values)), constant_values=np.nan)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
