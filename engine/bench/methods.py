"""Every method on the same embeddings: what it reaches, forgets, costs and carries, beside random words.

`methods.demo` is the Aviary's demo with its moved split, `methods.clothing` and `methods.cifar10` the photographs of
`bench photos`. A seed draws birds, validation split, initial weights, batches and the order of classes; every method
has the same. Further parts, which take long, are measured where their name is asked for: see `PARTS`.

Runs are kept and found again, each by the source that decides it (see `_methods_cells`): a bench that was stopped goes
on, and a change in one method measures that method anew. A cell that fails is a figure that says why.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from engine.bench import (
    _methods_authors,
    _methods_cells,
    _methods_curves,
    _methods_defences,
    _methods_exact,
    _methods_habitat,
    _methods_hardening,
    _methods_orders,
    _methods_pairs,
    _methods_statistics,
    _methods_unlearning,
    demo,
)
from engine.bench._methods_cells import BenchCell, CellOutcome
from engine.bench._methods_data import DEMO, NAMES, configured, embed, pictures
from engine.bench._methods_pool import Pool
from engine.bench.figure import Figure, measured, of_seeds
from engine.errors import BadParameter, MissingWeights, NotApplicable
from engine.params import Value
from engine.runs.catalog import catalog
from engine.session.lab import Lab
from engine.store.store import RunStore

TITLE = "every method on the same embeddings: accuracy, forgetting, concepts, costs"
SEEDS = (1993, 7, 11)
UNITS: Mapping[str, str] = {
    "last": "%",
    "val": "%",
    "average": "%",
    "forgetting": "points",
    "last_moved": "%",
    "anec5": "%",
    "anec10": "%",
    "anec30": "%",
    "anec10_moved": "%",
    "anec10_val": "%",
    "nec": "concepts",
    "concept_auc": "%",
    "anec5_refitted": "%",
    "anec10_refitted": "%",
    "anec30_refitted": "%",
    "random_words": "%",
    "random_words_anec5": "%",
    "random_vectors": "%",
    "seconds": "s",
    "memory_mb": "MiB",
    "parameters": "numbers",
    "stored": "numbers",
}
"""What is told of every method, in this order."""


@dataclass(frozen=True)
class MethodBench:
    """What is asked, and what is kept.

    Attributes:
        seeds: of the runs.
        methods: names.
        jobs: processes at once.
        store: of the bench.
    """

    seeds: tuple[int, ...]
    methods: tuple[str, ...]
    jobs: int
    store: RunStore = field(default_factory=lambda: RunStore(_methods_cells.root()))

    def outcomes(self, cells: Sequence[BenchCell]) -> list[CellOutcome]:
        """What came out of cells, measured here where it is not kept."""
        found = {place: _methods_cells.known(cell, self.store) for place, cell in enumerate(cells)}
        waiting = [place for place, outcome in found.items() if outcome is None]
        failed = self._measured([cells[place] for place in waiting])
        for at, place in enumerate(waiting):
            found[place] = _methods_cells.known(cells[place], self.store) or CellOutcome({}, "", failed.get(at, "lost"))
        return [outcome for outcome in found.values() if outcome is not None]

    def _measured(self, cells: Sequence[BenchCell]) -> dict[int, str]:
        if not cells:
            return {}
        shown = pictures([(cell.data, cell.config) for cell in cells])
        Pool(embed, self.store.home, self.jobs, lambda one: one.data).each(shown)
        pool = Pool(_methods_cells.measure, self.store.home, self.jobs, _sort)
        return pool.each(cells)


def _sort(cell: BenchCell) -> str:
    return f"{cell.data} {cell.config.method} {cell.kind}"


def run(
    seeds: Sequence[int], only: str = "", jobs: int = 1, methods: Sequence[str] = (), data: Sequence[str] = ()
) -> Iterator[Figure]:
    """Measure `methods.*`.

    Args:
        only: beginning of the figures' names.
        jobs: cells at once.
        methods: which; all if not given.
        data: on which of `NAMES`; on all that are here if not given.

    Raises:
        BadParameter: there is no such method, data set or part.
    """
    _require(data, NAMES, "data set")
    _require(methods, [*catalog()], "method")
    part = only.split(".")[1] if "." in only else ""
    known = (*NAMES, *PARTS)
    asked = [name for name in known if name == part] or [name for name in NAMES if not part and name in (data or NAMES)]
    if part and not asked:
        raise BadParameter(f"bench {only!r}", f"its parts are {', '.join(known)}", "Choose one")
    bench = MethodBench(tuple(seeds), tuple(methods or catalog()), jobs)
    for name in asked:
        try:
            yield from PARTS[name](bench, only) if name in PARTS else table(bench, name, only)
        except (NotApplicable, MissingWeights) as reason:
            print(f"methods.{name} is left out. {reason}", file=sys.stderr, flush=True)


def _require(given: Sequence[str], known: Sequence[str], kind: str) -> None:
    for name in given:
        if name not in known:
            raise BadParameter(f"{kind} {name!r}", f"known are {', '.join(known)}", "Choose one")


def table(bench: MethodBench, data: str, only: str = "") -> Iterator[Figure]:
    """Every measure of every method on a data set; cells of a seed first, so that a stopped bench has whole seeds."""
    chosen = [method for method in bench.methods if _begins(f"methods.{data}.{method}", only)]
    rows = [
        BenchCell(data, configured(data, method, seed, seed, bench.store)) for seed in bench.seeds for method in chosen
    ]
    outcomes = bench.outcomes(rows)
    found = {
        name: [one for row, one in zip(rows, outcomes, strict=True) if row.config.method == name] for name in chosen
    }
    for method, own in found.items():
        yield from told(f"methods.{data}.{method}", own)
    whole = {name: own for name, own in found.items() if not any(one.reason for one in own)}
    yield from _methods_pairs.figures(data, whole, bench.store)
    with_concepts = [row for row, one in zip(rows, outcomes, strict=True) if _has_concepts(row, one)]
    for kind in ("sparse", "control"):  # they take longest, so whoever stops the bench has the rest
        asked = [replace(row, kind=kind) for row in with_concepts]
        beside = dict(zip(asked, bench.outcomes(asked), strict=True))
        for method in found:
            own = [one for row, one in beside.items() if row.config.method == method]
            yield from told(f"methods.{data}.{method}", own, f"{kind}_failed")


def _begins(name: str, only: str) -> bool:
    return name.startswith(only) or only.startswith(f"{name}.") or only == name


def _has_concepts(row: BenchCell, outcome: CellOutcome) -> bool:
    return not outcome.reason and catalog()[row.config.method].learns_concepts


def told(
    name: str, outcomes: Sequence[CellOutcome], failed: str = "failed", units: Mapping[str, str] = UNITS
) -> Iterator[Figure]:
    """The measures that all seeds have, and how many seeds failed with the first reason."""
    whole = [one.values for one in outcomes if not one.reason]
    for measure, unit in units.items():
        values = [each[measure] for each in whole if measure in each]
        if values:
            yield measured(f"{name}.{measure}", values, unit)
    reasons = [one.reason for one in outcomes if one.reason]
    if reasons:
        yield replace(measured(f"{name}.{failed}", [float(len(reasons))], "runs"), note=reasons[0])


# -- further parts -----------------------------------------------------------------------------------------------------


def _listed(
    bench: MethodBench, methods: Sequence[str], settings: Mapping[str, Value] | None = None
) -> dict[str, list[Lab]]:
    """Finished runs on the demo with the classes as it lists them, by method; a method that failed is left out."""
    given = {"settings": dict(settings or {})}
    cells = [BenchCell(DEMO, demo.configured(seed, method=name, **given)) for seed in bench.seeds for name in methods]
    outcomes = bench.outcomes(cells)
    found: dict[str, list[Lab]] = {}
    for cell, one in zip(cells, outcomes, strict=True):
        if one.run:
            found.setdefault(cell.config.method, []).append(Lab(bench.store, one.run))
    return {name: labs for name, labs in found.items() if len(labs) == len(bench.seeds)}


def _exact(bench: MethodBench, only: str) -> Iterator[Figure]:
    yield from _methods_exact.figures(_listed(bench, [one for one in _methods_exact.CHECKED if one in catalog()]))
    for name, settings in _methods_exact.RECURSIONS.items():
        if name in catalog():
            yield from _methods_exact.ridge_gaps(name, _listed(bench, [name], settings)[name])


def _habitat(bench: MethodBench, only: str) -> Iterator[Figure]:
    yield from _methods_habitat.figures(_listed(bench, ["ncm"])["ncm"])


def _orders(bench: MethodBench, only: str) -> Iterator[Figure]:
    first = replace(bench, seeds=bench.seeds[:1])
    lab = _listed(first, ["ncm"])["ncm"][0]
    yield from of_seeds(_methods_orders.figures(lab, bench.outcomes, bench.methods), first.seeds)


def _orders5x3(bench: MethodBench, only: str) -> Iterator[Figure]:
    yield from _methods_statistics.figures(bench.store, bench.outcomes, bench.methods)


def _ablations(bench: MethodBench, only: str) -> Iterator[Figure]:
    yield from _methods_statistics.ablations(bench.store, bench.outcomes)


def _defences(bench: MethodBench, only: str) -> Iterator[Figure]:
    yield from _methods_defences.figures(bench.store.home, bench.outcomes, bench.seeds)


def _hardening(bench: MethodBench, only: str) -> Iterator[Figure]:
    yield from _methods_hardening.figures(bench.outcomes, bench.seeds)


def _unlearning(bench: MethodBench, only: str) -> Iterator[Figure]:
    """Of every method that says it can."""
    able = [name for name in bench.methods if catalog()[name].can_unlearn]
    cells = [
        BenchCell(DEMO, configured(DEMO, name, seed, seed, bench.store), "unlearning")
        for seed in bench.seeds
        for name in able
    ]
    outcomes = bench.outcomes(cells)
    for name in able:
        own = [one for cell, one in zip(cells, outcomes, strict=True) if cell.config.method == name]
        yield from told(f"methods.unlearning.{name}", own, units=_methods_unlearning.UNITS)


def _curve(name: str, bench: MethodBench, only: str) -> Iterator[Figure]:
    yield from _methods_curves.figures(name, bench.store, bench.outcomes, bench.seeds)


def _authors(bench: MethodBench, only: str) -> Iterator[Figure]:
    rows = _methods_authors.ROWS.items()
    asked = [name for name, row in rows if row.method in bench.methods and _begins(f"methods.authors.{name}", only)]
    checkouts = _methods_authors.available(asked)
    if not checkouts:
        return
    cells = [BenchCell(DEMO, configured(DEMO, "ncm", seed, seed, bench.store)) for seed in bench.seeds]
    labs = [Lab(bench.store, one.run) for one in bench.outcomes(cells)]
    for name, outcomes in _methods_authors.outcomes(checkouts, labs):
        yield from told(f"methods.authors.{name}", outcomes, units=_methods_authors.UNITS)


PARTS: Mapping[str, Callable[[MethodBench, str], Iterator[Figure]]] = {
    "exact": _exact,
    "habitat": _habitat,
    "orders": _orders,
    "orders5x3": _orders5x3,
    "ablations": _ablations,
    **{name: partial(_curve, name) for name in _methods_curves.CURVES},
    "unlearning": _unlearning,
    "defences": _defences,
    "hardening": _hardening,
    "authors": _authors,
}
"""What is measured where it is asked for by name."""
