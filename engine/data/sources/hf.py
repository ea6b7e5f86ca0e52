"""Datasets of the Hugging Face hub, or a folder of their parquet files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.errors import BadParameter
from engine.params import param
from engine.paths import given

if TYPE_CHECKING:
    from engine.data.dataset import Dataset

_COLUMN = 200  # characters of a column's name


@SOURCES.register
@dataclass(frozen=True)
class HubSource(Source):
    """A dataset of the Hugging Face hub."""

    scheme: ClassVar[str] = "hf"
    kind: ClassVar[str] = "Hugging Face"
    place: ClassVar[str] = "repository"
    thing: ClassVar[str] = "a dataset of the hub"

    repository: str = param(
        "", high=MAX_PATH, group=GROUP, help="The dataset as ORG/NAME, or a folder of its parquet files."
    )
    subset: str = param(
        "", high=_COLUMN, group=GROUP, help="The folder in it that its files are in, where there are several kinds."
    )
    revision: str = param(
        "main",
        high=_COLUMN,
        group=GROUP,
        help="Branch, tag or commit; refs/convert/parquet has what the hub converted.",
    )
    image_column: str = param("", high=_COLUMN, group=GROUP, help="The column of images, where there are several.")
    label_column: str = param(
        "",
        high=_COLUMN,
        group=GROUP,
        help="The column of classes, where there are several or none is declared as such.",
    )
    download: bool = param(False, group=GROUP, help="Fetch what is not there; otherwise nothing leaves this machine.")
    test_share: float = kept_for_tests()
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where no file says."
    )

    @classmethod
    def absolute(cls, place: str) -> str:
        """A repository's name as it is; a folder as a worker needs it."""
        from engine.data.hub_files import is_folder

        return str(given(place, "run: repository =")) if is_folder(place) else place

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Fetched and written into the cache the first time; every picture is looked at."""
        from engine.data.hub_files import REPOSITORY, folder_files, is_folder, parquet_files
        from engine.data.hub_sets import HubColumns, hub_images
        from engine.data.images import shown
        from engine.data.labelled import open_labelled
        from engine.data.unpacked import called

        if is_folder(self.repository):
            folder = given(self.repository, "run: repository =")
            name, files = shown(folder.name), folder_files(folder, self.subset)
        elif REPOSITORY.fullmatch(self.repository):
            name = self.repository
            files = parquet_files(name, self.revision, self.subset, self.download, progress)
        else:
            allowed = "a dataset of the hub is ORG/NAME, and a folder begins with /, ~ or a dot"
            raise BadParameter(f"run: repository = {self.repository!r}", allowed, "Give one of these", self.place)
        images = hub_images(name, files, HubColumns(self.image_column, self.label_column), progress)
        with called(images.root, images.name):
            return open_labelled(images, seed=self.world_seed, test_share=self.test_share, progress=progress)
