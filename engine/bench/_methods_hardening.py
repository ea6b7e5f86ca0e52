"""`methods.hardening`: the demo with its backbone hardened before each of its eight tasks, and how old classes fare.

What is kept of old classes is of the backbone of their time. It stays so, or is carried along in one of the ways that
`drift_compensation` offers. Beside them stands the run without hardening. Accuracies are clean and, for 200 of the test
birds, under the two attacks of AutoAttack's set that climb (`_methods_attacks`; FAB and Square would take hours), on
the model after the last task, whose backbone is that task's. `val` is what the default of `drift_compensation` was
chosen by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.bench._methods_attacks import ASCENTS, EPS
from engine.bench._methods_cells import BenchCell, CellOutcome
from engine.bench._methods_data import DEMO
from engine.bench.demo import configured
from engine.bench.figure import Figure, measured
from engine.runs.config import NO_COMPENSATION, RunConfig

METHOD, DEFENCE = "clg_cbm", "tga"
PLAIN, BASE = "plain", "uncompensated"
ROWS: Mapping[str, Mapping[str, str]] = {
    PLAIN: {},
    BASE: {"hardening": DEFENCE, "drift_compensation": NO_COMPENSATION},
    "translation": {"hardening": DEFENCE, "drift_compensation": "translation"},
    "linear": {"hardening": DEFENCE, "drift_compensation": "linear"},
}
"""Settings of the run, by the word that a figure has for them."""
_REACHED: Mapping[str, str] = {
    **dict.fromkeys(("last", "average"), "%"),
    "forgetting": "points",
    **dict.fromkeys(("old", "new", "last_moved", "val"), "%"),
}
_ATTACKED: Mapping[str, str] = {
    "attacked": "images",
    "clean": "%",
    **{f"eps{eps:g}.{name}": "%" for eps in EPS for name in ASCENTS},
}
KINDS: Mapping[str, Mapping[str, str]] = {"run": _REACHED, "ascents": _ATTACKED}
"""Units of what is told, by the kind of question; accuracies first, because attacks take long."""

Ask = Callable[[Sequence[BenchCell]], list[CellOutcome]]


def figures(ask: Ask, seeds: Sequence[int]) -> Iterator[Figure]:
    """Every row over the seeds, and its distance from the row without compensation."""
    for kind, units in KINDS.items():
        cells = [BenchCell(DEMO, _config(row, seed), kind, f"hardening {row}") for seed in seeds for row in ROWS]
        outcomes = ask(cells)
        found = {row: outcomes[place :: len(ROWS)] for place, row in enumerate(ROWS)}
        for row, own in found.items():
            yield from _told(f"methods.hardening.{row}", own, units, found[BASE] if row not in (PLAIN, BASE) else ())


def _told(
    name: str, own: Sequence[CellOutcome], units: Mapping[str, str], base: Sequence[CellOutcome]
) -> Iterator[Figure]:
    if problem := next((one.reason for one in own if one.reason), ""):
        yield Figure(f"{name}.failed", 1.0, None, "runs", "", None, problem)
        return
    for measure, unit in units.items():
        values = [one.values[measure] for one in own]
        yield measured(f"{name}.{measure}", values, unit)
        if base and unit != "images" and not any(one.reason for one in base):
            gaps = [value - one.values[measure] for value, one in zip(values, base, strict=True)]
            yield measured(f"{name}.{measure}.over_{BASE}", gaps, "points")


def _config(row: str, seed: int) -> RunConfig:
    return configured(seed, method=METHOD, **ROWS[row])
