"""`scale.covariances`: what each form of class covariances takes, and what it costs, for CLG-CBM on the demo.

Every form beside the full one on the same birds, seeds and weights. The runs are those of `bench methods`, kept and
found again in its store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.bench._methods_cells import BenchCell
from engine.bench._methods_data import DEMO
from engine.bench.demo import configured
from engine.bench.figure import Figure, measured
from engine.bench.methods import MethodBench
from engine.model.covariance_form import FULL, LOW_RANK, SHARED
from engine.store.view import RunView

NAME = "scale.covariances"
_FORM, _RANK = "class_covariances", "covariance_rank"
FORMS: Mapping[str, Mapping[str, Any]] = {
    FULL: {},
    LOW_RANK: {_FORM: LOW_RANK},
    f"{LOW_RANK}_8": {_FORM: LOW_RANK, _RANK: 8},
    SHARED: {_FORM: SHARED},
}
"""Settings of the run, by the word that a figure has for them."""
_REACHED: Mapping[str, str] = {"last": "%", "average": "%", "forgetting": "points", "last_moved": "%"}
_MIB = 2.0**20


def figures(seeds: Sequence[int]) -> Iterator[Figure]:
    """What every form reaches over the seeds, how far that is from the full one's, and what it keeps."""
    bench = MethodBench(tuple(seeds), ("clg_cbm",), jobs=1)
    cells = [BenchCell(DEMO, configured(seed, **form), change=name) for seed in seeds for name, form in FORMS.items()]
    outcomes = bench.outcomes(cells)
    found = {name: outcomes[place :: len(FORMS)] for place, name in enumerate(FORMS)}
    for name, own in found.items():
        for measure, unit in _REACHED.items():
            values = [one.values[measure] for one in own]
            yield measured(f"{NAME}.{name}.{measure}", values, unit)
            if name != FULL:
                gaps = [value - one.values[measure] for value, one in zip(values, found[FULL], strict=True)]
                yield measured(f"{NAME}.{name}.{measure}.over_{FULL}", gaps, "points")
        yield measured(f"{NAME}.{name}.stored", [one.values["stored"] for one in own], "numbers")
        views = [RunView(bench.store, one.run) for one in own]
        kept = [view.snapshot(view.tasks_done - 1).classes.covariances.tensors.values() for view in views]
        yield measured(f"{NAME}.{name}.mib", [sum(one.nbytes for one in each) / _MIB for each in kept], "MiB")
