"""What each concept looks like to the model: its strongest images, and where on them it is seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.errors import NotApplicable
from engine.methods.base import METHODS
from engine.records.answers import Returns
from engine.records.forms import flag, index, number
from engine.steps import Step

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

SPLIT = "test"
EACH = 4
"""Images of each concept."""
_BATCH = 32  # images in memory at a time
_CHUNK = 64  # concepts in memory at a time
NO_IMAGE = -1


@ANALYSES.register
@dataclass(frozen=True)
class Exemplars(Analysis):
    """Strongest images of every concept.

    For each of the K concepts after a task the four images of the ordinary test split (classes seen so far) with the
    highest score of its learned row, and both heat maps on them, g x g patches (see `engine.explain.maps`).

    Result:
        rows, scores: rows of the split, strongest first, -1 and NaN where there are fewer images.
        text_maps, row_maps: text-guided and row-guided; g = 0 where the backbone keeps no patch tokens.
        hits, known: whether the concept is true of the image, and whether anybody knows.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "rows": index("images", "K", EACH, none=True),
            "scores": number("K", EACH, nan=True, dtype="f4"),
            "text_maps": number("K", EACH, "g", "g", dtype="f2"),
            "row_maps": number("K", EACH, "g", "g", dtype="f2"),
            "hits": flag("K", EACH),
            "known": flag("K"),
        },
        free={"g": (0, 512)},
    )

    def why_not(self, lab: Lab) -> str | None:
        """Needs rows that are concepts."""
        if METHODS.get(lab.config.method).learns_concepts:
            return None
        return "its method learns no concepts: the rows of its model are classes"

    def run(self, lab: Lab, task: int) -> Answering:
        """Choose by the cached features, then look only at the images that were chosen."""
        snapshot = lab.snapshot(task)
        sample = lab.sample(SPLIT, task)
        places, scores = strongest(sample.features, snapshot.bottleneck, EACH)  # [K, 4] into the sample
        rows = np.where(places >= 0, sample.rows[places], NO_IMAGE)
        true, known = lab.truth(SPLIT, sample.rows, snapshot.bank)
        hits = np.take_along_axis(true.T, np.maximum(places, 0), axis=1) & (places >= 0)
        wanted = np.unique(rows[rows >= 0])
        yield Step(0, len(wanted), "finding the strongest images")
        try:
            side = lab.grid
        except NotApplicable:
            side = 0
        maps = np.zeros((2, *rows.shape, side, side), np.float16)
        for start in range(0, len(wanted) if side else 0, _BATCH):
            batch = wanted[start : start + _BATCH]
            patches = lab.patches(lab.pixels(SPLIT, batch), task)  # [B, P, D]
            for k, place, found in _maps(patches, batch, rows, snapshot):
                maps[:, k, place] = found
            yield Step(start + len(batch), len(wanted), "drawing heat maps")
        return {
            "rows": rows,
            "scores": scores,
            "text_maps": maps[0],
            "row_maps": maps[1],
            "hits": hits,
            "known": known,
        }


def strongest(features: Tensor, rows: Tensor, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Places [K, each] of the images with the highest scores, strongest first, and those scores; -1 and NaN behind
    the last image. Of equal scores the first image counts.

    Args:
        features: [N, D].
        rows: [K, D].
    """
    found = np.full((len(rows), each), NO_IMAGE, np.int64)
    scores = np.full((len(rows), each), np.nan, np.float32)
    count = min(each, len(features))
    for start in range(0, len(rows), _CHUNK):
        part = (rows[start : start + _CHUNK] @ features.T).numpy()  # [k, N]
        order = np.argsort(-part, axis=1, kind="stable")[:, :count]
        found[start : start + len(part), :count] = order
        scores[start : start + len(part), :count] = np.take_along_axis(part, order, axis=1)
    return found, scores


def _maps(
    patches: Tensor, batch: np.ndarray, rows: np.ndarray, snapshot: Snapshot
) -> Iterator[tuple[int, int, np.ndarray]]:
    """(concept, place, both maps [2, g, g]) for every image of the batch that some concept chose."""
    import torch

    from engine.explain.maps import concept_maps

    side = math.isqrt(patches.shape[1])
    for image, row in enumerate(batch):
        concepts, places = np.nonzero(rows == row)
        chosen = torch.from_numpy(concepts)
        both = torch.cat([snapshot.bank.embeddings[chosen], snapshot.bottleneck[chosen]])  # [2n, D]
        maps = concept_maps(patches[image : image + 1], both)[0].numpy().reshape(2, len(concepts), side, side)
        for i, (k, place) in enumerate(zip(concepts, places, strict=True)):
            yield int(k), int(place), maps[:, i]
