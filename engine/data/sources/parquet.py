"""Embeddings in parquet files, as clip-retrieval writes them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.data.sources.base import GROUP, MAX_PATH, MAX_SEED, SOURCES, OnProgress, Source, kept_for_tests
from engine.params import param

if TYPE_CHECKING:
    from engine.data.dataset import Dataset

_COLUMN = 200  # characters of a column's name


@SOURCES.register
@dataclass(frozen=True)
class ParquetSource(Source):
    """Your own embeddings in parquet files."""

    scheme: ClassVar[str] = "parquet"
    kind: ClassVar[str] = "Vectors"
    endings: ClassVar[tuple[str, ...]] = (".parquet", "")
    place: ClassVar[str] = "path"
    thing: ClassVar[str] = "a parquet file or folder"
    gives_vectors: ClassVar[bool] = True

    path: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="A folder as python -m engine embed or clip-retrieval (img_emb/ and metadata/) writes it, or one .parquet "
        "file with a column of embeddings.",
    )
    texts: str = param(
        "",
        high=MAX_PATH,
        group=GROUP,
        help="An .npz file with class_names, class_embeddings, concepts and concept_embeddings; a relative path "
        "counts from the folder of the data. Empty: what python -m engine embed wrote beside its shards, or none.",
    )
    label_column: str = param("label", high=_COLUMN, group=GROUP, help="The column with the images' classes.")
    split_column: str = param(
        "split", high=_COLUMN, group=GROUP, help="The column that says train, val or test, if there is one."
    )
    embedding_column: str = param(
        "embedding", high=_COLUMN, group=GROUP, help="The column with the embeddings, where they are in one file."
    )
    name_column: str = param(
        "image_path", high=_COLUMN, group=GROUP, help="The column by which some are kept for tests, if there is one."
    )
    test_share: float = kept_for_tests()
    world_seed: int = param(
        1993, low=0, high=MAX_SEED, group=GROUP, help="Which images are kept for tests where no column says."
    )

    def open(self, progress: OnProgress | None = None) -> Dataset:
        """Every row is looked at."""
        from engine.data.array_files import read_npz
        from engine.data.embedded import TEXTS_FILE, is_embedded
        from engine.data.images import shown
        from engine.data.parquet import ParquetColumns, read_parquet
        from engine.data.vector_arrays import TEXTS, Arrays, refuse_others
        from engine.data.vector_data import vector_data
        from engine.paths import given

        path = given(self.path, "run: path =")
        columns = ParquetColumns(self.embedding_column, self.label_column, self.split_column, self.name_column)
        found = read_parquet(path, columns)
        if named := self.texts or (TEXTS_FILE if is_embedded(path) else ""):
            place = given((path if os.path.isdir(path) else path.parent) / named, "run: texts =")
            texts = read_npz(place, "run: texts =")
            refuse_others(shown(place.name), texts, TEXTS)
            found = {**found, **texts}
        return vector_data(Arrays(shown(path.name), found), seed=self.world_seed, test_share=self.test_share)
