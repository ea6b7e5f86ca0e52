"""Whether the map of a true concept points at what it is about: the pointing game of `engine.metrics.pointing`."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Bools, Floats, Ints
from engine.data.regions import Located
from engine.params import param
from engine.records.answers import Returns
from engine.records.forms import share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from torch import Tensor

    from engine.session.lab import Lab

ALL = "all"
"""The group of all concepts together."""
GUIDES = ("text", "row")
"""What a map looks for: the concept's own text, or the row of the bottleneck that the run learnt for it."""
CONTROLS = ("text_wrong", "row_wrong", "centre", "random")
_BATCH = 50


@ANALYSES.register
@dataclass(frozen=True)
class Pointing(Analysis):
    """Whether maps point at what concepts are about.

    Over test images, and concepts that are true of them and whose place on them is known. On the Aviary places are the
    outlines of parts that cover over 2 % of the image; on CUB discs around the published points of a part (PCK, alpha
    0.1 of the bird's box), or the box for concepts about the whole bird. Discs are small: hold hits against `random`.

    Result:
        group: what concepts are about, `all` first.
        pairs: images and concepts looked at, by group.
        hits: share of maps whose highest point lies there, by guide (`text`, `row`) and group.
        controls: the same of the maps of a wrong value of the attribute by `text` and by `row`, of the middle of the
            image, and of a point anywhere; NaN where the bank has no wrong value.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "group": text("groups"),
            "pairs": whole("groups"),
            "hits": share(len(GUIDES), "groups"),
            "controls": share(len(CONTROLS), "groups", nan=True),
        },
        free={"groups": (1, 1000)},
    )

    images: int = param(400, low=1, high=100_000, unit="images", help="Test images looked at, spread over the split.")

    def why_not(self, lab: Lab) -> str | None:
        """Needs places, concepts with truth, and a backbone that keeps patches."""
        split = lab.dataset.splits["test"]
        if not isinstance(split, Located) or not split.located:
            return "nobody marked on its pictures where things are: the Aviary has outlines, and CUB points and boxes"
        if split.truth is None:
            return "nobody knows which concepts are true of its pictures"
        return None if lab.embedder.backbone.has_patches else "its backbone keeps no patch tokens to make maps of"

    def run(self, lab: Lab, task: int) -> Answering:
        """Play it."""
        rows = lab.sample("test", task).rows
        found = yield from played(lab, task, rows[:: max(1, len(rows) // self.images)])
        groups = [ALL, *sorted(group for group in found.pairs if group != ALL)]
        table = {name: np.array([found.share(name, group) for group in groups]) for name in (*GUIDES, *CONTROLS)}
        return {
            "group": np.array(groups, np.str_),
            "pairs": np.array([found.pairs.get(group, 0) for group in groups], np.int64),
            "hits": np.nan_to_num(np.stack([table[name] for name in GUIDES])),
            "controls": np.stack([table[name] for name in CONTROLS]),
        }


@dataclass(slots=True)
class PointingHits:
    """What was hit so far.

    Attributes:
        pairs: how many pairs of image and concept there were, by group.
        found: by name and group, how many were asked and what of them hit.
    """

    pairs: dict[str, int] = field(default_factory=dict)
    found: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)

    def add(self, name: str, group: str, hits: Bools | Floats) -> None:
        """Note some hits, 0..1 each."""
        for each in (group, ALL):
            count, sum_ = self.found.get((name, each), (0, 0.0))
            self.found[name, each] = count + len(hits), sum_ + float(hits.sum())
            if name == GUIDES[0]:
                self.pairs[each] = self.pairs.get(each, 0) + len(hits)

    def share(self, name: str, group: str) -> float:
        """Of hits; NaN where nothing was asked."""
        count, hits = self.found.get((name, group), (0, 0.0))
        return hits / count if count else float("nan")


def played(lab: Lab, task: int, rows: Ints) -> Generator[Step, None, PointingHits]:
    """The pointing game on some test images, for every concept of the bank after a task."""
    from engine.explain.maps import concept_maps
    from engine.metrics.pointing import LARGE

    snapshot, split = lab.snapshot(task), lab.dataset.splits["test"]
    assert isinstance(split, Located)  # see why_not
    truth, known = lab.truth("test", rows, snapshot.bank)
    groups = [concept.group for concept in snapshot.bank.concepts]
    asked = [int(k) for k in np.flatnonzero(known) if groups[k] in split.located]
    directions = dict(zip(GUIDES, (snapshot.bank.embeddings, snapshot.bottleneck), strict=True))
    found, least = PointingHits(), LARGE if split.outlined else 0.0
    for start in range(0, len(rows), _BATCH):
        part = slice(start, start + _BATCH)
        yield Step(start, len(rows), "looking where maps point")
        masks = split.where(rows[part], lab.image_size)
        patches = lab.patches(lab.pixels("test", rows[part]))
        for guide, rowed in directions.items():
            maps = concept_maps(patches, rowed)  # [B, K, g, g]
            for k in asked:
                mask = masks[groups[k]]
                at = np.flatnonzero(truth[part, k] & (mask.mean((1, 2)) > least))
                if len(at):
                    _ask(found, guide, k, groups, maps, mask, at, truth[part])
    return found


def _ask(
    found: PointingHits, guide: str, k: int, groups: list[str], maps: Tensor, mask: Bools, at: Ints, truth: Bools
) -> None:
    """One concept on the images of a batch where it is true and can be seen."""
    from engine.metrics.pointing import centre_hits, pointing_hits, random_hits, wrong_value

    found.add(guide, groups[k], pointing_hits(maps[at, k], mask[at]))
    wrong = [(i, w) for i in at.tolist() if (w := wrong_value(k, groups, truth[i])) is not None]
    if wrong:
        images, others = (list(each) for each in zip(*wrong, strict=True))
        found.add(f"{guide}_wrong", groups[k], pointing_hits(maps[images, others], mask[images]))
    if guide == GUIDES[0]:  # once for both
        found.add("centre", groups[k], centre_hits(mask[at]))
        found.add("random", groups[k], random_hits(mask[at]))
