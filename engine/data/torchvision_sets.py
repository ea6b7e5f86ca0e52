"""Public datasets as torchvision reads them from disk, as labelled images.

torchvision finds, checks and, where that is asked for, fetches the files; the images then go through the same checks as
everybody's. CIFAR's files are pickles: torchvision opens those whose MD5 is the published one, and no others. What lies
in no image file of ours (CIFAR's arrays, the PPM files of GTSRB) is written once into the cache as PNG.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data.folder_checks import some
from engine.data.images import shown
from engine.data.labelled import LabelledImages
from engine.data.splits import TEST
from engine.data.streams import TRAIN
from engine.data.unpacked import kept, make_room
from engine.errors import BadFolder
from engine.files import storage_errors

Settings = Mapping[str, Any]
_IN_FILES = ("_image_files", "_images")
_WHOLE_SET = 0.99
"""Part of the published images that has to be there: editions of a set differ by a few."""
_SECONDS = 30  # without a byte, after which a download has failed


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One of torchvision's datasets.

    Attributes:
        folder: where its files lie below the root.
        page: where they come from.
        images: how many there are, all splits together, as published.
        parts: what torchvision is asked for, and the split that it becomes; None: the set has no split of its own.
        classes: names of the classes, where torchvision has none.
    """

    folder: str
    page: str
    images: int
    parts: Sequence[tuple[Settings, str | None]]
    classes: tuple[str, ...] = ()


_BOTH = (({"split": "train"}, TRAIN), ({"split": "test"}, TEST))
_JOINED = (({"split": "trainval"}, TRAIN), ({"split": "test"}, TEST))
_THREE = (({"split": "train"}, TRAIN), ({"split": "val"}, TRAIN), ({"split": "test"}, TEST))
_FLAGS = (({"train": True}, TRAIN), ({"train": False}, TEST))
_WHOLE: tuple[tuple[Settings, None], ...] = (({}, None),)
_SIGNS = (
    *(f"speed limit {limit}" for limit in (20, 30, 50, 60, 70, 80)),
    *("end of speed limit 80", "speed limit 100", "speed limit 120", "no passing", "no passing for heavy vehicles"),
    *("right of way at the next intersection", "priority road", "yield", "stop", "no vehicles", "no heavy vehicles"),
    *("no entry", "general caution", "dangerous curve to the left", "dangerous curve to the right", "double curve"),
    *("bumpy road", "slippery road", "road narrows on the right", "road work", "traffic signals", "pedestrians"),
    *("children crossing", "bicycles crossing", "beware of ice or snow", "wild animals crossing"),
    *("end of all speed and passing limits", "turn right ahead", "turn left ahead", "ahead only"),
    *("go straight or right", "go straight or left", "keep right", "keep left", "roundabout", "end of no passing"),
    "end of no passing for heavy vehicles",
)
"""Of GTSRB, in the order of its numbers (Stallkamp et al. 2012)."""

_OXFORD, _CALTECH = "https://www.robots.ox.ac.uk/~vgg/data", "https://data.caltech.edu/records/mzrjq-6wc02"

SETS: Mapping[str, PublicSet] = {
    "CIFAR10": PublicSet("cifar-10-batches-py", "https://www.cs.toronto.edu/~kriz/cifar.html", 60_000, _FLAGS),
    "CIFAR100": PublicSet("cifar-100-python", "https://www.cs.toronto.edu/~kriz/cifar.html", 60_000, _FLAGS),
    "Caltech101": PublicSet("caltech101/101_ObjectCategories", _CALTECH, 8_677, _WHOLE),
    "DTD": PublicSet("dtd/dtd", f"{_OXFORD}/dtd", 5_640, _THREE),
    "EuroSAT": PublicSet("eurosat/2750", "https://github.com/phelber/EuroSAT", 27_000, _WHOLE),
    "FGVCAircraft": PublicSet("fgvc-aircraft-2013b", f"{_OXFORD}/fgvc-aircraft", 10_000, _JOINED),
    "Flowers102": PublicSet("flowers-102", f"{_OXFORD}/flowers/102", 8_189, _THREE),
    "Food101": PublicSet("food-101", "https://data.vision.ee.ethz.ch/cvl/datasets_extra/food-101", 101_000, _BOTH),
    "GTSRB": PublicSet("gtsrb", "https://benchmark.ini.rub.de/gtsrb_dataset.html", 39_270, _BOTH, _SIGNS),
    "OxfordIIITPet": PublicSet("oxford-iiit-pet", f"{_OXFORD}/pets", 7_349, _JOINED),
}
"""By torchvision's name. GTSRB's training images there are the 26,640 of the competition of 2011, with the official
12,630 tests, as in CLIP (github.com/openai/CLIP/issues/156); the official training set has 39,209. Caltech-101 is
without its class of backgrounds."""


def public_images(name: str, root: Path, download: bool) -> LabelledImages:
    """The images of a public dataset.

    Args:
        name: one of `SETS`.
        root: the folder that torchvision keeps datasets in.
        download: whether to fetch what is missing.

    Raises:
        BadFolder: the files are not there, are damaged, or cannot be fetched; the message says where they were looked
            for and how to bring them.
        StoreError: the images cannot be written to the cache.
    """
    from torchvision import datasets  # torch

    wanted, kind = SETS[name], getattr(datasets, name)
    opened = [_opened(kind, name, root, settings, download) for settings, _ in wanted.parts]
    classes = _classes(opened[0], wanted)
    labels = [label for dataset in opened for label in _labels(dataset)]
    if len(labels) < _WHOLE_SET * wanted.images:
        problem = f"it has {len(labels):,} images, and {name} has {wanted.images:,}: it came half only"
        remedy = f"Remove it and set download=yes, or bring the files of {wanted.page} there"
        raise BadFolder(shown(root / wanted.folder), problem, remedy)
    listed = [_paths(dataset) for dataset in opened]
    if None in listed:
        place = kept(*_exported(name, opened))
        paths = [place / f"{number:06}.png" for number in range(len(labels))]
    else:
        place = Path(os.path.realpath(root / wanted.folder))
        paths = [place / path.relative_to(root / wanted.folder) for each in listed for path in each or []]
    splits = [split for dataset, (_, split) in zip(opened, wanted.parts, strict=True) for _ in range(len(dataset))]
    return LabelledImages(
        name,
        place,
        paths,
        [classes[label] for label in labels],
        None if None in splits else [str(split) for split in splits],
        order=classes,
    )


def _opened(kind: Callable[..., Any], name: str, root: Path, settings: Settings, download: bool) -> Any:
    wanted = SETS[name]
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS)
    try:
        return kind(str(root), **settings, download=download)
    except Exception as error:  # of files that were damaged or half fetched torchvision raises anything at all
        place = shown(root / wanted.folder)
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        did = "could not fetch" if download else "finds no whole"
        first = "Try again" if download else "Set download=yes to fetch it"
        bring = f"bring the files of {wanted.page} there, laid out as torchvision does"
        raise BadFolder(place, f"torchvision {did} {name} there ({reason})", f"{first}, or {bring}") from error
    finally:
        socket.setdefaulttimeout(before)


def _classes(dataset: Any, wanted: PublicSet) -> tuple[str, ...]:
    named = wanted.classes or getattr(dataset, "classes", None) or getattr(dataset, "categories", None)
    if not named:
        raise BadFolder(some([type(dataset).__name__]), "this torchvision names no classes of it", "Update torchvision")
    return tuple(name.replace("/", " ") for name in named)


def _labels(dataset: Any) -> list[int]:
    for name in ("targets", "_labels", "y"):
        if hasattr(dataset, name):
            return [int(label) for label in getattr(dataset, name)]
    return [int(label) for _, label in dataset._samples]


def _paths(dataset: Any) -> list[Path] | None:
    """Files of the images, or None where they have to be written first."""
    for name in _IN_FILES:
        if hasattr(dataset, name):
            return [Path(path) for path in getattr(dataset, name)]
    if hasattr(dataset, "categories"):
        root = Path(dataset.root) / "101_ObjectCategories"
        places = zip(dataset.y, dataset.index, strict=True)
        return [root / dataset.categories[label] / f"image_{number:04d}.jpg" for label, number in places]
    return [Path(path) for path, _ in dataset.samples] if hasattr(dataset, "samples") else None


def _exported(name: str, sets: Sequence[Any]) -> tuple[str, Callable[[Path, Path], None]]:
    """What the folder of images written as PNG is called, and what fills it."""
    digest = hashlib.sha256(name.encode())
    size = 0
    for dataset in sets:
        for part in [dataset.data.tobytes()] if hasattr(dataset, "data") else map(_content, dataset._samples):
            digest.update(part)
            size += len(part)

    def fill(folder: Path, cache: Path) -> None:
        make_room(cache, size)
        images = (dataset[i][0] for dataset in sets for i in range(len(dataset)))
        for number, image in enumerate(images):
            with storage_errors(folder):
                image.convert("RGB").save(folder / f"{number:06}.png", compress_level=1)

    return digest.hexdigest(), fill


def _content(sample: tuple[str, int]) -> bytes:
    return Path(sample[0]).read_bytes()
