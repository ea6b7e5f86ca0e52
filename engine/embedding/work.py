"""What a process does for one shard: it reads its pictures a few at a time and embeds them.

It writes nothing: rows go back to the one process that asked, which checks and keeps them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.data.images import decode_image, same_bytes, square
from engine.data.listed import ListedImages, leaving_out
from engine.data.sources.base import SOURCES
from engine.errors import BadImage, MissingWeights, NotApplicable
from engine.params import Value

if TYPE_CHECKING:
    from engine.backbone.clip import Backbone

TOGETHER = 64
"""Pictures whose pixels are in memory at once."""

Tell = Callable[[int], object]
"""Hears how many pictures of a shard are done."""


@dataclass(frozen=True, slots=True)
class ShardOrder:
    """A shard that shall be made.

    Attributes:
        number: which it is.
        source, settings: the name and settings of the pictures' source, for where they are not at `root` yet.
        root: the folder that they are in.
        files: name below it and hex sha256 of the content of each.
        backbone: as a process in another folder understands it.
        digest, width: what it must be.
    """

    number: int
    source: str
    settings: Mapping[str, Value]
    root: str
    files: tuple[tuple[str, str], ...]
    backbone: str
    digest: str
    width: int


@dataclass(frozen=True, slots=True)
class ShardRows:
    """The rows of a shard.

    Attributes:
        number: of the shard.
        rows: float32 [n, D], unit length, in the order of the pictures.
        left_out: places in the shard of the pictures that have none, ascending, and why.
        made: how rows are made there (`engine.backbone.pixels.made`).
    """

    number: int
    rows: Floats
    left_out: tuple[tuple[int, str], ...]
    made: str


def embed_shard(order: ShardOrder, tell: Tell) -> ShardRows:
    """Embed the pictures of a shard.

    Raises:
        BadImage: a file is gone, or has other bytes than when it was listed.
        BadInput: the source cannot be opened here.
        MissingWeights: the backbone is not here, or is another.
    """
    from engine.backbone.pixels import embed_pixels, made  # torch

    root = _root(order)
    backbone = _backbone(order.backbone, order.digest)
    rows = np.empty((len(order.files), order.width), np.float32)
    left_out: list[tuple[int, str]] = []
    at = 0
    for first in range(0, len(order.files), TOGETHER):
        pictures = []
        for place in range(first, min(first + TOGETHER, len(order.files))):
            name, sha256 = order.files[place]
            data = same_bytes(root / name, root, sha256)
            try:
                pictures.append(np.asarray(square(decode_image(data, name), backbone.image_size)))
            except BadImage as problem:
                left_out.append((place, problem.allowed))
        if pictures:
            rows[at : at + len(pictures)] = embed_pixels(backbone, np.stack(pictures))
        at += len(pictures)
        tell(first + TOGETHER)
    return ShardRows(order.number, rows[:at], tuple(left_out), ", ".join(made()))


def _root(order: ShardOrder) -> Path:
    """The folder that the pictures are in here; of an archive, it is unpacked where nobody did so yet."""
    root = Path(order.root)
    return root if os.path.isdir(root) else _opened(order.source, tuple(sorted(order.settings.items())))


@lru_cache(maxsize=1)
def _opened(source: str, settings: tuple[tuple[str, Value], ...]) -> Path:
    with leaving_out():
        dataset = SOURCES.get(source).from_mapping(dict(settings)).open()
    if not isinstance(dataset, ListedImages):
        raise NotApplicable(f"data of {source}", "its pictures are no files", "Give others")
    return dataset.root


@lru_cache(maxsize=1)
def _backbone(spec: str, digest: str) -> Backbone:
    from engine.backbone.clip import load_backbone
    from engine.device import device

    backbone = load_backbone(spec)
    if backbone.digest != digest:
        problem = "its weights or preprocessing are others than where the work was given out"
        raise MissingWeights(f"backbone {spec}", problem, "Put the same weights there")
    backbone.model.to(device())
    return backbone
