"""Train and test as lists call them, and who is kept for tests where a list does not say."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from engine.array_types import Bools, Ints
from engine.data.streams import TRAIN

TEST = "test"
MIN_TRAIN, MIN_TEST = 2, 1
"""Images that every class needs."""
_CALLED: Mapping[str, str] = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("val", "valid", "validation"), TRAIN),  # a run takes its own validation images out of these
    **dict.fromkeys(("test", "testing"), TEST),
}


def split_of(word: str) -> str | None:
    """The split that a list means by a word, or None."""
    return _CALLED.get(word.strip().lower())


def class_digests(
    names: Sequence[str], content: Mapping[str, Sequence[str]], labels: Mapping[str, Ints], made: str
) -> dict[str, str]:
    """By class name, a hex digest of its images and the splits they are in, whatever their order.

    Args:
        content: by split, a digest of each image, [N].
        labels: by split, the class index of each image, [N].
        made: how images are prepared.
    """
    found: list[list[tuple[str, str]]] = [[] for _ in names]
    for split, digests in content.items():
        for digest, c in zip(digests, labels[split].tolist(), strict=True):
            found[c].append((digest, split))
    parts = (repr((made, sorted(rows))) for rows in found)
    return {name: hashlib.sha256(part.encode()).hexdigest() for name, part in zip(names, parts, strict=True)}


def tests_of(names: Sequence[str], labels: Ints, seed: int, share: float) -> Bools:
    """Which images are kept for tests, [N]: a share of each class, by lots drawn from their names.

    So others that come or go change little. Every class keeps enough to learn from, if it has enough.

    Args:
        names: of the images, [N].
        labels: class index of each, [N].
    """
    lots = np.array(
        [hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "surrogateescape")).hexdigest() for name in names]
    )
    tests = np.zeros(len(labels), np.bool_)
    for c in np.unique(labels):
        own = np.flatnonzero(labels == c)
        count = min(max(MIN_TEST, round(share * len(own))), len(own) - MIN_TRAIN)
        tests[own[np.argsort(lots[own], kind="stable")[: max(count, 0)]]] = True
    return tests
