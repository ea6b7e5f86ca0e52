"""Public datasets by name, as torchvision reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, Offered, OnProgress, Source, kept_for_tests
from engine.data.torchvision_sets import SETS
from engine.errors import BadParameter, PlumageError
from engine.home import home
from engine.params import param
from engine.paths import given

if TYPE_CHECKING:
    from engine.data.dataset import Dataset

NAMES = tuple(SETS)
_ROOT = "datasets"


@SOURCES.register
@dataclass(frozen=True)
class TorchvisionSource(Source):
    """A public dataset by name."""

    scheme: ClassVar[str] = "torchvision"
    kind: ClassVar[str] = "A public dataset"
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
    def offered(cls, values: Mapping[str, Any]) -> Offered:
        """Every public dataset, and whether its folder is where torchvision looks."""
        try:
            root = _root(str(values.get("root") or ""))
            return Offered({name: (root / known.folder).is_dir() for name, known in SETS.items()}, str(root))
        except (PlumageError, OSError):  # its field says what is wrong with the folder
            return Offered(dict.fromkeys(SETS, False), "")

    @classmethod
    def absolute(cls, place: str) -> str:
        """A name, as it is."""
        return place

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """torchvision reads the lists; every picture is looked at."""
        from engine.data.labelled import open_labelled
        from engine.data.torchvision_sets import public_images

        images = public_images(self.collection, _root(self.root), self.download)
        return open_labelled(images, seed=self.world_seed, test_share=self.test_share, progress=progress)


def _root(given_root: str) -> Path:
    return given(home() / os.path.expanduser(given_root or _ROOT), "run: root =")
