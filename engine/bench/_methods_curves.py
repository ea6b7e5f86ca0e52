"""One setting of one method, varied.

Labels that concepts cost, schedules of replay at equal budget, steps a task may take, guidance by names, what is set
aside and how many concepts a class has in a discriminant bottleneck; and what the methods across tasks promise: a front
of old against new, boundaries noticed and images routed. A part whose method is not there is left out with the reason.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from engine.bench._methods_cells import BenchCell, CellOutcome
from engine.bench._methods_data import DEMO, NAMES, configured
from engine.bench.figure import Figure, measured
from engine.data.aviary.world import SETTING
from engine.errors import MissingWeights, NotApplicable
from engine.params import Value
from engine.runs.catalog import catalog
from engine.store.store import RunStore

Ask = Callable[[Sequence[BenchCell]], list[CellOutcome]]
BUDGETS, SCHEDULES = (16, 64, 256), ("uniform", "exponential", "power law")
"""Samples of old classes in each batch, which all schedules share, and how they are dealt over past tasks."""
LABELS = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Shares of training images whose concepts somebody has labelled."""
STEPS = (4000, 2000, 1000, 500)
"""Bounds on the steps of a task."""


@dataclass(frozen=True)
class MethodCurve:
    """Points of a method.

    Attributes:
        method: registered name.
        points: its settings, by the word that a figure has for them.
        units: of what is told of every point, by measure; all that was measured where that is empty.
        kind: what is asked of each run.
        beside: methods as they are declared, measured on the same seeds.
        base: the point that others are held against, seed by seed; empty for none.
        data: sets to measure on; a figure names its set where there are several.
    """

    method: str
    points: Mapping[str, Mapping[str, Value]]
    units: Mapping[str, str]
    kind: str = "run"
    beside: tuple[str, ...] = ()
    base: str = ""
    data: tuple[str, ...] = (DEMO,)


_CLASSES: dict[str, str] = {"last": "%", "average": "%", "forgetting": "points", "last_moved": "%"}
CURVES: Mapping[str, MethodCurve] = {
    "labels": MethodCurve(
        "sscbm",
        {f"share_{100 * share:g}": {"label_budget": share} for share in LABELS},
        {"last": "%", "last_moved": "%", "concept_accuracy": "%", "concept_auc": "%"},
    ),
    "schedules": MethodCurve(
        "replay",
        {
            f"{schedule.replace(' ', '_')}.{budget}": {"schedule_of_tasks": schedule, "per_batch": budget}
            for schedule, budget in product(SCHEDULES, BUDGETS)
        },
        _CLASSES,
    ),
    "steps": MethodCurve(
        "clg_cbm",
        {
            "unbounded": {"most_steps": 0},
            **{f"most_{steps}": {"most_steps": steps} for steps in STEPS},
            "most_1000_sparser": {"most_steps": 1000, "sparsity": 2e-3},
        },
        _CLASSES | {"nec": "concepts", "seconds": "s"},
        base="unbounded",
        data=NAMES,
    ),
    "guidance": MethodCurve(
        "sg_kd",
        {
            "plain_distillation": {"soft_targets": 0.0, "margin": 0.0},
            "names_in_distillation": {"soft_targets": 0.0},
            "names_in_targets": {"margin": 0.0},
            "as_declared": {},
        },
        _CLASSES | {"nec": "concepts"},
        beside=("clg_cbm",),
        base="plain_distillation",
    ),
    "discriminant": MethodCurve(
        "discriminant_cbm",
        {
            "as_declared": {},
            "rows_are_texts": {"anchoring": 1e6},
            "habitat_aside": {"set_aside": SETTING},
            "habitat_aside.nec_5": {"set_aside": SETTING, "target_nec": 5},
            "habitat_aside.nec_30": {"set_aside": SETTING, "target_nec": 30},
            "habitat_aside.shrunk": {"set_aside": SETTING, "shrinkage": 0.07},
        },
        _CLASSES | {"val": "%", "nec": "concepts", "concept_auc": "%"},
        beside=("ncm", "gda", "ranpac", "clg_cbm"),
    ),
    "front": MethodCurve("ibcl", {"as_declared": {}}, {}, "front"),
    "routing": MethodCurve("tame", {"as_declared": {}}, {}, "routing"),
}
"""By the part's name."""


def figures(part: str, store: RunStore, ask: Ask, seeds: Sequence[int]) -> Iterator[Figure]:
    """Every point over the seeds.

    Raises:
        NotApplicable: its method is not there.
    """
    curve = CURVES[part]
    if curve.method not in catalog():
        raise NotApplicable(f"methods.{part}", f"there is no method {curve.method}", "Add it")
    for data in curve.data:
        prefix = f"methods.{part}.{data}" if len(curve.data) > 1 else f"methods.{part}"
        try:
            cells = {
                (name, seed): _cell(curve, name, data, seed, store)
                for seed in seeds
                for name in (*curve.points, *curve.beside)
            }
        except (NotApplicable, MissingWeights) as reason:
            print(f"{prefix} is left out. {reason}", file=sys.stderr, flush=True)
            continue
        yield from _told(curve, prefix, dict(zip(cells, ask([*cells.values()]), strict=True)), seeds)


def _told(
    curve: MethodCurve, prefix: str, outcomes: Mapping[tuple[str, int], CellOutcome], seeds: Sequence[int]
) -> Iterator[Figure]:
    """Every point on one data set."""
    base = [outcomes[curve.base, seed] for seed in seeds] if curve.base else []
    for name in (*curve.points, *curve.beside):
        mine = [outcomes[name, seed] for seed in seeds]
        if problem := next((one.reason for one in mine if one.reason), ""):
            yield Figure(f"{prefix}.{name}.failed", 1.0, None, "runs", "", None, problem)
            continue
        for measure in curve.units or mine[0].values:
            values, unit = [one.values[measure] for one in mine if measure in one.values], curve.units.get(measure, "%")
            if values:
                yield measured(f"{prefix}.{name}.{measure}", values, unit)
            if values and base and name != curve.base and not any(one.reason for one in base):
                gaps = [own.values[measure] - one.values[measure] for own, one in zip(mine, base, strict=True)]
                yield measured(f"{prefix}.{name}.{measure}.over_{curve.base}", gaps, "points" if unit == "%" else unit)


def _cell(curve: MethodCurve, name: str, data: str, seed: int, store: RunStore) -> BenchCell:
    method = name if name in curve.beside else curve.method
    config = configured(data, method, seed, seed, store).changed(settings=dict(curve.points.get(name, {})))
    return BenchCell(data, config, curve.kind, name)
