"""How embeddings move when the backbone changes, told from images that both backbones saw.

What is kept of an old class (its mean, its covariance, sums over its images) is of the backbone of its time, and its
images are gone. So the movement is estimated on the new task's images, and applied to what is kept. It is a guess: the
new images lie elsewhere, and what they do not show is taken to stay.

Lengths: embeddings have unit length, and their means, which `engine.model.statistics` keeps as they are, are shorter.
Nothing is cut to unit length here but single embeddings (`Drift.images`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.snapshot import ClassStatistics

BANDWIDTH = 0.3
"""Standard deviation of the kernel of `translation`, as in Yu et al.'s released code; embeddings have unit length."""
RIDGES = tuple(10.0**exponent for exponent in range(-4, 4))
"""Strengths of the ridge that `linear` chooses among."""


class Drift(ABC):
    """A movement of embedding space. Everything is float64."""

    @abstractmethod
    def points(self, where: Tensor) -> Tensor:
        """Where points [N, D] lie afterwards, [N, D]."""

    @abstractmethod
    def turned(self, spread: Tensor) -> Tensor:
        """Differences [..., D] of two images of a class, afterwards."""

    def images(self, features: Tensor) -> Tensor:
        """Single embeddings [N, D] of unit length, afterwards: of unit length and float32."""
        return F.normalize(self.points(features.double()), dim=1).float()

    def statistics(self, classes: ClassStatistics) -> ClassStatistics:
        """Means and covariances of classes, afterwards; names stay, because text towers are frozen."""
        means = self.points(classes.means.double()).float()
        kept = classes.covariances
        return ClassStatistics(means, kept.turned(self.turned) if kept.kept else kept, classes.texts)


@dataclass(frozen=True, slots=True)
class TranslationDrift(Drift):
    """Every point moves as images near it moved, and what lies around it moves along.

    Yu et al., "Semantic Drift Compensation for Class-Incremental Learning", CVPR 2020, equations 7 and 8: the movement
    of a class mean m is sum_i w_i d_i / sum_i w_i with w_i = exp(-|z_i - m|^2 / (2 s^2)), z_i an image of the new task
    before and d_i its movement. They say nothing of covariances, which stay.

    Attributes:
        before: float64 [N, D], embeddings of images by the backbone before.
        moved: float64 [N, D], by how much each moved.
        bandwidth: s, above 0.
    """

    before: Tensor
    moved: Tensor
    bandwidth: float = BANDWIDTH

    def points(self, where: Tensor) -> Tensor:
        """See `Drift`."""
        distances = torch.cdist(where, self.before, compute_mode="donot_use_mm_for_euclid_dist").square()  # [M, N]
        # Shares of the weights, not the weights: far from all images these are 0, and the nearest still counts.
        return where + torch.softmax(-distances / (2 * self.bandwidth**2), dim=1) @ self.moved

    def turned(self, spread: Tensor) -> Tensor:
        """See `Drift`."""
        return spread


@dataclass(frozen=True, slots=True)
class LinearDrift(Drift):
    """Every point x moves to A x.

    Attributes:
        matrix: A, float64 [D, D].
    """

    matrix: Tensor

    def points(self, where: Tensor) -> Tensor:
        """See `Drift`."""
        return where @ self.matrix.T

    def turned(self, spread: Tensor) -> Tensor:
        """See `Drift`."""
        return spread @ self.matrix.T


def translation(before: Tensor, after: Tensor, val_before: Tensor, val_after: Tensor) -> TranslationDrift:
    """The movement near each image; validation images have no say, because nothing is chosen.

    Args:
        before, after: [N, D], the same images by both backbones.
    """
    return TranslationDrift(before.double(), after.double() - before.double())


def linear(before: Tensor, after: Tensor, val_before: Tensor, val_after: Tensor) -> LinearDrift:
    """The linear map from one backbone's embeddings to the other's, by a ridge regression towards staying in place.

    Gomez-Villa et al., "Exemplar-free Continual Representation Learning via Learnable Drift Compensation", ECCV 2024,
    learn a projector p from the old to the new features of the new task's images, by gradient descent, and map old
    class means by it (P_t = p(P_t-1)). Here p is linear and solved: with X the embeddings before and Y those after,
    A' = I + (X'X + r I)^-1 X'(Y - X), so that directions in which no image lies stay as they are. The ridge r is that
    of `RIDGES` which puts validation images nearest to where they are. Covariances follow from it: A S A'.

    Args:
        before, after: [N, D], the new task's training images by both backbones.
        val_before, val_after: [M, D], its validation images; with none the strongest ridge is taken.
    """
    old, new = before.double(), after.double()
    products, wanted = old.T @ old, old.T @ (new - old)
    identity = torch.eye(old.shape[1], dtype=old.dtype)
    maps = [LinearDrift(identity + torch.linalg.solve(products + ridge * identity, wanted).T) for ridge in RIDGES[::-1]]

    def error(one: LinearDrift) -> float:
        return float((one.points(val_before.double()) - val_after.double()).square().sum())

    return min(maps, key=error)  # of equal ones the first, which is the most careful
