"""How long a bird takes to draw, on one core."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

from engine.bench.figure import Figure, measured
from engine.data.aviary.bird import Bird
from engine.data.aviary.render import render, render_with_parts
from engine.data.aviary.world import Aviary

TITLE = "milliseconds to draw a bird"
_SIZE = 96  # pixels, the shipped model's input
_BIRDS = 200
_TARGET_MS = 5.0


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Median milliseconds an image at 96 px, with and without its part map; the spread is that over seeds."""
    for name, draw in (("render_ms", render), ("render_with_parts_ms", render_with_parts)):
        values = [median(_milliseconds(draw, seed)) for seed in seeds]
        yield measured(f"aviary.{name}", values, "ms", most=_TARGET_MS)


def _milliseconds(draw: Callable[[Bird, int], object], seed: int) -> Iterator[float]:
    split = Aviary(train_per_class=_BIRDS // 40, seed=seed).splits["train"]
    for index in range(_BIRDS):
        bird = split.birds(index)
        began = time.perf_counter()
        draw(bird, _SIZE)
        yield 1000 * (time.perf_counter() - began)
