"""What an image folder must be like, and how to say that it is not. Every message lists up to five offenders."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from engine.data.images import RULE, SUFFIXES, shown
from engine.data.inside import LEAVES, list_inside, resolved
from engine.errors import BadFolder, BadImage
from engine.structures import Malformed

_SHOWN = 5
_MAX_NAME = 80
_MIN_CLASSES = 2
_PUNCTUATION = set(" -_.,'()&+")
_NAME_RULE = f"a class name has letters, digits, spaces and {' '.join(sorted(_PUNCTUATION - {' '}))}"
_RENAME = "Rename the folder"


def some(names: Sequence[str]) -> str:
    """The first five names, and how many more there are."""
    listed = ", ".join(shown(name) for name in names[:_SHOWN])
    return f"{listed} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else listed


def list_folder(folder: Path, root: Path) -> dict[str, Path]:
    """What is in a folder within `root`, by name and sorted, without hidden entries.

    Raises:
        BadFolder: it is missing, no folder, or not readable; or it, or something in it, is a link that leaves `root`,
            which could show on the page files that are nobody's business.
    """
    try:
        names = sorted(list_inside(folder, root))
    except FileNotFoundError:
        raise BadFolder(shown(folder), "there is no such folder", "Check the path") from None
    except NotADirectoryError:
        raise BadFolder(shown(folder), "it is a file, not a folder", "Give the folder that holds the classes") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadFolder(shown(folder), f"it cannot be read ({reason})", "Check its permissions") from error
    except Malformed:
        raise _leaving([folder], root) from None
    inside = {name: folder / name for name in names if not name.startswith(".")}
    outside = [path for path in inside.values() if _is_link(path) and _leaves(path, root)]
    if outside:
        raise _leaving(outside, root)
    return inside


def class_folders(folder: Path, root: Path) -> list[str]:
    """Names of the class folders in `folder`, sorted.

    Raises:
        BadFolder: fewer than two, or as `list_folder`.
    """
    names = [name for name, path in list_folder(folder, root).items() if path.is_dir()]
    if len(names) < _MIN_CLASSES:
        problem = f"it has {len(names)} class folders, and a classifier needs at least {_MIN_CLASSES}"
        raise BadFolder(shown(folder), problem, "Make one folder a class, with its images in it")
    return names


def image_paths(folder: Path, root: Path, skipped: list[str]) -> list[Path]:
    """Files of one class that look like images by their suffix, sorted. Others are added to `skipped`.

    Raises:
        BadFolder: as `list_folder`.
    """
    files = [path for path in list_folder(folder, root).values() if not path.is_dir()]
    skipped += [shown(path.relative_to(root)) for path in files if path.suffix.lower() not in SUFFIXES]
    return [path for path in files if path.suffix.lower() in SUFFIXES]


def _leaves(path: Path, root: Path) -> bool:
    try:
        resolved(path, root)
    except Malformed:
        return True
    return False


def _leaving(paths: Sequence[Path], root: Path) -> BadFolder:
    names = some([str(path.relative_to(root)) for path in paths])
    return BadFolder(names, LEAVES, "Copy the files into the folder")


def _is_link(path: Path) -> bool:
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except OSError:
        return False


def require_images(folders: Sequence[str], counts: Sequence[int], least: int, which: str) -> None:
    """Every class needs enough images.

    Args:
        counts: how many each class has.

    Raises:
        BadFolder: naming the classes that have too few, and how many each has.
    """
    few = [f"{name} has {count}" for name, count in zip(folders, counts, strict=True) if count < least]
    if few:
        kinds = ", ".join(suffix.lstrip(".") for suffix in SUFFIXES)
        needed = f"every class needs at least {least} {which} image{'s' if least > 1 else ''} ({kinds})"
        raise BadFolder(some(few), " ".join(needed.split()), "Add images, or remove the class")


def require_same_classes(train: Sequence[str], test: Sequence[str]) -> None:
    """Train and test have the same classes.

    Raises:
        BadFolder: naming the classes that are in one of them only.
    """
    for here, there, ours, theirs in (("train", "test", train, test), ("test", "train", test, train)):
        alone = [name for name in ours if name not in set(theirs)]
        if alone:
            problem = f"in {here!r} but not in {there!r}; both must have the same classes"
            raise BadFolder(some(alone), problem, f"Add it to {there!r}, or remove it from {here!r}")


def clean_names(folders: Sequence[str], what: str = "Class folder", remedy: str = _RENAME) -> tuple[str, ...]:
    """Class names as shown: underscores are spaces, accents composed, no spare spaces.

    Args:
        what, remedy: what bears a name, and what to do about a bad one, for messages.

    Raises:
        BadFolder: markup, path separators, control characters, an empty or very long name, or two names that differ
            only in upper and lower case.
    """
    bad = [folder for folder in folders if not _is_plain(folder)]
    if bad:
        raise BadFolder(f"{what} {some([repr(name) for name in bad])}", _NAME_RULE, remedy)
    names = tuple(" ".join(unicodedata.normalize("NFC", folder).replace("_", " ").split()) for folder in folders)
    alike = defaultdict(list)
    for folder, name in zip(folders, names, strict=True):
        alike[name.casefold()].append(folder)
    same = [" and ".join(group) for group in alike.values() if len(group) > 1]
    if same:
        plural = f"{what}es" if what.endswith("s") else f"{what}s"
        raise BadFolder(f"{plural} {some(same)}", "two classes must differ in more than case or spacing", remedy)
    return names


def _is_plain(name: str) -> bool:
    if not 0 < len(name) <= _MAX_NAME or not any(c.isalnum() for c in name):
        return False
    return all(c in _PUNCTUATION or unicodedata.category(c)[0] in "LNM" for c in name)


def bad_images(root: Path, problems: Sequence[BadImage]) -> BadImage:
    """One error for all files that cannot be used."""
    where = shown(root) + os.sep
    reasons = sorted((p.given.removeprefix(where), p.allowed.removesuffix(f"; {RULE}")) for p in problems)
    listed = [f"{name}: {reason}" for name, reason in reasons[:_SHOWN]]
    more = [f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    count = "1 file" if len(problems) == 1 else f"{len(problems)} files"
    what = "; ".join([*listed, *more, RULE])
    return BadImage(f"{count} in {shown(root)}", what, "Replace or remove what is listed, then open the folder again")
