"""`scale.growth`: how time and memory of CLG-CBM grow with images, classes, tasks, concepts and width.

From a small world (`BASE`) one axis is doubled three times and the rest held: more classes share the same images, more
tasks the same classes. Training has no bound on its steps, so that for every size it does what its epochs ask. Each
size is trained in a process of its own, whose memory is told without what it had before the first task. The exponent is
the slope of the least-squares line through the logarithms: 1 is in proportion, 0 not at all. A cost that does not grow
makes it smaller at these sizes than at large ones.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from engine.bench._scale_mixture import Size, learnt
from engine.bench.figure import Figure, measured
from engine.methods.clg_cbm import CLGCBM

NAME = "scale.growth"


@dataclass(frozen=True, slots=True)
class GrownWorld:
    """What is learnt, and how many concepts are chosen of each class; twice as many are there to choose from."""

    size: Size
    concepts: int

    def with_concepts(self, count: int) -> GrownWorld:
        """The same with so many concepts a class."""
        return GrownWorld(replace(self.size, candidates=2 * count), count)


BASE = GrownWorld(Size(samples=8_000, width=128, classes=16, tasks=2), 4).with_concepts(4)
_TIMES = (1, 2, 4, 8)
_EPOCHS = 15
"""A quarter of those published: what one costs is what grows."""
_PAGE = 4096 / 2**20
"""The least that memory can grow by, in MiB."""
_UNITS: Mapping[str, str] = {"seconds": "s", "mib": "MiB"}


def worlds() -> Mapping[str, Mapping[int, GrownWorld]]:
    """By axis and number on it, from small to large."""
    size = BASE.size
    samples, width, classes, tasks = size.samples, size.width, size.classes, size.tasks
    return {
        "images": {samples * by: replace(BASE, size=replace(size, samples=samples * by)) for by in _TIMES},
        "classes": {classes * by: replace(BASE, size=replace(size, classes=classes * by)) for by in _TIMES},
        "tasks": {tasks * by: replace(BASE, size=replace(size, tasks=tasks * by)) for by in _TIMES},
        "concepts_per_class": {BASE.concepts * by: BASE.with_concepts(BASE.concepts * by) for by in _TIMES},
        "width": {width * by: replace(BASE, size=replace(size, width=width * by)) for by in _TIMES},
    }


def figures(seeds: Sequence[int]) -> Iterator[Figure]:
    """Seconds of a run and MiB at its peak for every size, and the exponent of either along every axis."""
    for axis, sizes in worlds().items():
        costs = [[cost(world, seed) for seed in seeds] for world in sizes.values()]  # sizes x seeds x (seconds, MiB)
        for place, (word, unit) in enumerate(_UNITS.items()):
            values = np.array(costs)[:, :, place]
            for number, own in zip(sizes, values, strict=True):
                yield measured(f"{NAME}.{axis}.{number}.{word}", [*map(float, own)], unit)
            slopes = [exponent([*sizes], own) for own in values.T]
            yield measured(f"{NAME}.{axis}.{word}.exponent", slopes, "")


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Slope of the least-squares line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def cost(world: GrownWorld, seed: int) -> tuple[float, float]:
    """Seconds of a run and MiB at its peak, of a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_cost, world, seed).result()


def _cost(world: GrownWorld, seed: int) -> tuple[float, float]:
    from engine.training.memory import PeakMemory

    learner = CLGCBM(concepts_per_class=world.concepts, most_steps=0, epochs=_EPOCHS)
    next(learnt(learner, replace(world.size, samples=20 * world.size.classes), seed))  # loads what is needed
    before = PeakMemory().mebibytes
    memory = PeakMemory()
    seconds = sum(took for took, _ in learnt(learner, world.size, seed))
    return seconds, max(memory.mebibytes - before, _PAGE)
