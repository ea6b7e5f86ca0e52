"""Random birds for pretraining: drawn once, by all cores, into a folder, species held out."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.bird import Bird, random_values
from engine.data.aviary.render import render_with_parts
from engine.errors import BadInput
from engine.files import replacing
from engine.rng import numpy_stream

_SHARD = 500  # birds drawn by one worker at a time
Array = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class BirdPool:
    """Birds with their pictures.

    Attributes:
        values: codes [N, number of attributes].
        images: [N, size, size, 3].
        parts: part maps [N, size, size] (see `engine.data.aviary.render`).
    """

    values: Array
    images: Array
    parts: Array


def draw_pool(
    count: int,
    size: int,
    seed: int,
    folder: Path,
    held_out: frozenset[tuple[int, ...]],
    progress: Callable[[int, int], None],
) -> BirdPool:
    """Draw `count` random birds and leave out those whose combination, habitat apart, is in `held_out`.

    Shards already in `folder` are kept, so an interrupted call goes on where it stopped. `progress(done, count)` is
    called after every shard.

    Raises:
        BadInput: a shard in the folder is damaged, or of another draw.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shards = [(seed, i, min(_SHARD, count - i * _SHARD), size, folder) for i in range(-(-count // _SHARD))]
    missing = [shard for shard in shards if not _path(folder, shard[1]).exists()]
    done = count - sum(shard[2] for shard in missing)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        for drawn in workers.map(_draw_shard, missing):
            done += drawn
            progress(done, count)
    return _without(_gather(shards, count, size), held_out)


def _draw_shard(shard: tuple[int, int, int, int, Path]) -> int:
    seed, index, count, size, folder = shard
    rng = numpy_stream(seed, "pretraining birds", index)
    birds = [Bird(random_values(rng), int(rng.integers(2**31))) for _ in range(count)]
    drawn = [render_with_parts(bird, size) for bird in birds]
    with replacing(_path(folder, index)) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            values=np.array([bird.values for bird in birds], np.uint8),
            images=np.stack([image for image, _ in drawn]),
            parts=np.stack([parts for _, parts in drawn]),
        )
    return count


def _gather(shards: list[tuple[int, int, int, int, Path]], count: int, size: int) -> BirdPool:
    pool = BirdPool(
        np.empty((count, len(ATTRIBUTES)), np.uint8),
        np.empty((count, size, size, 3), np.uint8),
        np.empty((count, size, size), np.uint8),
    )
    for _, index, length, _, folder in shards:
        rows = slice(index * _SHARD, index * _SHARD + length)
        _fill(pool, rows, _path(folder, index))
    return pool


def _fill(pool: BirdPool, rows: slice, path: Path) -> None:
    """Read a shard into its rows.

    Raises:
        BadInput: it is damaged, or of birds of another number or size.
    """
    try:
        with np.load(path, allow_pickle=False) as shard:
            for name in ("values", "images", "parts"):
                own, read = getattr(pool, name)[rows], shard[name]
                if read.shape != own.shape or read.dtype != own.dtype:
                    raise ValueError(f"its {name} are of another size")
                own[:] = read
    except (ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        problem = f"it holds no such birds ({error})"
        raise BadInput(f"drawn birds {path}", problem, "Remove it, or name another folder") from error


def _without(pool: BirdPool, held_out: frozenset[tuple[int, ...]]) -> BirdPool:
    known = np.delete(pool.values, INDEX["habitat"], axis=1)
    keep = np.array([tuple(int(v) for v in row) not in held_out for row in known])
    if keep.all():
        return pool  # the usual case: one combination in a hundred million is a species
    return BirdPool(pool.values[keep], pool.images[keep], pool.parts[keep])


def _path(folder: Path, index: int) -> Path:
    return folder / f"shard-{index:05d}.npz"
