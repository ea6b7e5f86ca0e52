"""All test images on one sheet, small: what the map shows under the pointer without asking the server."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PIL import Image

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.embedding_map import badly_thinned, thinned
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import Form, index, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.session.lab import Lab

_BLOCK = 50
"""Images drawn between two reports."""
_QUALITY = 72
_HEAD = 8  # bytes before those that a WebP file counts in its head


@ANALYSES.register
@dataclass(frozen=True)
class Thumbnails(Analysis):
    """Small pictures of the images.

    Result: `rows` of the split, and the `sheet`, a WebP file with picture i in row i // columns, column i % columns.
    """

    returns: ClassVar[Returns] = Returns(
        {"rows": index("images", "N"), "sheet": Form("u1", ("bytes",)), "columns": whole(low=1)}
    )

    split: str = param("test", high=40, help="Which images.")
    side: int = param(64, low=16, high=128, unit="pixels", help="Side of one picture.")
    seed: int = param(1993, low=0, high=2**31 - 1, help="Which images are drawn of many; as for the map.")

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """A whole WebP file with a square of pictures, of the images that the map shows."""
        sheet, count = arrays["sheet"].tobytes(), len(arrays["rows"])
        if (sheet[:4], sheet[8:12]) != (b"RIFF", b"WEBP") or int.from_bytes(sheet[4:8], "little") + _HEAD != len(sheet):
            yield "sheet: it is no WebP file, or has another length than it says"
        if int(arrays["columns"]) != math.ceil(math.sqrt(count)):
            yield f"columns: {count} pictures are laid out in a square"
        if "seen" in sizes:
            yield from badly_thinned(arrays, "rows", sizes["seen"])

    def run(self, lab: Lab, task: int) -> Answering:
        """Draw the images of tasks 0 to `task` that the map shows."""
        rows = thinned(lab.sample(self.split, task), self.seed).rows
        columns = math.ceil(math.sqrt(len(rows)))
        images = lab.dataset.splits[self.split]
        sheet = np.zeros((math.ceil(len(rows) / columns) * self.side, columns * self.side, 3), np.uint8)
        for start in range(0, len(rows), _BLOCK):
            yield Step(start, len(rows), "drawing small pictures")
            for number, picture in enumerate(images.images(rows[start : start + _BLOCK], self.side), start):
                y, x = (self.side * at for at in divmod(number, columns))
                sheet[y : y + self.side, x : x + self.side] = picture
        file = io.BytesIO()
        Image.fromarray(sheet).save(file, "WEBP", quality=_QUALITY, method=2)
        packed = np.frombuffer(file.getvalue(), np.uint8)
        return {"rows": rows, "sheet": packed, "columns": np.asarray(columns)}
