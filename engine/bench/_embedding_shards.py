"""Embedding in shards: pictures a second by one process and by two, what keeping and finding shards costs, and memory.

Rates are between the first shard that comes back and the last, so that starting processes is not in them. What the
process that asks does beside (packing, checksums, forcing to disk) is measured with rows that are drawn in no time.
"""

from __future__ import annotations

import io
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from engine.backbone.clip import Backbone, load_backbone
from engine.backbone.presets import CHECKPOINT_SUFFIX, DEFAULT
from engine.bench._embedding_folder import draw
from engine.bench._robustness_speed import random_backbone
from engine.bench.figure import Figure, measured
from engine.data.folder_concepts import Concepts
from engine.data.images import ImageFile
from engine.data.listed import ListedImages, ListedSplit
from engine.data.sources.folder import FolderSource
from engine.data.sources.wds import WdsSource
from engine.embedding.driving import Embedding
from engine.embedding.listing import PictureListing, listed
from engine.embedding.places import Processes
from engine.embedding.settings import EmbedSettings
from engine.embedding.work import TOGETHER, ShardOrder, ShardRows, embed_shard
from engine.rng import numpy_stream
from engine.steps import finish
from engine.training.memory import PeakMemory

PREFIX = "embedding.shards"
_LARGE = "ViT-B-32"
_FILES, _LARGE_FILES, _SIZE, _LARGE_SIZE = 512, 128, 32, 8
_KEPT, _WIDTH = 200_000, 512
"""Pictures that are none, and the width of the rows drawn for them: what the process that asks can keep."""
_FEW, _MANY = 1_000, 10_000
"""Small files, for what a listing takes."""
_UNIT = "pictures/s"
_MIB = 2.0**20


def rates(seeds: Sequence[int]) -> Iterator[Figure]:
    """Pictures a second of a folder and of webdataset, by one and two processes, with a small tower and a larger."""
    found: dict[str, list[float]] = {}
    for seed in seeds:
        for name, rate in _rates(seed):
            found.setdefault(name, []).append(rate)
    for name, values in found.items():
        yield measured(f"{PREFIX}.{name}", values, _UNIT)


def _rates(seed: int) -> Iterator[tuple[str, float]]:
    with _pictures(seed, _FILES) as place:
        for form, source in (("folder", FolderSource(path=f"{place}/images")), ("wds", WdsSource(path=f"{place}/wds"))):
            for count in (1, 2):
                yield f"{form}.{count}", rate(listed(source), DEFAULT, _SIZE, count)
    with _pictures(seed, _LARGE_FILES) as place, _large(place) as spec:
        for count in (1, 2):
            yield f"vit_b32.{count}", rate(listed(FolderSource(path=f"{place}/images")), spec, _LARGE_SIZE, count)


def cost(seed: int) -> Iterator[Figure]:
    """CPU time of a picture, which other work on the machine changes less, for both towers; and of listing one."""
    with _pictures(seed, _FILES) as place:
        began = time.process_time()
        listing = listed(FolderSource(path=f"{place}/images"))
        listing_cost = (time.process_time() - began) / len(listing)
        with _large(place) as spec:
            for name, tower, count in (("cpu", DEFAULT, _FILES), ("vit_b32.cpu", spec, _LARGE_FILES)):
                took = _apart(_cpu_seconds, _order(listing, count, tower))
                yield measured(f"{PREFIX}.{name}", [1000 * took / count], "CPU ms a picture")
    yield measured(f"{PREFIX}.listed", [1000 * listing_cost], "CPU ms a picture listed")


def keeping() -> Iterator[Figure]:
    """What the process that asks does for a shard of 10,000 rows: keep it, and find it when it is there already."""
    listing, settings = _imagined(_KEPT), EmbedSettings()
    backbone = cast(Backbone, SimpleNamespace(digest="0" * 64, width=_WIDTH, unknown_words=lambda texts: {"none"}))
    with tempfile.TemporaryDirectory() as place:
        took = []
        for _ in range(2):
            began = time.perf_counter()
            finish(Embedding(listing, backbone, settings, Path(place)).run(_Drawn()))
            took.append(time.perf_counter() - began)
        size = sum(path.stat().st_size for path in Path(place).iterdir())
    yield measured(f"{PREFIX}.kept", [_KEPT / took[0]], f"{_UNIT} by the process that asks")
    yield measured(f"{PREFIX}.shards", [_KEPT / settings.size / took[0]], "shards/s by the process that asks")
    yield measured(f"{PREFIX}.found", [1000 * took[1] / (_KEPT / settings.size)], "ms a shard that is there")
    yield measured(f"{PREFIX}.found.picture", [1e6 * took[1] / _KEPT], "µs a picture that is there")
    yield measured(f"{PREFIX}.bytes", [size / _KEPT], f"bytes a row of {_WIDTH}")


def memory(seed: int) -> Iterator[Figure]:
    """Peak memory of a process that embeds, for a shard of 64 pictures and of 512; and what listing a picture takes."""
    with _pictures(seed, _FILES) as place:
        orders = [_order(listed(FolderSource(path=f"{place}/images")), count) for count in (64, 400)]
        peaks = [_apart(_embedding_peak, order) for order in orders]
    yield measured(f"{PREFIX}.memory", peaks[:1], "MiB of a process, 64 pictures")
    yield measured(f"{PREFIX}.memory.growth", [peaks[1] - peaks[0]], "MiB more for 400 pictures")
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for count in (_FEW, _MANY):
            _small(Path(folder) / str(count), count)
            found.append(_apart(_listing_peak, f"{folder}/{count}"))
    yield measured(f"{PREFIX}.listing", [(found[1] - found[0]) * _MIB / (_MANY - _FEW)], "bytes of memory a picture")


def rate(listing: PictureListing, spec: str, size: int, count: int) -> float:
    """Pictures a second by so many processes."""
    place = _Timed(count)
    with tempfile.TemporaryDirectory() as folder:
        settings = EmbedSettings(backbone=spec, size=size)
        finish(Embedding(listing, load_backbone(spec), settings, Path(folder)).run(place))
    (first, _), (last, _) = place.came[0], place.came[-1]
    return sum(rows for _, rows in place.came[1:]) / (last - first)


class _Timed(Processes):
    """Notes when shards come back, and with how many rows."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.came: list[tuple[float, int]] = []

    def collect(self) -> Sequence[ShardRows]:
        found = super().collect()
        self.came += [(time.perf_counter(), len(one.rows)) for one in found]
        return found


@dataclass
class _Drawn:
    """A place that has rows of noise at once."""

    at_once: int = 1
    far: int = 0
    words: str = ""
    waiting: list[ShardOrder] = field(default_factory=list)

    def begin(self, order: ShardOrder) -> None:
        self.waiting.append(order)

    def collect(self) -> Sequence[ShardRows]:
        order = self.waiting.pop()
        rows = numpy_stream(order.number, "bench shards").standard_normal((len(order.files), order.width), np.float32)
        return [ShardRows(order.number, rows / np.linalg.norm(rows, axis=1, keepdims=True), (), "drawn")]

    def leave(self) -> None:
        """Nobody is at work."""


@contextmanager
def _pictures(seed: int, files: int) -> Iterator[Path]:
    """The same photographs as a folder `images` and as shards `wds`, ten of these."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        draw(place / "images", seed, files)
        (place / "wds").mkdir()
        for number in range(10):
            with tarfile.open(place / "wds" / f"{number:05d}.tar", "w") as tar:
                for path in sorted((place / "images").rglob("*.jpg"))[number::10]:
                    _add(tar, f"{path.stem}.jpg", path.read_bytes())
                    _add(tar, f"{path.stem}.cls", path.parent.name.encode())
        yield place


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


@contextmanager
def _large(place: Path) -> Iterator[str]:
    """A tower of real size with random weights: speed does not depend on what it knows."""
    weights = place / f"random{CHECKPOINT_SUFFIX}"
    save_file(random_backbone(_LARGE).model.state_dict(), weights)
    yield f"{_LARGE}:{weights}"


def _imagined(count: int) -> PictureListing:
    """A listing of pictures that nobody reads."""
    root = Path("/imagined")
    files = tuple(
        ImageFile(root / f"class{i % 1000}/{i:08d}.jpg", root, 100_000, f"{i:064x}", (1, 1)) for i in range(count)
    )
    labels = np.arange(count) % 1000
    split = ListedSplit(files, labels, "0" * 64)
    names = tuple(f"class {c}" for c in range(1000))
    concepts = Concepts(((),) * len(names), "")
    dataset = ListedImages("imagined", root, names, {"train": split}, concepts)
    return PictureListing(FolderSource(path=str(root)), dataset, ())


def _small(folder: Path, count: int) -> None:
    for number in range(count):
        path = folder / f"class{number % 2}" / f"a-picture-of-the-usual-name-{number:08d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number % 256, number // 256 % 256, 9)).save(path)


def _order(listing: PictureListing, count: int, spec: str = DEFAULT) -> ShardOrder:
    backbone, root = load_backbone(spec), listing.dataset.root
    files = tuple((str(file.path.relative_to(root)), file.sha256) for _, _, file in listing.pictures(0, count))
    settings = listing.source.to_mapping()
    return ShardOrder(0, listing.source.name, settings, str(root), files, spec, backbone.digest, backbone.width)


def _apart(work: Callable[[Any], float], given: Any) -> float:
    """What work in a process of its own returns."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, given).result()


def _embedding_peak(order: ShardOrder) -> float:
    peak = PeakMemory()
    embed_shard(order, lambda far: None)
    return peak.mebibytes


def _cpu_seconds(order: ShardOrder) -> float:
    torch.set_num_threads(1)
    embed_shard(replace(order, files=order.files[:TOGETHER]), lambda far: None)  # loads the tower
    began = time.process_time()
    embed_shard(order, lambda far: None)
    return time.process_time() - began


def _listing_peak(folder: str) -> float:
    peak = PeakMemory()
    assert listed(FolderSource(path=folder)).digest
    return peak.mebibytes
