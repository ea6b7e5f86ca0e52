"""An image folder as a dataset: `train/<class>/*` and `test/<class>/*`, or just `<class>/*` with a split made by seed.

The folder may come from anywhere, so nothing in it is trusted: everything is checked when it is opened, and what is
wrong is reported all at once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.data.folder_checks import (
    class_folders,
    clean_names,
    image_paths,
    list_folder,
    require_images,
    require_same_classes,
)
from engine.data.folder_concepts import own_concepts, read_concepts
from engine.data.images import shown
from engine.data.listed import LabelledPaths, ListedImages, OnProgress, open_listed
from engine.data.splits import MIN_TEST, MIN_TRAIN, TEST
from engine.data.streams import TRAIN
from engine.errors import BadFolder, BadParameter
from engine.rng import numpy_stream

DEFAULT_SEED = 1993
DEFAULT_TEST_FRACTION = 0.2
_LIMITS = (0.05, 0.5)


def open_folder(
    path: Path,
    *,
    seed: int = DEFAULT_SEED,
    test_fraction: float = DEFAULT_TEST_FRACTION,
    concepts: Path | None = None,
    name: str | None = None,
    progress: OnProgress | None = None,
) -> ListedImages:
    """Open a folder and check every file in it.

    Args:
        path: the folder.
        seed, test_fraction: which and what share of images (0.05..0.5) become the test split where the folder has
            none; one class's share does not depend on the other classes.
        concepts: a concept file, see `read_concepts`; without it `concepts.json` or `concepts.txt` in the folder.
        name: of the data; without it the folder's own.
        progress: called with (files checked, files).

    Raises:
        BadFolder: missing, without two classes, a class with too few images, an unusable or repeated class name,
            a link that leaves the folder, or train and test with different classes.
        BadImage: files that are no images, named with what is wrong with them.
        BadInput: the concept file cannot be used.
        BadParameter: `test_fraction` is out of range.
    """
    if not _LIMITS[0] <= test_fraction <= _LIMITS[1]:
        allowed = f"must be from {_LIMITS[0]} to {_LIMITS[1]}"
        raise BadParameter(f"test_fraction = {test_fraction}", allowed, "Give an allowed value")
    root = _real(path)
    skipped: list[str] = []
    try:
        folders, by_split = _find_files(root, seed, test_fraction, skipped)
    except OSError as error:  # below /proc are folders that not even root may look at
        place, reason = error.filename or root, error.strerror or type(error).__name__
        raise BadFolder(shown(place), f"it cannot be read ({reason})", "Choose a folder of your own") from error
    names = clean_names(folders)
    listings = {split: _listing(files) for split, files in by_split.items()}
    texts = read_concepts(concepts, names) if concepts else read_concepts(own_concepts(root), names, root)
    called = shown(root.name) if name is None else name
    divided = not _is_split(list_folder(root, root), root)
    return open_listed(called, root, names, listings, texts, skipped=skipped, divided=divided, progress=progress)


def _real(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        raise BadFolder(shown(path), "this is no path", "Check the path") from None


Found = dict[str, list[list[Path]]]
"""By split, the files of each class."""


def _find_files(root: Path, seed: int, test_fraction: float, skipped: list[str]) -> tuple[list[str], Found]:
    """Class folders' names, sorted, and their files."""
    inside = list_folder(root, root)
    if _is_split(inside, root):
        both = {split: class_folders(root / split, root) for split in (TRAIN, TEST)}
        require_same_classes(both[TRAIN], both[TEST])
        folders = both[TRAIN]
        found = {split: [image_paths(root / split / f, root, skipped) for f in folders] for split in both}
        require_images(folders, [len(files) for files in found[TRAIN]], MIN_TRAIN, "training")
        require_images(folders, [len(files) for files in found[TEST]], MIN_TEST, "test")
        return folders, found
    folders = class_folders(root, root)
    whole = [image_paths(root / f, root, skipped) for f in folders]
    require_images(folders, [len(files) for files in whole], MIN_TRAIN + MIN_TEST, "")
    parts = [_divide(files, test_fraction, seed, folder) for folder, files in zip(folders, whole, strict=True)]
    return folders, {TRAIN: [part[0] for part in parts], TEST: [part[1] for part in parts]}


def _is_split(inside: Mapping[str, Path], root: Path) -> bool:
    """Whether the folder is divided into train and test. A class may be called "train" too: then it holds images."""
    halves = [name for name in (TRAIN, TEST) if name in inside and inside[name].is_dir()]
    if len(halves) == 1 and any(entry.is_dir() for entry in list_folder(inside[halves[0]], root).values()):
        other = TEST if halves == [TRAIN] else TRAIN
        problem = f"it has a folder {halves[0]!r} with classes in it but no folder {other!r}"
        raise BadFolder(shown(root), problem, f"Add {other!r}, or put the class folders directly into the folder")
    return len(halves) == 2


def _divide(files: list[Path], test_fraction: float, seed: int, folder: str) -> tuple[list[Path], list[Path]]:
    """Divide one class's files into (train, test)."""
    name_number = int.from_bytes(hashlib.sha256(os.fsencode(folder)).digest()[:4], "little")
    wanted = max(MIN_TEST, round(test_fraction * len(files)))
    tests = min(wanted, len(files) - MIN_TRAIN)
    shuffled = numpy_stream(seed, "folder-test", name_number).permutation(len(files))
    chosen = set(shuffled[:tests].tolist())
    train = [file for i, file in enumerate(files) if i not in chosen]
    return train, [file for i, file in enumerate(files) if i in chosen]


def _listing(files: Sequence[Sequence[Path]]) -> LabelledPaths:
    """The files of each class as one split."""
    labels = np.repeat(np.arange(len(files)), [len(each) for each in files]).astype(np.int64)
    return LabelledPaths([path for each in files for path in each], labels)
