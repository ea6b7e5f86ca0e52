"""All test images on one sheet, small: what the map shows under the pointer without asking the server."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.embedding_map import thinned
from engine.params import param
from engine.session.lab import Lab
from engine.steps import Step

_BLOCK = 50
"""Images drawn between two reports."""
_QUALITY = 72


@ANALYSES.register
@dataclass(frozen=True)
class Thumbnails(Analysis):
    """Small pictures of the images."""

    split: str = param("test", high=40, help="Which images.")
    side: int = param(64, low=16, high=128, unit="pixels", help="Side of one picture.")
    seed: int = param(1993, low=0, high=2**31 - 1, help="Which images are drawn of many; as for the map.")

    def run(self, lab: Lab, task: int) -> Answering:
        """Draw the images of tasks 0 to `task` that the map shows.

        Returns:
            rows int64 [N], of the split; sheet uint8 [bytes], a WebP file with picture i in row i // columns, column
            i % columns; columns int64 [].
        """
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
