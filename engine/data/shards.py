"""Shards of webdataset as labelled images: tar files in which files of one sample have one name up to its first dot.

    0001.jpg  0001.cls          the image and its class, a number or a name
    0002.jpg  0002.json         the image and what is said of it, its class under `label`

(https://github.com/webdataset/webdataset.) Shards lie in folders `train/` and `test/`, or are called so
(`train-0000.tar`), or no shard says what it is for. A `classnames.txt` beside them, one name a line, names the classes
by number.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.data.folder_checks import list_folder, some
from engine.data.images import SUFFIXES, shown
from engine.data.inside import read_inside
from engine.data.labelled import LabelledImages
from engine.data.splits import split_of
from engine.data.unpacked import TAR, unpacked
from engine.errors import BadFolder, BadInput
from engine.structures import Malformed, parse_json

CLASS_NAMES = "classnames.txt"
_ENDINGS = (".tar", ".tar.gz", ".tgz")
_FIRST_WORD = re.compile(r"[A-Za-z]+")
_MAX_LABEL, _MAX_JSON, _MAX_NAMES = 2**12, 2**20, 2**24  # bytes
_REMEDY = "Write the shards anew, or name the field with the class as label_field"


def shard_images(path: Path, label_field: str, told: Callable[[int, int], None] | None = None) -> LabelledImages:
    """Unpack the shards, and read what they say.

    Args:
        path: a folder of shards, or one shard.
        label_field: of a sample's JSON the field with its class.
        told: called with (files unpacked, files) of each shard, where it is not in the cache.

    Raises:
        BadFolder: there are no shards, or some say what they are for and others do not.
        BadInput: a shard is not sound, or a sample lacks its image or its class.
    """
    shards = _shards(path)
    splits = [_split(shard, path) for shard in shards]
    if None in splits and set(splits) != {None}:
        silent = [str(shard.relative_to(path)) for shard, split in zip(shards, splits, strict=True) if split is None]
        problem = "other shards say by their name or folder that they are for train or test, and these do not"
        raise BadFolder(some(silent), problem, "Put the shards into folders train and test")
    place = unpacked(shards, TAR, told)
    names = _class_names(path)
    paths: list[Path] = []
    labels: list[str] = []
    said: list[str] = []
    for number, (shard, split) in enumerate(zip(shards, splits, strict=True)):
        inside = place / str(number) if len(shards) > 1 else place
        for key, files in _samples(inside).items():
            image, label = _read(f"{shown(shard.name)}: {shown(key)}", files, place, label_field)
            paths.append(image)
            labels.append(_named(label, names, f"{shown(shard.name)}: {shown(key)}"))
            said.append(split or "")
    return LabelledImages(shown(path.name), place, paths, labels, None if None in splits else said, order=names)


def _shards(path: Path) -> list[Path]:
    if not os.path.isdir(path):
        return [path]
    root = Path(os.path.realpath(path))
    try:
        here = list_folder(root, root)
        found = [place for place in here.values() if place.name.lower().endswith(_ENDINGS)]
        for folder in (place for place in here.values() if place.is_dir()):
            found += [p for p in list_folder(folder, root).values() if p.name.lower().endswith(_ENDINGS)]
    except OSError as error:  # below /proc are folders that not even root may look at
        reason = error.strerror or type(error).__name__
        raise BadFolder(shown(path), f"it cannot be read ({reason})", "Choose a folder of your own") from error
    if not found:
        problem = f"it has no shards ({', '.join(_ENDINGS)}), nor has a folder in it"
        raise BadFolder(shown(path), problem, "Give the folder that they lie in")
    return [path / place.relative_to(root) for place in found]


def _split(shard: Path, path: Path) -> str | None:
    """What a shard is for: by the folder below `path` that it lies in, or by the first word of its name."""
    words = [shard.parent.name] if shard.parent != path and shard != path else []
    return next((split for word in [*words, *_FIRST_WORD.findall(shard.name)[:1]] if (split := split_of(word))), None)


def _class_names(path: Path) -> tuple[str, ...] | None:
    folder = Path(os.path.realpath(path if os.path.isdir(path) else path.parent))
    if not (folder / CLASS_NAMES).exists():
        return None
    text = _text(folder / CLASS_NAMES, folder, _MAX_NAMES, shown(folder / CLASS_NAMES))
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _samples(folder: Path) -> dict[str, list[Path]]:
    """The files of each sample, by its name within the shard."""
    found: dict[str, list[Path]] = {}
    for path in sorted(place for place in folder.rglob("*") if place.is_file()):
        key = str(path.relative_to(folder).with_name(path.name.partition(".")[0]))
        found.setdefault(key, []).append(path)
    return found


def _read(sample: str, files: Sequence[Path], root: Path, label_field: str) -> tuple[Path, str]:
    """The image of a sample, and what it says of its class."""
    images = [path for path in files if path.suffix.lower() in SUFFIXES]
    if len(images) != 1:
        raise BadInput(sample, f"it has {len(images)} images, and a sample has one", "Write the shards anew")
    by_ending = {path.name.partition(".")[2].lower(): path for path in files}
    if "cls" in by_ending:
        label = _text(by_ending["cls"], root, _MAX_LABEL, sample).strip()
    elif "json" in by_ending:
        label = _from_json(_text(by_ending["json"], root, _MAX_JSON, sample), sample, label_field)
    else:
        raise BadInput(sample, "it has neither .cls nor .json, so nothing says its class", "Write the shards anew")
    if not label:
        raise BadInput(sample, "its class is blank", _REMEDY)
    return images[0], label


def _from_json(text: str, sample: str, field: str) -> str:
    try:
        said = parse_json(text, _MAX_JSON)
    except Malformed as problem:
        raise BadInput(sample, f"its .json: {problem}", _REMEDY) from problem
    found = said.get(field) if isinstance(said, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        has = some([str(name) for name in said]) if isinstance(said, Mapping) and said else "nothing"
        raise BadInput(sample, f"its .json has no text or number {shown(field)!r}; it has {has}", _REMEDY)
    return str(found).strip()


def _named(label: str, names: Sequence[str] | None, sample: str) -> str:
    """The class that a sample means: by number where numbers have names."""
    if names is None or label in names:
        return label
    if not (label.isascii() and label.isdigit() and len(label) < 9 and int(label) < len(names)):
        raise BadInput(sample, f"{shown(label, 60)!r} is none of the {len(names)} classes of {CLASS_NAMES}", _REMEDY)
    return names[int(label)]


def _text(path: Path, root: Path, limit: int, name: str) -> str:
    try:
        return read_inside(path, root, limit).decode("utf-8-sig")
    except (Malformed, OSError, UnicodeDecodeError) as error:
        reason = "it is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise BadInput(name, f"{shown(path.name)}: {reason}", "Write it anew") from error
