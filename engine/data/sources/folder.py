"""A folder of one's own images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source
from engine.errors import BadParameter
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset


@SOURCES.register
@dataclass(frozen=True)
class FolderSource(Source):
    """A folder of your own images."""

    scheme: ClassVar[str] = "dir"
    place: ClassVar[str] = "path"

    path: str = param(
        "", high=MAX_PATH, group=GROUP, help="The image folder: one sub-folder a class, or train/ and test/ of those."
    )
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where the folder does not say."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.path:
            raise BadParameter("run: path = ''", "an image folder needs its path", "Say where the folder is", "path")

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Every file is looked at."""
        from engine.data.folder import open_folder
        from engine.paths import given

        return open_folder(given(self.path, "run: path ="), seed=self.world_seed, progress=progress)
