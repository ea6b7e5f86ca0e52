"""The published birds of CUB-200-2011, with what each picture shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, SOURCES, OnProgress, Source
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset


@SOURCES.register
@dataclass(frozen=True)
class CubSource(Source):
    """CUB-200-2011 as published."""

    scheme: ClassVar[str] = "cub"
    kind: ClassVar[str] = "CUB-200"
    place: ClassVar[str] = "path"
    thing: ClassVar[str] = "the CUB folder"
    tells_truth: ClassVar[bool] = True

    path: str = param(
        "", high=MAX_PATH, group=GROUP, help="The folder CUB_200_2011, with images.txt and attributes/ in it."
    )
    least_certainty: int = param(
        3,
        low=1,
        high=4,
        group=GROUP,
        help="How sure somebody was of an attribute at least, for it to count: 1 not visible, 2 guessing, 3 probably, "
        "4 definitely.",
    )
    gaps: str = param(
        "class",
        choices=("class", "unknown"),
        group=GROUP,
        help="What an attribute is that nobody was sure enough of in some pictures: there as in most training pictures "
        "of the class, or a concept whose truth is unknown.",
    )

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Every list and every picture is looked at."""
        from engine.data.cub import cub_images
        from engine.data.labelled import open_labelled
        from engine.paths import given

        images = cub_images(given(self.path, "run: path ="), self.least_certainty)
        return open_labelled(images, gaps=self.gaps, progress=progress)
