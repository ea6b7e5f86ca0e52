"""Of all answers, how many come past the concepts, and what the model is worth without that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.past_concepts import SIDE, share_bars
from engine.figures.tables import Table, cell
from engine.metrics.wording import percent

ANALYSIS = "past_concepts"
NONE = "this model answers from its concepts alone, or what it adds is made of concepts too"
"""Why there is nothing to show of most models."""

SHARE = kind(
    "past-concepts-share",
    "concepts",
    Lesson(
        what="Four shares of the test pictures: those whose answer owes more than half of its lead to what the model "
        "adds beside its concepts, those that would get another answer without it, and those that are right with it "
        "and without it.",
        why="A model can be accurate and show concepts, and still take its answers from elsewhere. Then explaining or "
        "correcting its concepts does little.",
        reading="Hatched bars should be short. If “right without it” is near “right”, the concepts carry the model; if "
        "it is far below, they are an ornament.",
        caveats="Concepts were fitted with this help in mind or before it, depending on the method, so a model trained "
        "without it could be better than this one is when it is taken away.",
    ),
    ("past_concepts_share", "past_concepts"),
)


def exhibit(result: Mapping[str, npt.NDArray[Any]], split: str) -> Exhibit:
    """The four shares on a split.

    Args:
        result: of the analysis `past_concepts`.
    """
    at = result["split"].tolist().index(split)
    images = int(result["images"][at])
    decides, changes = (int(result[name][at]) for name in ("decides", "changes"))
    return Exhibit(
        SHARE,
        f"{percent(decides / images)} of the answers come mostly past the concepts; {percent(changes / images)} would "
        "be others without that",
        f"{SPLITS.get(split, split)}, {images} pictures",
        share_bars(
            [
                ("Most of the lead comes past the concepts", decides / images, f"pl-{SIDE}"),
                ("Another answer without it", changes / images, f"pl-{SIDE}"),
                ("Right", float(result["right"][at]), ""),
                ("Right without it", float(result["without"][at]), ""),
            ]
        ),
        lambda: _table(result),
    )


def _table(result: Mapping[str, npt.NDArray[Any]]) -> Table:
    return {
        "test images": [SPLITS.get(split, split) for split in result["split"].tolist()],
        "pictures": result["images"].tolist(),
        "mostly past the concepts": result["decides"].tolist(),
        "another answer without it": result["changes"].tolist(),
        "right": [cell(value) for value in result["right"]],
        "right without it": [cell(value) for value in result["without"]],
    }
