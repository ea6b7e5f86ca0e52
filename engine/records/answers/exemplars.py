"""Answer of `exemplars`: of every concept its strongest images and where on them it is seen; g patches a side."""

from engine.records.answers.base import Returns
from engine.records.forms import flag, index, number

EACH = 4
"""Images of each concept."""

RETURNS = Returns(
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
