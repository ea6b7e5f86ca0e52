"""How many of a run's test images it also learns from: counted as it starts, kept with it, and said in one wording."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.array_types import Floats
from engine.backbone.cache import FeatureCache, content_key
from engine.data.dataset import Dataset, RepeatedImages
from engine.data.images import ImageFile
from engine.data.repeated import DIGEST_BYTES, pixel_digests
from engine.store.view import RunView

_FOLDER = "pixels"  # under the cache
_BYTES = 2**28
_KEY = content_key("pixels", "upright RGB")


def count(dataset: Dataset, cache: Path) -> RepeatedImages:
    """Count them.

    Raises:
        BadImage: a file of the dataset has changed or is damaged.
        StoreError: the cache cannot be written.
    """
    return dataset.repeated(lambda files: remembered(files, cache))


def remembered(files: Sequence[ImageFile], cache: Path) -> list[bytes]:
    """Digests of files' pixels (`engine.data.repeated.pixel_digests`), remembered in the cache by content.

    Raises:
        BadImage: a file has changed or is damaged.
        StoreError: the cache cannot be written.
    """
    kept = FeatureCache(cache / _FOLDER, _BYTES)
    by_name = {file.sha256: file for file in files}

    def compute(names: Sequence[str]) -> Floats:  # bytes as float32 rows, which is what the cache keeps
        found = b"".join(pixel_digests([by_name[name] for name in names]))
        return np.frombuffer(found, np.uint8).reshape(-1, DIGEST_BYTES).astype(np.float32)

    rows = kept.texts(_KEY, [file.sha256 for file in files], DIGEST_BYTES, compute)
    return [row.astype(np.uint8).tobytes() for row in rows]


def told(view: RunView) -> str:
    """What a run's test images have in common with its training images, in a sentence."""
    found, total = view.repeated, int(view.test_sizes().sum())
    if found is None:
        return "Whether test images stand among the training images was not counted."
    both = found.same_bytes + found.same_pixels
    if not both:
        return "No test image stands among the training images."
    stand = "stands" if both == 1 else "stand"
    return (
        f"{both} of {total} test images {stand} among the training images too ({found.same_bytes} as the same file, "
        f"{found.same_pixels} with the same pixels): on these, being right may be memory."
    )
