"""Flat pictures of the embedding space: the plane of most variance, and texts brought to where the images are.

CLIP keeps images and texts in two narrow cones apart from each other (Liang et al. 2022, "Mind the gap"), so a text put
into a map of images as it is would land outside. `beside` takes that difference of means out and keeps the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints

Array = Floats


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane through the mean of some points.

    Attributes:
        mean: [D].
        axes: [2, D], orthonormal; the first has the larger variance. Zero where the points have no second direction.
        explained: [2], share of the variance along each axis, 0..1.
    """

    mean: Floats
    axes: Floats
    explained: Floats

    def place(self, points: Array) -> Floats:
        """Coordinates [n, 2] of points [n, D] on the plane."""
        found: Floats = (np.asarray(points, np.float64) - self.mean) @ self.axes.T
        return found


def principal_plane(points: Array) -> Plane:
    """The plane of most variance (PCA; Pearson 1901) of points [N, D], N >= 1.

    The sign of an axis is free; it is chosen so that the axis's largest entry is positive.
    """
    wide = np.asarray(points, np.float64)
    mean = wide.mean(0)
    centred = wide - mean
    values, vectors = np.linalg.eigh(centred.T @ centred)  # ascending; [D], [D, D] in columns
    count = min(2, len(values))
    axes, explained = np.zeros((2, len(mean))), np.zeros(2)
    axes[:count] = vectors[:, ::-1][:, :count].T
    explained[:count] = np.maximum(values[::-1][:count], 0) / max(float(values.sum()), np.finfo(float).tiny)
    largest = axes[np.arange(2), np.abs(axes).argmax(1)]
    return Plane(mean, axes * np.where(largest < 0, -1.0, 1.0)[:, None], explained)


def beside(texts: Array, images: Array) -> Floats:
    """Texts [K, D] moved so that their mean is the images' mean, then unit length again."""
    moved = np.asarray(texts, np.float64)
    if len(moved):
        moved = moved - moved.mean(0) + np.asarray(images, np.float64).mean(0)
    found: Floats = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), np.finfo(float).tiny)
    return found


def nearest(features: Array, index: int, count: int) -> tuple[Ints, Floats]:
    """The `count` points most alike to one of the unit-length features [N, D]: (indices, cosines), the nearest first.

    The point itself is left out.
    """
    cosines = np.asarray(features @ features[index], np.float64)
    cosines[index] = -np.inf
    order = np.argsort(-cosines, kind="stable")[: min(count, len(cosines) - 1)]
    return order.astype(np.int64), cosines[order]


def own_neighbour(features: Array, labels: Ints, block: int = 1000) -> float:
    """Share of points, 0..1, whose nearest other point (by cosine) has the same label; NaN for fewer than two.

    A number about the space itself, not about any map of it (leave-one-out 1-NN; Cover & Hart 1967).

    Args:
        features: unit length [N, D].
        labels: [N].
    """
    if len(features) < 2:
        return float("nan")
    hits = 0
    for start in range(0, len(features), block):
        part = features[start : start + block] @ features.T  # [b, N]
        part[np.arange(len(part)), start + np.arange(len(part))] = -np.inf
        hits += int((labels[part.argmax(1)] == labels[start : start + block]).sum())
    return hits / len(features)
