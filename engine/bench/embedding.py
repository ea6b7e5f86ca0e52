"""What an embedding costs in CPU time, alone and among others, and whether it is the same in any company.

CPU seconds are those of all threads of this process, so other work on the machine changes them less than it changes
wall time. The large tower is open_clip's ViT-B/16 with random weights: cost does not depend on what it knows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from engine.backbone.clip import Backbone, load_backbone
from engine.backbone.presets import DEFAULT
from engine.bench import _embedding_folder as folder
from engine.bench import _embedding_shards as shards
from engine.bench._robustness_speed import random_backbone
from engine.bench.figure import Figure, measured
from engine.device import fixed_threads
from engine.rng import torch_stream

TITLE = "cost of an embedding alone, among others, in a folder and in shards, and whether they are equal"
TOWERS: Mapping[str, Callable[[], Backbone]] = {
    DEFAULT: lambda: load_backbone(DEFAULT),
    "ViT-B-16": lambda: random_backbone("ViT-B-16"),
}
_MANY = 32
_MOST_ALONE = 1.5  # a large tower's single picture in shares of one among many: about one pass
_THREADS = (1, 2)
_COMPANIES = (2, 7, 19)  # images embedded together, none a multiple of another


def run(seeds: Sequence[int], only: str = "") -> Iterator[Figure]:
    """`embedding.*` for each tower that figures beginning with `only` are about."""
    for tower, load in TOWERS.items():
        names = [f"embedding.{tower}.{kind}" for kind in ("alone", "among", "ratio", "equal")]
        if _asked(names, only):
            yield from _measured(names, load(), seeds, tower != DEFAULT)
    if _asked((folder.PACE, folder.EQUAL), only):
        yield from folder.paces(seeds)
    if _asked((folder.LARGE_PACE, folder.LARGE_LOW, folder.LARGE_EQUAL), only):
        yield from folder.large_paces(seeds)
    if _asked((folder.REOPEN,), only):
        yield from folder.reopenings(seeds)
    if _asked((folder.GROWTH,), only):
        yield from folder.memory()
    if _asked((shards.PREFIX,), only):
        yield from shards.rates(seeds)
        yield from shards.cost(seeds[0])
        yield from shards.keeping()
        yield from shards.memory(seeds[0])


def _asked(names: Sequence[str], only: str) -> bool:
    """Whether one of the figures is among those that begin so."""
    return any(name.startswith(only) or only.startswith(name) for name in names)


def _measured(names: Sequence[str], backbone: Backbone, seeds: Sequence[int], large: bool) -> Iterator[Figure]:
    drawn = [images(backbone, seed) for seed in seeds]
    backbone.embed_images(drawn[0][:1])  # the first pass also prepares the weights
    alone = [cpu_seconds(backbone, some[:1]) for some in drawn]
    among = [cpu_seconds(backbone, some) / _MANY for some in drawn]
    ratios = [one / other for one, other in zip(alone, among, strict=True)]
    yield measured(names[0], [1000 * seconds for seconds in alone], "CPU ms a picture")
    yield measured(names[1], [1000 * seconds for seconds in among], "CPU ms a picture")
    yield measured(names[2], ratios, "times", most=_MOST_ALONE if large else None)
    yield measured(names[3], [100 * equal_share(backbone, some) for some in drawn], "% of rows", least=100)


def images(backbone: Backbone, seed: int) -> Tensor:
    """Pictures of noise, uint8 [32, 3, S, S]."""
    shape = _MANY, 3, backbone.image_size, backbone.image_size
    return torch.randint(0, 256, shape, generator=torch_stream(seed, "embedding"), dtype=torch.uint8)


def cpu_seconds(backbone: Backbone, some: Tensor) -> float:
    """CPU seconds it takes to embed images, by all threads together."""
    began = time.process_time()
    backbone.embed_images(some)
    return time.process_time() - began


def equal_share(backbone: Backbone, some: Tensor) -> float:
    """Share of rows, by one and two threads and in company, that are bit for bit those of the picture alone."""
    with fixed_threads(1):
        alone = torch.cat([backbone.embed_images(one[None]) for one in some])
    equal: list[bool] = []
    for threads in _THREADS:
        with fixed_threads(threads):
            for count in _COMPANIES:
                order = torch.arange(len(some)).roll(count)[:count]
                rows = backbone.embed_images(some[order])
                equal += [torch.equal(row, alone[i]) for row, i in zip(rows, order.tolist(), strict=True)]
    return sum(equal) / len(equal)
