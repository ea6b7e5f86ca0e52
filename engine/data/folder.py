"""An image folder as a dataset: `train/<class>/*` and `test/<class>/*`, or just `<class>/*` with a split made by seed.

The folder may come from anywhere, so nothing in it is trusted: everything is checked when it is opened, and what is
wrong is reported all at once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.array_types import Bools, Ints
from engine.data.dataset import ConceptCandidate, Images, RepeatedImages
from engine.data.folder_checks import (
    bad_images,
    class_folders,
    clean_names,
    image_paths,
    list_folder,
    require_images,
    require_same_classes,
)
from engine.data.folder_concepts import Concepts, read_concepts
from engine.data.images import ImageFile, inspect_image, read_inspected, shown
from engine.data.repeated import PixelDigests, repeated
from engine.errors import BadFolder, BadImage, BadParameter
from engine.rng import numpy_stream

TRAIN, TEST = "train", "test"
CONCEPT_FILES = ("concepts.json", "concepts.txt")
"""Looked for in the folder itself where no other concept file is named."""
DEFAULT_SEED = 1993
DEFAULT_TEST_FRACTION = 0.2
_LIMITS = (0.05, 0.5)
_MIN_TRAIN, _MIN_TEST = 2, 1
_PREPARATION = "plumage-folder-1"
"""Part of every digest: change it together with how pixels are prepared."""

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class FolderSplit:
    """One split of an image folder. See `engine.data.dataset.Split`."""

    files: tuple[ImageFile, ...]
    labels: Ints
    digest: str
    truth: Bools | None = field(default=None)

    def images(self, indices: Sequence[int] | Ints, size: int) -> Images:
        """The images at `indices`, uint8 [n, size, size, 3].

        Raises:
            BadImage: a file has other bytes than when the folder was opened, or its pixels are damaged.
        """
        read = [read_inspected(self.files[int(i)], size) for i in indices]
        return np.stack(read) if read else np.zeros((0, size, size, 3), np.uint8)

    def picture_digest(self, index: int) -> str:
        """Hex sha256 of the bytes that an image's file had when the folder was opened."""
        return self.files[index].sha256


@dataclass(frozen=True, slots=True)
class ImageFolder:
    """A folder of images, opened by `open_folder`. See `engine.data.dataset.Dataset`.

    Attributes:
        root: the folder.
        skipped: paths of files in class folders that do not look like images, relative to the root.
    """

    root: Path
    class_names: tuple[str, ...]
    splits: Mapping[str, FolderSplit]
    concepts: Concepts
    skipped: tuple[str, ...] = ()
    truth_names: tuple[str, ...] = ()
    truth_groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The folder's own name."""
        return shown(self.root.name)

    @property
    def class_digests(self) -> Mapping[str, str]:
        """By class name, a hex digest of the content of its files and the splits they are in."""
        return {name: self._class_digest(i) for i, name in enumerate(self.class_names)}

    @property
    def concepts_digest(self) -> str:
        """Hex digest of the concept file's text as it was read; empty without such a file."""
        return self.concepts.digest

    def repeated(self, digests: PixelDigests) -> RepeatedImages:
        """How many test images stand among the training images, as the same file or with the same pixels."""
        return repeated(self.splits[TRAIN].files, self.splits[TEST].files, digests)

    def candidates(self, class_index: int) -> tuple[ConceptCandidate, ...]:
        """Texts from the concept file that may describe the class; empty without such a file."""
        return self.concepts.candidates[class_index]

    def _class_digest(self, class_index: int) -> str:
        content = sorted(
            (split.files[i].sha256, name)
            for name, split in self.splits.items()
            for i in np.flatnonzero(split.labels == class_index)
        )
        return hashlib.sha256(repr((_PREPARATION, content)).encode()).hexdigest()


def open_folder(
    path: Path,
    *,
    seed: int = DEFAULT_SEED,
    test_fraction: float = DEFAULT_TEST_FRACTION,
    concepts: Path | None = None,
    progress: OnProgress | None = None,
) -> ImageFolder:
    """Open a folder and check every file in it.

    Args:
        path: the folder.
        seed, test_fraction: which and what share of images (0.05..0.5) become the test split where the folder has
            none; one class's share does not depend on the other classes.
        concepts: a concept file, see `read_concepts`; without it `concepts.json` or `concepts.txt` in the folder.
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
    splits = _check_files(root, by_split, progress)
    texts = read_concepts(concepts, names) if concepts else read_concepts(_own_concepts(root), names, root)
    return ImageFolder(root, names, splits, texts, tuple(skipped))


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
        require_images(folders, found[TRAIN], _MIN_TRAIN, "training")
        require_images(folders, found[TEST], _MIN_TEST, "test")
        return folders, found
    folders = class_folders(root, root)
    whole = [image_paths(root / f, root, skipped) for f in folders]
    require_images(folders, whole, _MIN_TRAIN + _MIN_TEST, "")
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
    wanted = max(_MIN_TEST, round(test_fraction * len(files)))
    tests = min(wanted, len(files) - _MIN_TRAIN)
    shuffled = numpy_stream(seed, "folder-test", name_number).permutation(len(files))
    chosen = set(shuffled[:tests].tolist())
    train = [file for i, file in enumerate(files) if i not in chosen]
    return train, [file for i, file in enumerate(files) if i in chosen]


def _check_files(root: Path, found: Found, progress: OnProgress | None) -> dict[str, FolderSplit]:
    total = sum(len(files) for classes in found.values() for files in classes)
    problems: list[BadImage] = []
    splits, done = {}, 0
    for split, classes in found.items():
        good: list[ImageFile] = []
        for path in (path for files in classes for path in files):
            try:
                good.append(inspect_image(path, root))
            except BadImage as problem:
                problems.append(problem)
            done += 1
            if progress is not None:
                progress(done, total)
        labels = np.repeat(np.arange(len(classes)), [len(files) for files in classes]).astype(np.int64)
        splits[split] = FolderSplit(tuple(good), labels, _digest(root, good))
    if problems:
        raise bad_images(root, problems)
    return splits


def _digest(root: Path, files: Sequence[ImageFile]) -> str:
    whole = hashlib.sha256(_PREPARATION.encode())
    for file in files:
        name = os.fsencode(file.path.relative_to(root))
        whole.update(b"\0".join([name, str(file.bytes).encode(), file.sha256.encode()]) + b"\n")
    return whole.hexdigest()


def _own_concepts(root: Path) -> Path | None:
    return next((root / name for name in CONCEPT_FILES if (root / name).is_file()), None)
