"""Differences of methods on the same test images: which are more than the choice of images and seeds would make.

Every method is held against the nearest class mean, and every bottleneck against the best black box too, which is
chosen on validation images. Intervals and p-values are for all comparisons of a data set with one reference together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

import numpy as np

from engine.array_types import Floats
from engine.bench._methods_cells import CellOutcome
from engine.bench._methods_data import DEMO
from engine.bench.figure import Figure, measured
from engine.metrics.paired import Tested, holm, paired_bootstrap
from engine.runs.catalog import catalog
from engine.store.store import RunStore
from engine.store.view import RunView

PLAIN = "ncm"
_BOX, _OWN = "black_box", ("bottleneck", "variant")

Found = Mapping[str, Sequence[CellOutcome]]


def figures(data: str, found: Found, store: RunStore) -> Iterator[Figure]:
    """Last accuracy of every method beyond its references'; nothing where a reference was not measured.

    Args:
        found: outcomes of the seeds by method, without those that failed.
    """
    families = {name: catalog()[name].family for name in found}
    if PLAIN in found:
        yield from _beyond(data, found, PLAIN, PLAIN, [name for name in found if name != PLAIN], store)
    best = best_black_box(found)
    if best is not None:
        own = [name for name in found if families[name] in _OWN]
        yield from _beyond(data, found, best, "black_box", own, store)


def best_black_box(found: Found) -> str | None:
    """The most accurate on validation images, mean over seeds; None where there is none."""
    boxes = [name for name in found if catalog()[name].family == _BOX]
    return max(boxes, key=lambda name: mean(one.values["val"] for one in found[name]), default=None)


def _beyond(
    data: str, found: Found, reference: str, word: str, names: Sequence[str], store: RunStore
) -> Iterator[Figure]:
    base = [right(store, one.run) for one in found[reference]]
    tested: dict[str, Tested] = {}
    for name in names:
        own = [right(store, one.run) for one in found[name]]
        changes = [each - other for each, other in zip(own, base, strict=True)]
        tested[name] = paired_bootstrap(changes, shared=data != DEMO, comparisons=len(names))
    for name, p in zip(tested, holm([one.p for one in tested.values()]), strict=True):
        gap = tested[name].gap
        beyond = f"methods.{data}.{name}.over_{word}"
        note = f"{word} is {reference}" if word != reference else ""
        yield Figure(beyond, 100 * gap.value, None, "points", "", None, note)
        for end, value in (("low", 100 * gap.low), ("high", 100 * gap.high)):
            yield measured(f"{beyond}.{end}", [value], "points")
        yield measured(f"{beyond}.p", [float(p)], "")


def right(store: RunStore, run: str) -> Floats:
    """Whether the model after the last task is right of each test image, [N] of 0 and 1, by the image's row."""
    view = RunView(store, run)
    told = view.outcomes(view.tasks_done - 1)
    assert told is not None  # today's runs keep it
    return np.asarray((told.predicted == told.label)[np.argsort(told.image)], np.float64)
