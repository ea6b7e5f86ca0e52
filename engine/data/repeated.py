"""Test images that stand among the training images too: what a model knows of them may be memory.

Equal bytes are known from the digests of the files. Equal pixels in other bytes (a picture saved again without loss, or
without its notes) are found by decoding those files whose size in pixels occurs on both sides.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from engine.data.dataset import RepeatedImages
from engine.data.images import ImageFile, decode_inspected

DIGEST_BYTES = hashlib.sha256().digest_size
PixelDigests = Callable[[Sequence[ImageFile]], Sequence[bytes]]


def repeated(train: Sequence[ImageFile], test: Sequence[ImageFile], digests: PixelDigests) -> RepeatedImages:
    """Count the images of `test` that are in `train`.

    Args:
        digests: as `pixel_digests`, or a memory of it.

    Raises:
        BadImage: a file has changed or is damaged.
    """
    known = {file.sha256 for file in train}
    others = [file for file in test if file.sha256 not in known]
    sides = {file.sides for file in train} & {file.sides for file in others}
    asked, among = ([file for file in files if file.sides in sides] for files in (others, train))
    pixels = digests([*asked, *among])
    seen = set(pixels[len(asked) :])
    return RepeatedImages(len(test) - len(others), sum(one in seen for one in pixels[: len(asked)]))


def pixel_digests(files: Sequence[ImageFile]) -> list[bytes]:
    """Digests of size and pixels of images, upright and RGB: equal for equal pixels, whatever the file's format.

    Raises:
        BadImage: a file has changed or is damaged.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # decoding holds no lock of Python's
        return list(pool.map(_pixel_digest, files))


def _pixel_digest(file: ImageFile) -> bytes:
    image = decode_inspected(file)
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).digest()
