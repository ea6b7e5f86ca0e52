"""Pictures that are there more than once: as the same file, with the same pixels, or nearly the same by embedding.

Equal pictures are one group. Of each of those the first is compared with all others by embedding. Backbones differ in
how far apart they put pictures, so near is measured by the median distance of a picture to its nearest neighbour;
whatever is near another is of its group, so a row of neighbours is one. What stands in training and in test lets a
model be asked what it was told; what stands under two names has at least one wrong label.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Hashable, Sequence
from typing import TypeVar

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from engine.array_types import Floats, Ints
from engine.data.repeated import PixelDigests
from engine.health.found import Group, Kind
from engine.health.pictures import Pictures
from engine.steps import Step

Key = TypeVar("Key", bound=Hashable)
_BLOCK = 1024
"""Rows compared with all others at a time; bounds memory at this many times N numbers."""
_ASKED = 4096
"""Pictures from which the usual distance is estimated at most."""


def duplicates(
    pictures: Pictures, features: Tensor, near: float, digests: PixelDigests
) -> Generator[Step, None, tuple[Group, ...]]:
    """Find all groups; those that cross splits or classes come first, then the larger ones.

    Args:
        features: [N, D], unit length, in the order of the pictures.
        near: largest distance of pictures that are nearly the same, as a share of that median.
        digests: as `engine.data.repeated.pixel_digests`, or a memory of it.

    Raises:
        BadImage: a file has changed or is damaged.
    """
    content = [file.sha256 for file in pictures.files] or [str(i) for i in range(len(pictures))]
    same = _pixels(pictures, digests) if pictures.files else content
    equal = _by_key(same)
    alike = yield from _near(features, near, np.array([members[0] for members in equal.values()]))
    found = [_group(members, pictures, _equality(members, content), 0.0) for members in equal.values() if members[1:]]
    found += [_group(members, pictures, "near", distance) for members, distance in alike]
    return tuple(sorted(found, key=lambda g: (-g.crosses_classes, -g.crosses_splits, -len(g.members), g.members)))


def _pixels(pictures: Pictures, digests: PixelDigests) -> list[bytes | str]:
    """Equal for pictures that show the same: only those are decoded whose size another of other bytes has, too."""
    shapes: dict[tuple[int, int], set[str]] = defaultdict(set)
    for file in pictures.files:
        shapes[file.sides].add(file.sha256)
    asked = {file.sha256: file for file in pictures.files if len(shapes[file.sides]) > 1}
    pixels = dict(zip(asked, digests(list(asked.values())), strict=True))
    return [pixels.get(file.sha256, file.sha256) for file in pictures.files]


def _near(features: Tensor, near: float, firsts: Ints) -> Generator[Step, None, list[tuple[tuple[int, ...], float]]]:
    """Groups among these pictures, each with the largest distance of two that are linked."""
    chosen = features[torch.from_numpy(firsts)]
    usual = yield from _usual(chosen)
    first, second, distance = yield from _close(chosen, near * usual)
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(firsts), len(firsts)))
    _, group = connected_components(links, directed=False)
    most = np.zeros(len(firsts))
    np.maximum.at(most, group[first], distance)
    by_group = _by_key(group.tolist()).items()
    return [(tuple(firsts[list(m)].tolist()), float(most[name]) / usual) for name, m in by_group if m[1:]]


def _usual(features: Tensor) -> Generator[Step, None, float]:
    """The median distance of a picture to its nearest neighbour; of very many pictures as some thousand have it."""
    asked = torch.linspace(0, len(features) - 1, min(len(features), _ASKED)).long()
    found = []
    for start in range(0, len(asked), _BLOCK):
        yield Step(start, len(asked), "measuring distances")
        rows = asked[start : start + _BLOCK]
        cosine = features[rows] @ features.T  # [b, N]
        cosine[torch.arange(len(rows)), rows] = -1.0
        found.append(_distance(cosine.amax(1)))
    return float(torch.cat(found).median()) if found else 0.0


def _close(features: Tensor, limit: float) -> Generator[Step, None, tuple[Ints, Ints, Floats]]:
    """Pairs (smaller, larger) nearer than a limit, and their distances."""
    parts = []
    for start in range(0, len(features), _BLOCK):
        yield Step(start, len(features), "comparing pictures")
        cosine = features[start : start + _BLOCK] @ features[start:].T  # [b, N - start]; before is done
        rows, columns = torch.nonzero((cosine > 1.0 - limit**2 / 2.0).triu(1), as_tuple=True)
        parts.append((rows + start, columns + start, _distance(cosine[rows, columns])))
    first, second, distance = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
    return first, second, distance


def _distance(cosine: Tensor) -> Tensor:
    """Between vectors of unit length."""
    return (2.0 - 2.0 * cosine).clamp(min=0.0).sqrt()


def _by_key(keys: Sequence[Key]) -> dict[Key, tuple[int, ...]]:
    """Places of each key, ascending."""
    found: dict[Key, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        found[key].append(index)
    return {key: tuple(members) for key, members in found.items()}


def _equality(members: Sequence[int], content: Sequence[str]) -> Kind:
    return "bytes" if len({content[i] for i in members}) == 1 else "pixels"


def _group(members: tuple[int, ...], pictures: Pictures, kind: Kind, distance: float) -> Group:
    splits, labels = (set(values[list(members)].tolist()) for values in (pictures.which, pictures.labels))
    return Group(kind, members, distance, len(splits) > 1, len(labels) > 1)
