"""Embedding a folder of JPEGs beside a plain open_clip loop over the same files, opening it a second time, and memory
against the number of files.

The loops are compared in pairs, and who goes first takes turns: what else the machine does then hits both. A tower of
real size is open_clip's ViT-B/32 with random weights, because speed does not depend on what it knows.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from engine.array_types import Ints
from engine.backbone.cache import CHUNK
from engine.backbone.clip import Backbone, load_backbone
from engine.backbone.presets import CHECKPOINT_SUFFIX, DEFAULT
from engine.bench._robustness_speed import random_backbone
from engine.bench.figure import Figure, measured
from engine.data.dataset import Dataset, Images
from engine.data.folder import open_folder
from engine.data.listed import ListedImages
from engine.data.listing_cache import SETTLED
from engine.rng import numpy_stream
from engine.training.embedder import Embedder
from engine.training.memory import PeakMemory

PACE, EQUAL, GROWTH = "embedding.folder.pace", "embedding.folder.equal", "embedding.memory.growth"
LARGE_PACE, LARGE_LOW, LARGE_EQUAL = (f"embedding.folder.vit_b32.{kind}" for kind in ("pace", "low", "equal"))
REOPEN = "embedding.reopen.folder"
_LARGE, _LARGE_FILES, _LARGE_PAIRS = "ViT-B-32", 160, 2
"""Enough pictures that helpers are started, and pairs for each seed."""
_LEAST_REOPEN = 3.0
_FILES, _SIDES, _COARSE = 768, (480, 640), (15, 20)  # a camera's proportions, and what is seen of it
_TOGETHER = 64  # images of the plain loop's batches
_LEAST_PACE, _LEAST_COSINE = 0.95, 0.999
_FEW, _MANY = 1_000, 50_000
_MOST_GROWTH = 64.0  # MB beyond the embeddings themselves
_MIB = 2.0**20
_TIMES = "times a plain loop's speed"


def paces(seeds: Sequence[int], files: int = _FILES) -> Iterator[Figure]:
    """The plain loop's time over ours for the shipped tower, in pairs, and how alike both embed."""
    found = list(_pairs(DEFAULT, seeds, files))
    yield measured(PACE, [pace for pace, _ in found], _TIMES, least=_LEAST_PACE)
    yield measured(EQUAL, [cosine for _, cosine in found], "mean cosine", least=_LEAST_COSINE)


def large_paces(seeds: Sequence[int], files: int = _LARGE_FILES) -> Iterator[Figure]:
    """The same for a tower of real size; of its pace also the lower end of a 95 % interval over the pairs (Student's
    t of their logarithms)."""
    with tempfile.TemporaryDirectory() as place:
        weights = Path(place) / f"random{CHECKPOINT_SUFFIX}"
        save_file(random_backbone(_LARGE).model.state_dict(), weights)
        twice = [seed for seed in seeds for _ in range(_LARGE_PAIRS)]
        found = list(_pairs(f"{_LARGE}:{weights}", twice, files))
    yield measured(LARGE_PACE, [pace for pace, _ in found], _TIMES, least=_LEAST_PACE)
    yield measured(LARGE_LOW, [lower_end([pace for pace, _ in found])], _TIMES)
    yield measured(LARGE_EQUAL, [cosine for _, cosine in found], "mean cosine", least=_LEAST_COSINE)


def _pairs(tower: str, seeds: Sequence[int], files: int) -> Iterator[tuple[float, float]]:
    for turn, seed in enumerate(seeds):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            draw(folder / "images", seed, files)
            yield pair(open_folder(folder / "images"), folder / "cache", ours_first=turn % 2 == 0, tower=tower)


def lower_end(ratios: Sequence[float]) -> float:
    """Of the two-sided 95 % interval for the mean of some ratios, taken of their logarithms: Student's t."""
    from scipy.stats import t

    logs = np.log(ratios)
    error = logs.std(ddof=1) / np.sqrt(len(logs)) if len(logs) > 1 else np.inf
    return float(np.exp(logs.mean() - t.ppf(0.975, max(len(logs) - 1, 1)) * error))


def reopenings(seeds: Sequence[int], files: int = _FILES) -> Iterator[Figure]:
    """The time to open a folder of photographs over that to open it again, in which no file is read."""
    found = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place:
            draw(Path(place), seed, files)
            time.sleep(SETTLED / 1e9)  # what was written a moment ago is not remembered
            first, again = (_seconds_to_open(Path(place)) for _ in range(2))
            found.append(first / again)
    yield measured(REOPEN, found, "times as fast as at first", least=_LEAST_REOPEN)


def _seconds_to_open(folder: Path) -> float:
    began = time.perf_counter()
    open_folder(folder)
    return time.perf_counter() - began


def memory() -> Iterator[Figure]:
    """What 50,000 images take beyond 1,000."""
    yield measured(GROWTH, [growth()], "MB", most=_MOST_GROWTH)


def draw(folder: Path, seed: int, files: int) -> None:
    """Two classes of JPEGs of soft colours."""
    random = numpy_stream(seed, "bench embedding")
    for number in range(files):
        coarse = Image.fromarray(random.integers(0, 256, (*_COARSE, 3), dtype=np.uint8))
        path = folder / f"class{number % 2}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse.resize(_SIDES[::-1], Image.Resampling.BICUBIC).save(path, quality=90)


def pair(dataset: ListedImages, cache: Path, ours_first: bool, tower: str = DEFAULT) -> tuple[float, float]:
    """The plain loop's seconds over ours for all files, and the mean cosine of what both made of them."""
    embedder = Embedder(tower, dataset, cache)
    backbone = embedder.backbone  # loading it is no part of the comparison
    files = {split: [file.path for file in one.files] for split, one in dataset.splits.items()}
    took: dict[str, float] = {}
    made: dict[str, Tensor] = {}
    for kind in ("ours", "plain") if ours_first else ("plain", "ours"):
        began = time.perf_counter()
        found = ours(embedder, files) if kind == "ours" else plain(backbone, files)
        took[kind], made[kind] = time.perf_counter() - began, torch.cat([found[split] for split in files])
    return took["plain"] / took["ours"], float((made["ours"] * made["plain"]).sum(1).mean())


def ours(embedder: Embedder, files: Mapping[str, Sequence[Path]]) -> Mapping[str, Tensor]:
    """All images as a run embeds them, from nothing: helpers are started, and every row is kept in the cache."""
    wanted = {split: np.arange(len(paths)) for split, paths in files.items()}
    with embedder.ahead:
        embedder.plan(wanted)
        return _last(embedder.images(wanted))


def plain(backbone: Backbone, files: Mapping[str, Sequence[Path]]) -> Mapping[str, Tensor]:
    """All images as open_clip's readme does it, in batches."""
    import open_clip

    mean, std = (tuple(values.flatten().tolist()) for values in (backbone.mean, backbone.std))
    prepare = open_clip.image_transform(backbone.image_size, False, mean, std, interpolation="bicubic")
    model: Any = backbone.model
    found: dict[str, Tensor] = {}
    with torch.inference_mode():
        for split, paths in files.items():
            parts = []
            for start in range(0, len(paths), _TOGETHER):
                batch = torch.stack([prepare(Image.open(path)) for path in paths[start : start + _TOGETHER]])
                parts.append(F.normalize(model.encode_image(batch), dim=-1))
            found[split] = torch.cat(parts)
    return found


@dataclass(frozen=True)
class Blank:
    """A split of so many images of one colour each, made when asked for."""

    count: int
    digest: str = "blank"
    labels: Ints = field(init=False)
    origin: None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", np.zeros(self.count, np.int64))

    def images(self, indices: Sequence[int], size: int) -> Images:
        """uint8 [n, size, size, 3]."""
        colours = (np.asarray(indices) % 256).astype(np.uint8)
        return np.broadcast_to(colours[:, None, None, None], (len(colours), size, size, 3)).copy()


def growth(many: int = _MANY, few: int = _FEW) -> float:
    """MB of memory that many images take beyond few, less the embeddings themselves, which are what was asked for."""
    peaks = [_peak(count) for count in (few, many)]
    width = load_backbone(DEFAULT).width
    return peaks[1] - peaks[0] - (many - few) * width * 4 / _MIB


def _peak(count: int) -> float:
    """MB that this process takes at most while it embeds so many images."""
    split = Blank(count)
    with tempfile.TemporaryDirectory() as place:
        embedder = Embedder(DEFAULT, cast(Dataset, SimpleNamespace(splits={"train": split})), Path(place), helpers=0)
        embedder.backbone.embed_images(torch.zeros(CHUNK, 3, embedder.image_size, embedder.image_size).byte())
        peak = PeakMemory()
        _last(embedder.images({"train": np.arange(count)}))
        return peak.mebibytes


def _last(steps: Generator[Any, None, Mapping[str, Tensor]]) -> Mapping[str, Tensor]:
    """What a generator returns in the end."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return cast(Mapping[str, Tensor], end.value)
