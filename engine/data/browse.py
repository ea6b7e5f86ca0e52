"""What is in a folder of this machine, for somebody who looks for their pictures: its sub-folders, and how many
pictures are in each. Nothing is opened, links are not followed, and there is an end to the looking."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.data.folder_checks import some
from engine.data.images import SUFFIXES, shown
from engine.errors import BadFolder
from engine.paths import is_text

MOST_FOLDERS = 200
"""Sub-folders that are listed."""
_DEPTH = 3
"""Levels below a sub-folder in which its pictures are counted: `photos/train/class/*` is found from above `photos`."""
_BUDGET = 40_000
"""Entries that are looked at for one list."""


@dataclass(frozen=True, slots=True)
class SubFolder:
    """A folder in a folder.

    Attributes:
        name: its name.
        path: where it is.
        pictures: how many files in and below it look like pictures by their names.
        whole: whether all of them were counted.
    """

    name: str
    path: Path
    pictures: int
    whole: bool


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder as it is shown.

    Attributes:
        path: where it is, without links in its path.
        above: the folder that it is in, or None at the top.
        folders: those in it, by name, at most `MOST_FOLDERS`; hidden ones and links are left out.
        more: how many others there are.
        links: how many links are in it, which are not followed.
        pictures: files directly in it that look like pictures.
        closed: names of folders in it that may not be read.
    """

    path: Path
    above: Path | None
    folders: tuple[SubFolder, ...]
    more: int
    links: int
    pictures: int
    closed: str


def look_into(folder: Path) -> FolderView:
    """List a folder.

    Raises:
        BadFolder: it is missing, none, or may not be read.
    """
    path = Path(os.path.realpath(folder))
    try:
        with os.scandir(path) as entries:
            inside = [entry for entry in entries if not entry.name.startswith(".") and is_text(entry.name)]
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        remedy = "Go up, or choose a folder that you may read"
        raise BadFolder(f"the folder {shown(path)}", f"it cannot be looked into ({reason})", remedy) from error
    folders = sorted((e for e in inside if e.is_dir(follow_symlinks=False)), key=lambda entry: entry.name.casefold())
    counter, closed = _Counter(), list[str]()
    found = []
    for entry in folders[:MOST_FOLDERS]:
        try:
            pictures, whole = counter.below(entry.path)
        except OSError:
            closed.append(entry.name)
        else:
            found.append(SubFolder(entry.name, Path(entry.path), pictures, whole))
    return FolderView(
        path,
        path.parent if path.parent != path else None,
        tuple(found),
        max(0, len(folders) - MOST_FOLDERS),
        sum(entry.is_symlink() for entry in inside),
        sum(map(_is_picture, inside)),
        some(closed) if closed else "",
    )


class _Counter:
    """Counts pictures until its budget is spent."""

    def __init__(self) -> None:
        self._left = _BUDGET

    def below(self, folder: str) -> tuple[int, bool]:
        """Pictures in and below a folder, and whether all were counted; raises OSError where it may not be read."""
        os.scandir(folder).close()
        count = sum(map(_is_picture, self._walked(folder, _DEPTH)))
        return count, self._left > 0

    def _walked(self, folder: str, depth: int) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self._left -= 1
                    if self._left <= 0:
                        return
                    if not entry.is_dir(follow_symlinks=False):
                        yield entry
                    elif depth > 1 and not entry.name.startswith("."):
                        yield from self._walked(entry.path, depth - 1)
        except OSError:  # one below that may not be read: opening the data says so
            return


def _is_picture(entry: os.DirEntry[str]) -> bool:
    return os.path.splitext(entry.name)[1].lower() in SUFFIXES and not entry.is_dir(follow_symlinks=False)
