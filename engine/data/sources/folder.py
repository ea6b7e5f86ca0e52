"""A folder of one's own images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset


@SOURCES.register
@dataclass(frozen=True)
class FolderSource(Source):
    """A folder of your own images."""

    scheme: ClassVar[str] = "dir"
    kind: ClassVar[str] = "A folder"
    place: ClassVar[str] = "path"
    thing: ClassVar[str] = "an image folder"

    path: str = param(
        "", high=MAX_PATH, group=GROUP, help="The image folder: one sub-folder a class, or train/ and test/ of those."
    )
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where the folder does not say."
    )
    test_share: float = kept_for_tests()

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Every file is looked at."""
        from engine.data.folder import open_folder
        from engine.paths import given

        path = given(self.path, "run: path =")
        return open_folder(path, seed=self.world_seed, test_fraction=self.test_share, progress=progress)
