"""Pictures that somebody wants to leave out of their data: a list that names each by its content and its path.

The list is what `sha256sum` prints, a line a picture: the digest of its bytes, two spaces, its path below the data's
folder. A picture of that name with other bytes is another picture, so a list that does not fit the data is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.data.cuts import cut
from engine.data.dataset import Dataset
from engine.data.folder_checks import require_images, some
from engine.data.images import ImageFile, shown
from engine.data.listed import ListedImages, ListedSplit
from engine.data.splits import MIN_TEST, MIN_TRAIN
from engine.data.streams import TRAIN
from engine.errors import BadInput, NotApplicable
from engine.files import storage_errors, write_text
from engine.paths import input_file

_MOST_BYTES = 256 * 2**20
_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_SIGNS = 16
_REMEDY = "Make the list anew: python -m engine health --list FILE"

Listed = Mapping[str, str]
"""By path below the data's folder, the hex sha256 of a picture's bytes."""


def write_list(path: Path, files: Sequence[ImageFile]) -> None:
    """Write a list of pictures.

    Raises:
        NotApplicable: a picture's name holds a line break, or characters that no text can.
        OSError: the file cannot be written.
    """
    names = [_name(file) for file in files]
    odd = [name for name in names if "\n" in name or "\r" in name or not _is_text(name)]
    if odd:
        raise NotApplicable(f"a list with {some(odd)}", "a line of a text cannot hold this name", "Rename the file")
    write_text("".join(f"{file.sha256}  {name}\n" for file, name in zip(files, names, strict=True)), path)


def keep_list(folder: Path, files: Sequence[ImageFile]) -> Path:
    """Keep a list under its content, so that whoever named an older one still finds that.

    Args:
        folder: where lists are kept; made if need be.
        files: in any order.

    Raises:
        NotApplicable: as `write_list`.
        StoreError: it cannot be written.
    """
    ordered = sorted(files, key=_name)
    content = "".join(f"{file.sha256}  {_name(file)}\n" for file in ordered)
    path = folder / f"{hashlib.sha256(os.fsencode(content)).hexdigest()[:_SIGNS]}.txt"
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_list(path, ordered)
    return path


def listed_among(files: Sequence[ImageFile], listed: Listed) -> list[int]:
    """Places of the files that a list names, with the very bytes that it says."""
    return [i for i, file in enumerate(files) if listed.get(_name(file)) == file.sha256]


def read_list(path: str) -> Listed:
    """Read a list.

    Raises:
        BadParameter: there is no such file.
        BadInput: it is no list of pictures.
    """
    place = input_file(path, "run: leave_out =")
    try:
        size = place.stat().st_size
        text = place.read_bytes().decode() if size <= _MOST_BYTES else None
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the list {shown(place)}", "it cannot be read as UTF-8 text", _REMEDY) from error
    if text is None:
        raise BadInput(f"the list {shown(place)}", f"it is larger than {_MOST_BYTES >> 20} MiB", _REMEDY)
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            what = "a line is a sha256 in hexadecimal, two spaces and a path"
            raise BadInput(f"the list {shown(place)}, line {number}", what, _REMEDY)
        found[match[2]] = match[1]
    return found


def without(dataset: Dataset, listed: Listed) -> ListedImages:
    """The data without the pictures that are listed.

    Raises:
        NotApplicable: the pictures are no files.
        BadInput: a listed picture is not among them, or has other bytes.
        BadFolder: a class would have too few pictures left.
    """
    if not isinstance(dataset, ListedImages):
        raise NotApplicable("run: leave_out", "pictures of this kind of data are no files", "Leave leave_out out")
    names = {split: [_name(file) for file in part.files] for split, part in dataset.splits.items()}
    known = {name: file.sha256 for split, part in dataset.splits.items() for name, file in _named(names[split], part)}
    for what, odd in (
        ("there is no such picture in the data", [name for name in listed if name not in known]),
        ("its bytes are others than the list says", [n for n, sha in listed.items() if known.get(n, sha) != sha]),
    ):
        if odd:
            raise BadInput(f"the list of pictures to leave out: {some(odd)}", what, _REMEDY)
    kept = {split: np.array([name not in listed for name in names[split]], bool) for split in dataset.splits}
    splits = {split: _chosen(part, kept[split]) for split, part in dataset.splits.items()}
    for split, part in splits.items():
        counts = np.bincount(part.labels, minlength=len(dataset.class_names)).tolist()
        least, which = (MIN_TRAIN, "training") if split == TRAIN else (MIN_TEST, split)
        require_images(dataset.class_names, counts, least, which)
    return replace(dataset, splits=splits)


def _named(names: Sequence[str], part: ListedSplit) -> zip[tuple[str, ImageFile]]:
    return zip(names, part.files, strict=True)


def _chosen(part: ListedSplit, kept: np.ndarray) -> ListedSplit:
    rows = np.flatnonzero(kept)
    return part.part(cut(part, rows, part.labels[rows]))


def _name(file: ImageFile) -> str:
    return os.fspath(file.path.relative_to(file.root))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
