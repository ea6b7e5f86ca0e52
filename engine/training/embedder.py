"""Images and texts as embeddings, through the feature cache; the backbone is loaded only if something is missing."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.array_types import Floats, Ints
from engine.backbone.cache import FeatureCache, content_key
from engine.backbone.clip import Backbone, load_backbone
from engine.backbone.pixels import embed_pixels, made
from engine.backbone.presets import BackboneIdentity, identify, vocabulary_of
from engine.backbone.words import unknown_words
from engine.data.cuts import WholeRows
from engine.data.dataset import Dataset, Images
from engine.device import device
from engine.training.prefetch import Block, ImagesAhead, blocks

CACHE_BYTES = 8 * 2**30
"""Size the feature cache keeps within."""
_FEATURES = "features"  # folder under the cache, so that only the feature cache's files count and are evicted
_WHITE = 255.0

Wanted = Mapping[str, Ints]
"""Ascending rows by split."""


class Embedder:
    """Unit-length embeddings of one dataset's images, and of texts, by one backbone.

    Args:
        spec: the backbone (see `engine.backbone.presets`).
        dataset: where the images come from.
        cache: the cache's folder.
        helpers: processes that draw images ahead; see `ImagesAhead`.
        ahead: those of another embedder of the same images, to be shared.

    Raises:
        MissingWeights, BadParameter: the backbone cannot be had.
    """

    def __init__(
        self,
        spec: str,
        dataset: Dataset,
        cache: Path,
        helpers: int | None = None,
        ahead: ImagesAhead | None = None,
    ) -> None:
        self._spec, self._dataset = spec, dataset
        self._cache = FeatureCache(cache / _FEATURES, CACHE_BYTES)
        known = identify(spec)
        self._expected = known.digest if known else None
        self._identity = known or _identity_of(self.backbone)
        self.ahead = ahead or ImagesAhead(dataset, self._identity.image_size, helpers)

    @property
    def width(self) -> int:
        """Dimension D of the embeddings."""
        return self._identity.width

    @property
    def digest(self) -> str:
        """Hex digest of the backbone's weights and preprocessing."""
        return self._identity.digest

    @property
    def image_size(self) -> int:
        """Side S in pixels of the images the backbone takes."""
        return self._identity.image_size

    def plan(self, wanted: Wanted) -> None:
        """Say which images will be asked for soon, so that they can be drawn meanwhile."""
        self.ahead.plan(block for split, rows in wanted.items() for block in self._blocks(split, rows))

    def images(self, wanted: Wanted) -> Generator[tuple[int, int], None, dict[str, Tensor]]:
        """Embed images; yields (done, total) now and then and returns float32 [n, D] for every split."""
        total, done = sum(len(rows) for rows in wanted.values()), 0
        found: dict[str, Tensor] = {}
        for split, rows in wanted.items():
            whole = np.empty((len(rows), self.width), np.float32)  # filled in place: parts would take as much again
            at = 0
            for block in self._blocks(split, rows):
                whole[at : at + len(block.rows)] = self._block(block)
                at += len(block.rows)
                yield done + at, total
            done += at
            found[split] = torch.from_numpy(whole)
        return found

    def texts(self, texts: Sequence[str]) -> Floats:
        """Embed texts as float32 [K, D].

        Raises:
            BadInput: a text has words that the backbone was never trained on.
        """
        key = content_key("texts", self._identity.digest, *made())
        return self._cache.texts(key, texts, self.width, self._embed_texts)

    def unknown_words(self, texts: Sequence[str]) -> frozenset[str]:
        """Words in the texts that the backbone was never trained on."""
        return unknown_words(texts, self._vocabulary)

    @cached_property
    def _vocabulary(self) -> frozenset[str] | None:
        return vocabulary_of(self._spec)

    @cached_property
    def backbone(self) -> Backbone:
        """The backbone itself, loaded when first asked for."""
        with torch.inference_mode(False):  # who asks first may be in it, but others will need gradients
            backbone = load_backbone(self._spec, self._expected)
            backbone.model.to(device())
        return backbone

    def embed(self, images: Images) -> Floats:
        """Embed images of any origin, uint8 [n, S, S, 3], as [n, D], past the cache."""
        return embed_pixels(self.backbone, images)

    @torch.inference_mode()
    def patches(self, images: Images) -> Tensor:
        """Patch tokens in the joint space, [n, P, D] (see `Backbone.patches`).

        Raises:
            NotApplicable: the backbone keeps none.
        """
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).to(device(), torch.float32)  # [n, 3, S, S]
        return self.backbone.patches(pixels / _WHITE).cpu()

    def _blocks(self, split: str, rows: Ints) -> Iterator[Block]:
        return blocks(split, rows, self._dataset.splits[split].origin)

    def _block(self, block: Block) -> Floats:
        """Embeddings of some images; those of a part of a split are kept as the whole split's."""
        split = self._dataset.splits[block.split]
        own = np.array(block.rows, np.int64)
        origin = split.origin or WholeRows(split.digest, len(split.labels), np.arange(len(split.labels)))
        key = content_key("images", origin.digest, self._identity.digest, *made())

        def compute(rows: Ints) -> Floats:
            self.ahead.start()  # before the backbone, whose import takes seconds
            here = np.searchsorted(origin.rows, rows)
            return embed_pixels(self.backbone, self.ahead.get(Block(block.split, tuple(here.tolist()))))

        values = self._cache.features(key, origin.count, self.width, origin.rows[own], compute)
        self.ahead.forget(block)
        return values

    def _embed_texts(self, texts: Sequence[str]) -> Floats:
        return np.asarray(self.backbone.embed_texts(texts).cpu().numpy(), np.float32)


def _identity_of(backbone: Backbone) -> BackboneIdentity:
    return BackboneIdentity(backbone.spec, backbone.digest, backbone.image_size, backbone.width)
