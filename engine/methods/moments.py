"""Sums over the images of each class: what closed forms are made of. What was added can be taken away again.

Registers nothing. Everything is float64, because it is summed over all tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.errors import NotApplicable
from engine.model.packing import packed, unpacked

if TYPE_CHECKING:
    from engine.methods.base import Unlearnt
    from engine.model.drift import Drift

CHUNK = 1024
"""Images that are looked at together, where each takes much memory."""
FLAT = 1e-10
"""Mean squared distance of unit-length images from their class's mean below which they do not differ: what float32
leaves of equal images is some 1e-14."""
_COUNTS, _SUMS, _SQUARES = "counts", "sums", "squares"


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, sum and squares of the images of C classes.

    Attributes:
        counts: int64 [C], images of each class.
        sums: float64 [C, D], their sums.
        squares: float64 [D, D], sum of x x' over the images of all classes; [0, 0] where nobody needs it.
    """

    counts: Tensor
    sums: Tensor
    squares: Tensor

    @staticmethod
    def of(features: Tensor, labels: Tensor, classes: int, squares: bool = True) -> Moments:
        """Those of images [N, D], of which `labels` [N] says the class, 0 to `classes` - 1."""
        width = features.shape[1]
        exact = features.double()
        sums = torch.zeros(classes, width, dtype=torch.float64).index_add_(0, labels, exact)
        pooled = exact.T @ exact if squares else torch.zeros(0, 0, dtype=torch.float64)
        return Moments(torch.bincount(labels, minlength=classes), sums, pooled)

    def plus(self, other: Moments) -> Moments:
        """Of both together, where the other knows these classes and more."""
        more = len(other.counts) - len(self.counts)
        counts = torch.cat([self.counts, self.counts.new_zeros(more)])
        sums = torch.cat([self.sums, self.sums.new_zeros(more, self.sums.shape[1])])
        return Moments(counts + other.counts, sums + other.sums, self.squares + other.squares)

    def less(self, taken: Moments, whole: tuple[int, ...]) -> Moments:
        """What is left without some images, and without the classes that go entirely.

        Args:
            taken: of the images that go, among the same classes.
            whole: classes that go entirely.

        Raises:
            NotApplicable: not the images of one class go as said, so that what is left is of no model.
        """
        left = self.counts - taken.counts
        for place, count in enumerate(left.tolist()):
            if (count != 0) if place in whole else (count < 1):
                problem = f"of {int(self.counts[place])} images of class {place} {int(taken.counts[place])} would go"
                remedy = "Name the images it learnt from, and a class of which none is left as a whole"
                raise NotApplicable("what is to be unlearnt", problem, remedy)
        kept = kept_places(len(left), whole)
        return Moments(left[kept], (self.sums - taken.sums)[kept], self.squares - taken.squares)

    def follow(self, drift: Drift) -> Moments:
        """Where the backbone has changed: x becomes A x + d, A how the drift turns differences, d of each class such
        that its mean lies where the drift puts it. Exact where the drift is linear.
        """
        turned = drift.turned(self.sums)  # [C, D]
        offsets = drift.points(self.means) - turned / self.counts[:, None]  # [C, D]
        moved = offsets * self.counts[:, None]
        if not len(self.squares):
            return Moments(self.counts, turned + moved, self.squares)
        mixed = turned.T @ offsets
        squares = drift.turned(drift.turned(self.squares).mT) + mixed + mixed.T + offsets.T @ moved
        return Moments(self.counts, turned + moved, (squares + squares.T) / 2)

    @property
    def means(self) -> Tensor:
        """Of each class, float64 [C, D]."""
        return self.sums / self.counts[:, None]

    @property
    def images(self) -> int:
        """How many images there are in all."""
        return int(self.counts.sum())

    @property
    def scatter(self) -> Tensor:
        """Sum over all images of (x - mean of its class)(x - mean of its class)', [D, D]."""
        return self.squares - self.sums.T @ self.means

    @property
    def mean(self) -> Tensor:
        """Of all images, [D]."""
        return self.sums.sum(0) / self.images

    @property
    def covariance(self) -> Tensor:
        """Of all images around their mean, [D, D]."""
        return self.squares / self.images - torch.outer(self.mean, self.mean)

    @property
    def flat(self) -> bool:
        """Whether no image differs from the mean of its class, so that the scatter is rounding."""
        return float(self.scatter.trace()) <= FLAT * self.images

    def named(self) -> dict[str, Tensor]:
        """As a model remembers them, the squares as a triangle."""
        squares = {_SQUARES: packed(self.squares)} if len(self.squares) else {}
        return {_COUNTS: self.counts, _SUMS: self.sums, **squares}


def remembered(memory: Mapping[str, Tensor]) -> Moments:
    """The moments that a model remembers.

    Raises:
        NotApplicable: it remembers none.
    """
    if not {_COUNTS, _SUMS} <= set(memory):
        raise NotApplicable(
            "what the model remembers", "it keeps no sums over its images: an older Plumage learnt it", "Train it again"
        )
    squares = unpacked(memory[_SQUARES]) if _SQUARES in memory else torch.zeros(0, 0, dtype=torch.float64)
    return Moments(memory[_COUNTS], memory[_SUMS], squares)


def followed(memory: Mapping[str, Tensor], drift: Drift) -> dict[str, Tensor]:
    """A memory whose moments are carried along where the backbone has changed; what else it holds stays.

    Raises:
        NotApplicable: it holds none.
    """
    return {**memory, **remembered(memory).follow(drift).named()}


def taken(gone: Unlearnt, classes: int, squares: bool = True) -> Moments:
    """The moments of images that go."""
    return Moments.of(gone.features, gone.labels, classes, squares)


def kept_places(classes: int, whole: tuple[int, ...]) -> list[int]:
    """Positions of the classes that stay."""
    return [place for place in range(classes) if place not in whole]
