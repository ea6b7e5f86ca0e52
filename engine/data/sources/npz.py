"""Embeddings in an `.npz` file, in place of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset


@SOURCES.register
@dataclass(frozen=True)
class NpzSource(Source):
    """Your own embeddings."""

    scheme: ClassVar[str] = "npz"
    kind: ClassVar[str] = "Vectors"
    endings: ClassVar[tuple[str, ...]] = (".npz",)
    place: ClassVar[str] = "path"
    thing: ClassVar[str] = "an .npz file"
    gives_vectors: ClassVar[bool] = True

    path: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="An .npz file with the arrays images [N, D] and labels [N]; class_names, class_embeddings, concepts, "
        "concept_embeddings and others may stand beside them.",
    )
    test_share: float = kept_for_tests()
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where no array says."
    )

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Every row is looked at."""
        from engine.data.array_files import read_npz
        from engine.data.images import shown
        from engine.data.vector_arrays import Arrays
        from engine.data.vector_data import vector_data
        from engine.paths import given

        path = given(self.path, "run: path =")
        found = Arrays(shown(path.name), read_npz(path, "run: path ="))
        return vector_data(found, seed=self.world_seed, test_share=self.test_share)
