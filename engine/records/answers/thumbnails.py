"""Answer of `thumbnails`: N small pictures on one sheet, a WebP file of B bytes with so many columns."""

import math
from collections.abc import Iterator

from engine.records.answers.base import Arrays, Returns, Settings, Sizes
from engine.records.answers.embedding_map import thinned
from engine.records.forms import Form, index, whole

_HEAD = 8  # bytes before those that a WebP file counts in its head


def _rules(arrays: Arrays, settings: Settings, sizes: Sizes) -> Iterator[str]:
    sheet, count = arrays["sheet"].tobytes(), len(arrays["rows"])
    if (sheet[:4], sheet[8:12]) != (b"RIFF", b"WEBP") or int.from_bytes(sheet[4:8], "little") + _HEAD != len(sheet):
        yield "sheet: it is no WebP file, or has another length than it says"
    if int(arrays["columns"]) != math.ceil(math.sqrt(count)):
        yield f"columns: {count} pictures are laid out in a square"
    if "seen" in sizes:
        yield from thinned(arrays, "rows", sizes["seen"])


RETURNS = Returns(
    {"rows": index("images", "N"), "sheet": Form("u1", ("bytes",)), "columns": whole(low=1)}, rules=_rules
)
