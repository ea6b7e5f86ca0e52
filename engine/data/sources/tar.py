"""A tar of an image folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset


@SOURCES.register
@dataclass(frozen=True)
class TarSource(Source):
    """A tar of your own images."""

    scheme: ClassVar[str] = "tar"
    kind: ClassVar[str] = "A zip or tar"
    endings: ClassVar[tuple[str, ...]] = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
    place: ClassVar[str] = "path"
    thing: ClassVar[str] = "a tar"

    path: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="The tar, or tar.gz, tar.bz2, tar.xz: in it one folder a class, or train/ and test/ of those.",
    )
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where the tar does not say."
    )
    test_share: float = kept_for_tests()

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Unpacked into the cache the first time; every file is looked at."""
        from engine.data.archive import open_archive
        from engine.data.unpacked import TAR
        from engine.paths import given

        path = given(self.path, "run: path =")
        return open_archive(path, TAR, seed=self.world_seed, test_fraction=self.test_share, progress=progress)
