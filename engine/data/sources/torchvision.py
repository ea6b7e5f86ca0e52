"""Public datasets by name, as torchvision reads them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.data.torchvision_sets import SETS
from engine.errors import BadParameter
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset

NAMES = tuple(SETS)
_ROOT = "datasets"


@SOURCES.register
@dataclass(frozen=True)
class TorchvisionSource(Source):
    """A public dataset by name."""

    scheme: ClassVar[str] = "torchvision"
    place: ClassVar[str] = "collection"

    collection: str = param("", high=40, group=GROUP, help=f"Which one: {', '.join(NAMES)}.")
    root: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="The folder that torchvision keeps datasets in; a relative one, and the usual one datasets, is in "
        "PLUMAGE_HOME.",
    )
    download: bool = param(False, group=GROUP, help="Fetch what is not there; otherwise nothing leaves this machine.")
    test_share: float = kept_for_tests()
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where the set has no split."
    )

    def __post_init__(self) -> None:
        if self.collection not in NAMES:
            raise BadParameter(
                f"run: collection = {self.collection!r}", f"known are {', '.join(NAMES)}", "Choose one", self.place
            )
        super().__post_init__()

    @classmethod
    def absolute(cls, place: str) -> str:
        """A name, as it is."""
        return place

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """torchvision reads the lists; every picture is looked at."""
        from engine.data.labelled import open_labelled
        from engine.data.torchvision_sets import public_images
        from engine.home import home
        from engine.paths import given

        root = given(home() / os.path.expanduser(self.root or _ROOT), "run: root =")
        images = public_images(self.collection, root, self.download)
        return open_labelled(images, seed=self.world_seed, test_share=self.test_share, progress=progress)
