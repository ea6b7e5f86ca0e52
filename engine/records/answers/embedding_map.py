"""Answer of `embedding_map`: where the images of a split, thinned out to N, lie on a map, and the concepts."""

from collections.abc import Iterator

import numpy as np

from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.forms import index, number, share, whole

MOST = 4000
"""More images than this are thinned out at random. Up to 4,096 umap-learn finds exact neighbours."""


def thinned(arrays: Arrays, name: str, seen: int) -> Iterator[str]:
    """A complaint if `rows` does not hold what `seen` images are thinned out to, each once."""
    if len(np.unique(arrays["rows"])) != len(arrays["rows"]):
        yield "rows: an image is there twice"
    if len(arrays["rows"]) != min(seen, MOST):
        yield f"{name}: of {seen} images {min(seen, MOST)} are on the map, not {len(arrays['rows'])}"


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    yield from thinned(arrays, "images", int(arrays["images"]))


RETURNS = Returns(
    {
        "rows": index("images", "N"),
        "positions": index("C", "N"),
        "place": number("N", 2, dtype="f4"),
        "concepts": number("K", 2, dtype="f4"),
        "explained": share(2),
        "images": whole(low=1, high="seen"),
    },
    rules=_rules,
)
