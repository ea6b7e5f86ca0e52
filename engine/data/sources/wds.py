"""Shards of webdataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset


@SOURCES.register
@dataclass(frozen=True)
class WdsSource(Source):
    """Shards of webdataset."""

    scheme: ClassVar[str] = "wds"
    kind: ClassVar[str] = "Shards"
    place: ClassVar[str] = "path"
    thing: ClassVar[str] = "a shard folder"

    path: str = param(
        "", high=MAX_PATH, group=GROUP, help="A folder of shards (train/*.tar and test/*.tar, or *.tar), or one shard."
    )
    label_field: str = param(
        "label", high=200, group=GROUP, help="The field of a sample's .json with its class, where it has no .cls."
    )
    test_share: float = kept_for_tests()
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where no shard says."
    )

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Unpacked into the cache the first time; every sample is looked at."""
        from engine.data.labelled import open_labelled
        from engine.data.shards import shard_images
        from engine.data.unpacked import called
        from engine.paths import given

        images = shard_images(given(self.path, "run: path ="), self.label_field, progress)
        with called(images.root, images.name):
            return open_labelled(images, seed=self.world_seed, test_share=self.test_share, progress=progress)
