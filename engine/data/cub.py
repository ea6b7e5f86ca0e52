"""The published folder of CUB-200-2011 (Wah et al. 2011, Caltech-UCSD Birds, CNS-TR-2011-001) as labelled images.

images/                             001.Black_footed_Albatross/....jpg
classes.txt, images.txt             number and name of each class, number and path of each image
image_class_labels.txt              number of each image and of its class
train_test_split.txt                number of each image, and 1 where it is a training image
attributes.txt                      number and name of each attribute (`has_bill_shape::dagger`); also in attributes/
attributes/image_attribute_labels.txt   image, attribute, 1 where it is present, certainty (1 not visible,
                                    2 guessing, 3 probably, 4 definitely), and seconds
bounding_boxes.txt                  number of each image, and left, top, width and height of its bird in pixels
parts/parts.txt                     number and name of each of 15 parts
parts/part_locs.txt                 image, part, x and y in pixels, and 1 where the part can be seen
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats, Ints
from engine.data.attributes import UNKNOWN, ImageAttributes
from engine.data.images import shown
from engine.data.inside import read_inside
from engine.data.labelled import LabelledImages
from engine.data.regions import WHOLE, Regions
from engine.data.splits import TEST
from engine.data.streams import TRAIN
from engine.errors import BadFolder, BadInput
from engine.structures import Malformed

PARTS_OF: Mapping[str, tuple[str, ...]] = {
    "bill": ("beak",),
    "wing": ("left wing", "right wing"),
    "eye": ("left eye", "right eye"),
    "leg": ("left leg", "right leg"),
    **{part: (part,) for part in ("back", "belly", "breast", "crown", "forehead", "nape", "tail", "throat")},
}
"""By a word of an attribute's group, the published parts it is about. Upperparts, underparts and the head are none."""
OF_THE_BIRD = ("size", "shape", "primary color")
"""Groups about all of the bird."""
MAX_BYTES = 512 * 2**20
_IMAGES = "images"
_REMEDY = "Unpack CUB_200_2011.tgz anew, and give the folder with images.txt in it"


def cub_images(path: Path, least_certainty: int) -> LabelledImages:
    """Read the lists of the folder.

    Args:
        least_certainty: an attribute that somebody was less sure of is not known of that image, 1..4.

    Raises:
        BadFolder: it is not this folder.
        BadInput: a list is missing, damaged, or does not fit the others.
    """
    root = Path(os.path.realpath(path))
    if not os.path.isdir(root):
        raise BadFolder(shown(path), "there is no such folder", _REMEDY)
    classes, paths = _named(root, "classes.txt"), _named(root, "images.txt")
    labels = _numbered(root, "image_class_labels.txt", paths, set(classes))
    splits = _numbered(root, "train_test_split.txt", paths, {0, 1})
    outside = [name for name in paths.values() if Path(name).is_absolute() or ".." in Path(name).parts]
    if outside:
        raise BadInput(f"{shown(root)}/images.txt", f"{shown(outside[0])!r} leads out of {_IMAGES}", _REMEDY)
    names = {number: _plain(name) for number, name in classes.items()}
    return LabelledImages(
        shown(root.name),
        root,
        [root / _IMAGES / name for name in paths.values()],
        [names[labels[number]] for number in paths],
        [TRAIN if splits[number] else TEST for number in paths],
        _attributes(root, paths, least_certainty),
        _regions(root, paths),
        order=tuple(names.values()),
    )


def _plain(name: str) -> str:
    """`001.Black_footed_Albatross` as people say it; underscores go later."""
    number, dot, rest = name.partition(".")
    return rest if dot and number.isdigit() and rest else name


def _attributes(root: Path, paths: dict[int, str], least_certainty: int) -> ImageAttributes | None:
    """What the images show, or None where the folder came without attributes."""
    if not (root / "attributes" / "image_attribute_labels.txt").exists():
        return None
    place = _attribute_names(root) or "attributes/attributes.txt"
    listed = _named(root, place)
    said = _table(root, "attributes/image_attribute_labels.txt", 4)
    row = {number: at for at, number in enumerate(paths)}
    column = {number: at for at, number in enumerate(listed)}
    rows, columns = _places(said[:, 0], row), _places(said[:, 1], column)
    present, sure = said[:, 2], said[:, 3]
    odd = np.flatnonzero((rows < 0) | (columns < 0) | (present < 0) | (present > 1))
    if len(odd):
        line = int(odd[0]) + 1
        problem = "it names an image or attribute that is not listed, or says neither 0 nor 1"
        raise BadInput(f"{shown(root)}/attributes/image_attribute_labels.txt, line {line}", problem, _REMEDY)
    values: npt.NDArray[np.int8] = np.full((len(paths), len(listed)), UNKNOWN, np.int8)
    kept = sure >= least_certainty
    values[rows[kept], columns[kept]] = present[kept]
    return ImageAttributes(_read_out(root, place, list(listed.values())), values)


def _regions(root: Path, paths: dict[int, str]) -> Regions | None:
    """Where the birds and their parts are, or None where the folder came without boxes."""
    if not (root / "bounding_boxes.txt").exists():
        return None
    said = _measures(root, "bounding_boxes.txt", 5)
    boxes = np.full((len(paths), 4), np.nan)
    rows = _places(said[:, 0].astype(np.int64), {number: at for at, number in enumerate(paths)})
    boxes[rows[rows >= 0]] = said[rows >= 0, 1:]
    if not (np.isfinite(boxes).all() and (boxes[:, 2:] > 0).all() and (rows >= 0).all()):
        problem = "it does not fit images.txt: every image listed there has one box, which is not empty"
        raise BadInput(f"{shown(root)}/bounding_boxes.txt", problem, _REMEDY)
    names, points = _points(root, paths)
    column = {name: at for at, name in enumerate(names)}
    about = {group: _about(group, column) for group in _groups(root)}
    return Regions(boxes, points, {group: parts for group, parts in about.items() if parts is not None})


def _points(root: Path, paths: dict[int, str]) -> tuple[list[str], Floats]:
    """The parts' names, and where each is, [N, P, 2]; no parts where the folder came without them."""
    if not (root / "parts" / "part_locs.txt").exists():
        return [], np.zeros((len(paths), 0, 2))
    listed, said = _named(root, "parts/parts.txt"), _measures(root, "parts/part_locs.txt", 5)
    points = np.full((len(paths), len(listed), 2), np.nan)
    rows = _places(said[:, 0].astype(np.int64), {number: at for at, number in enumerate(paths)})
    columns = _places(said[:, 1].astype(np.int64), {number: at for at, number in enumerate(listed)})
    odd = np.flatnonzero((rows < 0) | (columns < 0) | ~np.isfinite(said).all(1))
    if len(odd):
        problem = "it names an image or part that is not listed, or no place"
        raise BadInput(f"{shown(root)}/parts/part_locs.txt, line {int(odd[0]) + 1}", problem, _REMEDY)
    seen = said[:, 4] == 1
    points[rows[seen], columns[seen]] = said[seen, 2:4]
    return list(listed.values()), points


def _groups(root: Path) -> set[str]:
    """What the attributes are about."""
    place = _attribute_names(root)
    return set(_read_out(root, place, list(_named(root, place).values())).values()) if place else set()


def _about(group: str, column: Mapping[str, int]) -> tuple[int, ...] | None:
    """The parts that a group of attributes is about, `WHOLE`, or None where no published mark says where it is."""
    if group in OF_THE_BIRD:
        return WHOLE
    parts = [part for word in group.split() for part in PARTS_OF.get(word, ())]
    return tuple(column[part] for part in parts) if parts and all(part in column for part in parts) else None


def _attribute_names(root: Path) -> str | None:
    """Where the list of attributes lies, if there is one."""
    places = ("attributes.txt", "attributes/attributes.txt")
    return next((place for place in places if (root / place).exists()), None)


def _read_out(root: Path, place: str, names: list[str]) -> dict[str, str]:
    """Attributes as people read them, with their group: `has_bill_shape::hooked_seabird`: hooked seabird bill shape."""
    found = {}
    for name in names:
        group, _, value = (part.replace("_", " ").strip() for part in name.partition("::"))
        about = group.removeprefix("has ")
        found[f"{value} {about}".strip()] = about
    if len(found) < len(names):
        raise BadInput(f"{shown(root)}/{place}", "two attributes have the same name", _REMEDY)
    return found


def _places(numbers: Ints, known: dict[int, int]) -> Ints:
    """The place of each number, -1 where it has none."""
    top = max(known, default=0) + 1
    places = np.full(top + 1, -1, np.int64)
    places[list(known)] = list(known.values())
    return np.asarray(places[np.where((numbers < 0) | (numbers > top), top, numbers)], np.int64)


def _named(root: Path, name: str) -> dict[int, str]:
    """A list of numbers and names."""
    found: dict[int, str] = {}
    for line, text in enumerate(_text(root, name).splitlines(), 1):
        number, _, rest = text.strip().partition(" ")
        if not text.strip():
            continue
        if not (number.isascii() and number.isdigit() and len(number) < 9 and rest.strip()) or int(number) in found:
            problem = f"{shown(text, 60)!r} is no number of its own and a name"
            raise BadInput(f"{shown(root)}/{name}, line {line}", problem, _REMEDY)
        found[int(number)] = rest.strip()
    if not found:
        raise BadInput(f"{shown(root)}/{name}", "it is empty", _REMEDY)
    return found


def _numbered(root: Path, name: str, images: dict[int, str], allowed: set[int]) -> dict[int, int]:
    """A list of images and a number each."""
    found = dict(_table(root, name, 2).tolist())
    missing = [number for number in images if found.get(number) not in allowed]
    if missing or len(found) != len(images):
        told = f"image {missing[0]} has no number that is allowed" if missing else "it lists other images"
        raise BadInput(f"{shown(root)}/{name}", f"it does not fit images.txt: {told}", _REMEDY)
    return found


def _table(root: Path, name: str, columns: int) -> Ints:
    """The first columns of a list of whole numbers, [lines, columns]; a few lines of the published file have more."""
    return _lines(root, name, columns, np.int64)


def _measures(root: Path, name: str, columns: int) -> Floats:
    """The same of any numbers."""
    return _lines(root, name, columns, np.float64)


def _lines(root: Path, name: str, columns: int, kind: type[np.int64 | np.float64]) -> npt.NDArray[Any]:
    text = _text(root, name)
    if not text.strip():
        raise BadInput(f"{shown(root)}/{name}", "it is empty", _REMEDY)
    try:
        return np.loadtxt(io.StringIO(text), kind, usecols=range(columns), ndmin=2, comments=None)
    except ValueError as error:
        raise BadInput(f"{shown(root)}/{name}", f"it is no list of numbers ({error})", _REMEDY) from error


def _text(root: Path, name: str) -> str:
    try:
        return read_inside(root / name, root, MAX_BYTES).decode("utf-8")
    except Malformed as problem:
        raise BadInput(f"{shown(root)}/{name}", str(problem), _REMEDY) from problem
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{shown(root)}/{name}", f"it cannot be read ({reason})", _REMEDY) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{shown(root)}/{name}", "it is not text in UTF-8", _REMEDY) from error
