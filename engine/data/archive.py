"""An archive of an image folder: unpacked once, then opened as any folder is."""

from __future__ import annotations

from pathlib import Path

from engine.data.folder import open_folder
from engine.data.images import shown
from engine.data.listed import ListedImages, OnProgress
from engine.data.splits import TEST
from engine.data.streams import TRAIN
from engine.data.unpacked import called, unpacked


def open_archive(
    path: Path, kind: str, *, seed: int, test_fraction: float, progress: OnProgress | None = None
) -> ListedImages:
    """Open a zip or tar of an image folder; a folder around all of it does not matter.

    Args:
        kind: as `engine.data.unpacked.unpacked` takes it.
        seed, test_fraction: see `open_folder`.
        progress: called with (files done, files), while they are unpacked and then while they are looked at.

    Raises:
        BadParameter, BadInput, StoreError: it cannot be unpacked; see `unpacked`.
        BadFolder, BadImage: what is in it cannot be used; see `open_folder`.
    """
    root = _innermost(unpacked([path], kind, progress))
    with called(root, shown(path.name)):
        return open_folder(root, seed=seed, test_fraction=test_fraction, name=shown(path.name), progress=progress)


def _innermost(folder: Path) -> Path:
    """Where the classes are: many archives hold one folder that holds everything."""
    inside = [*folder.iterdir()]
    while len(inside) == 1 and inside[0].is_dir() and inside[0].name not in (TRAIN, TEST):
        folder = inside[0]
        inside = [*folder.iterdir()]
    return folder
