"""Embeddings that a run's data bring along, where a backbone would make them."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from engine.array_types import Floats
from engine.backbone.presets import GIVEN, BackboneIdentity
from engine.data.dataset import Dataset
from engine.data.vectors import GivenVectors
from engine.training.embedder import Embedder, Wanted
from engine.training.prefetch import ImagesAhead

_SIDE = 224
"""Pixels of small pictures for people, where the data have any."""


class GivenEmbedder(Embedder):
    """The embeddings as they are given. Whatever needs the backbone behind them raises `NotApplicable`."""

    def __init__(self, dataset: Dataset, vectors: GivenVectors) -> None:
        self._spec, self._expected, self._vectors = GIVEN, None, vectors
        self._identity = BackboneIdentity(GIVEN, vectors.digest, _SIDE, vectors.width)
        self.ahead = ImagesAhead(dataset, _SIDE, 0)

    def plan(self, wanted: Wanted) -> None:
        """Nothing is drawn."""

    def images(self, wanted: Wanted) -> Generator[tuple[int, int], None, dict[str, Tensor]]:
        """The given embeddings; yields (done, total) once and returns float32 [n, D] for every split."""
        total = sum(len(rows) for rows in wanted.values())
        yield total, total
        return {split: torch.from_numpy(self._vectors.images[split][rows]) for split, rows in wanted.items()}

    def texts(self, texts: Sequence[str]) -> Floats:
        """The given embeddings of texts, float32 [K, D].

        Raises:
            NotApplicable: a text has none.
        """
        return self._vectors.of(texts)

    def unknown_words(self, texts: Sequence[str]) -> frozenset[str]:
        """The texts, whole, that have no embedding."""
        return self._vectors.unknown(texts)
