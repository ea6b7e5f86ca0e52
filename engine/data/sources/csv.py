"""A table of images: a path and a label a line, and perhaps what is for tests and what is true of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset

_COLUMN = 200  # characters of a column's name


@SOURCES.register
@dataclass(frozen=True)
class CsvSource(Source):
    """A table of your own images."""

    scheme: ClassVar[str] = "csv"
    kind: ClassVar[str] = "A table"
    place: ClassVar[str] = "path"
    thing: ClassVar[str] = "a table"

    path: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="The table, a CSV file in UTF-8 with a header; values are parted by commas, semicolons or tabs.",
    )
    root: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="The folder that the images' paths count from and may not leave; empty: the table's own.",
    )
    path_column: str = param("path", high=_COLUMN, group=GROUP, help="The column with the images' paths.")
    label_column: str = param("label", high=_COLUMN, group=GROUP, help="The column with their classes.")
    split_column: str = param(
        "split",
        high=_COLUMN,
        group=GROUP,
        help="The column that says train or test; val is joined to train, out of which a run takes its own. Without "
        "such a column a share is kept for tests.",
    )
    attributes: str = param(
        "*",
        high=100_000,
        group=GROUP,
        help="Columns of 1, 0 or nothing that say what is true of each image, separated by commas; *: all others.",
    )
    gaps: str = param(
        "unknown",
        choices=("unknown", "class"),
        group=GROUP,
        help="What an attribute with gaps is: a concept whose truth is unknown, or each gap as most training images "
        "of its class.",
    )
    test_share: float = kept_for_tests()
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where no column says."
    )

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Every line and every file is looked at."""
        from engine.data.labelled import open_labelled
        from engine.data.table_images import Columns, images_of
        from engine.paths import given

        columns = Columns(self.path_column, self.label_column, self.split_column, self.attributes)
        images = images_of(given(self.path, "run: path ="), self.root, columns)
        return open_labelled(
            images, seed=self.world_seed, test_share=self.test_share, gaps=self.gaps, progress=progress
        )
