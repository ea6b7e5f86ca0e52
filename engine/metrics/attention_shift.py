"""How far an attention map moved between a clean image and an attacked one: five numbers for two maps of the same aim.

Yu et al. (TGA-ZSR, NeurIPS 2024) observe that an attack moves text-guided attention and show it in pictures; here the
movement is measured. All functions work over leading dimensions: [..., g, g] in, [...] out. A map with a NaN gives NaN;
a map that is the same everywhere is defined: nothing on it stands out, and its weight lies in the middle.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Bools, Floats

NAMES = ("l1", "l2", "cosine", "iou", "displacement")
"""The measures, in the order of `shifts`."""

GUIDES = ("text", "row")
"""What a map of the true class is guided by: the embedding of its name, or what the model has learnt for it."""

GROWS = np.array([True, True, False, False, True])
"""Whether a larger number means a larger shift, for each of `NAMES`; cosine and IoU are 1 where nothing moved."""

TOP = 0.2
"""Share of the patches that counts as what is looked at."""

FLAT = 1e-12
"""A map whose values differ by no more than this is the same everywhere."""


def shifts(clean: Floats, attacked: Floats) -> Floats:
    """The five measures of `NAMES`, float64 [..., 5].

    l1, l2: mean absolute and root mean square difference of the two min-max normalised maps, 0..1.
    cosine: of the raw maps, each less its mean, -1..1. Centred, because CLIP gives every patch and text a common part
        that says nothing of where; so it is the correlation over patches. Two flat maps: 1; one flat map: 0.
    iou: overlap of the patches in the top 20 % of each map (see `top`), 0..1.
    displacement: how far the centre of mass of the min-max normalised map moved, in patches, 0..(g - 1) sqrt 2.

    Args:
        clean, attacked: [..., g, g], as a map gives them, not normalised.

    Raises:
        ValueError: the shapes differ or are no square maps.
    """
    if clean.shape != attacked.shape or clean.ndim < 2 or clean.shape[-1] != clean.shape[-2]:
        raise ValueError(f"two maps [..., g, g] of one shape are needed, not {clean.shape} and {attacked.shape}")
    before, after = normalised(clean), normalised(attacked)
    difference = np.abs(after - before)
    measures = (
        difference.mean((-2, -1)),
        np.sqrt((difference**2).mean((-2, -1))),
        cosine(clean, attacked),
        overlap(clean, attacked),
        np.linalg.norm(centre_of_mass(after) - centre_of_mass(before), axis=-1),
    )
    return np.stack(measures, -1)


def growing(values: Floats) -> Floats:
    """The same measures [..., 5], all turned so that larger means moved further: cosine and IoU are taken from 1."""
    return np.asarray(np.where(GROWS, values, 1 - np.asarray(values, np.float64)), np.float64)


def normalised(maps: Floats) -> Floats:
    """Each map [..., g, g] brought to 0..1 by its lowest and highest patch; a flat map is 0 everywhere."""
    maps = np.asarray(maps, np.float64)
    low = maps.min((-2, -1), keepdims=True)
    spread = maps.max((-2, -1), keepdims=True) - low
    flat = spread <= FLAT
    return np.where(flat, 0.0, (maps - low) / np.where(flat, 1, spread))


def centre_of_mass(weights: Floats) -> Floats:
    """Row and column, [..., 2], of the centre of weights [..., g, g] >= 0; the middle where there is no weight."""
    side = weights.shape[-1]
    places = np.arange(side, dtype=np.float64)
    total = weights.sum((-2, -1))
    some = np.where(total == 0, 1, total)
    sums = np.stack([(weights.sum(-1) * places).sum(-1), (weights.sum(-2) * places).sum(-1)], -1)
    return np.where((total == 0)[..., None], (side - 1) / 2, sums / some[..., None])


def cosine(clean: Floats, attacked: Floats) -> Floats:
    """Cosine of two maps, each less its mean over patches, [...]. See `shifts`."""
    first, second = _centred(clean), _centred(attacked)
    sizes = np.linalg.norm(first, axis=-1), np.linalg.norm(second, axis=-1)
    flat = [size <= FLAT for size in sizes]
    product = np.where(flat[0] | flat[1], 1, sizes[0] * sizes[1])
    return np.where(flat[0] & flat[1], 1.0, np.clip((first * second).sum(-1) / product, -1, 1))


def overlap(clean: Floats, attacked: Floats) -> Floats:
    """Intersection over union of the top patches of two maps, [...]."""
    first, second = top(clean), top(attacked)
    shared = (first & second).sum((-2, -1)) / (first | second).sum((-2, -1))
    unknown = np.isnan(clean).any((-2, -1)) | np.isnan(attacked).any((-2, -1))
    return np.where(unknown, np.nan, shared)


def top(maps: Floats) -> Bools:
    """Which patches [..., g, g] are in the top 20 % of their map: round(0.2 g²), halves up, at least one.

    Of 64 patches 13 are. Of patches that tie, those nearer the top left (row by row) come first.
    """
    cells = maps.shape[-1] * maps.shape[-2]
    count = max(1, int(np.floor(TOP * cells + 0.5)))
    flat = np.asarray(maps).reshape(*maps.shape[:-2], cells)
    chosen = np.zeros(flat.shape, np.bool_)
    np.put_along_axis(chosen, np.argsort(-flat, axis=-1, kind="stable")[..., :count], True, -1)
    return chosen.reshape(maps.shape)


def _centred(maps: Floats) -> Floats:
    flat = np.asarray(maps, np.float64).reshape(*maps.shape[:-2], maps.shape[-1] ** 2)  # [..., g*g]
    return np.asarray(flat - flat.mean(-1, keepdims=True), np.float64)
