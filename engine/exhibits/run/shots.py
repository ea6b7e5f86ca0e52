"""The watched pictures themselves, small, without torch: rows of the run's data, and what people brought."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image

from engine.data.streams import TRAIN, VAL
from engine.errors import PlumageError
from engine.exhibits.pictures import Draw
from engine.figures.heat import data_address
from engine.store.view import RunView

SIZE = 112
"""Pixels of a side."""
Opened = Callable[[], Draw]
"""Opens the run's data; raises `PlumageError` where they are gone."""


def shots(view: RunView, opened: Opened) -> Callable[[Sequence[str]], Mapping[str, str]]:
    """What draws probes by name (see `engine.records.watched`); one whose picture is gone is left out."""

    def drawn(refs: Sequence[str]) -> dict[str, str]:
        pinned = {pin.what: pin.data for pin in view.watch_list.pins if pin.data}
        found = {ref: own(pinned[ref]) for ref in refs if ref in pinned}
        rows = [ref for ref in refs if ref.startswith(f"{VAL}:")]
        if rows:
            found |= _of_data(rows, opened)
        return found

    return drawn


def own(data: bytes) -> str:
    """A person's picture as a small data address."""
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.LANCZOS)
    return data_address(np.asarray(small))


def _of_data(refs: Sequence[str], opened: Opened) -> dict[str, str]:
    """Pictures of the training split; none at all where the data are gone, as the film is worth seeing without."""
    try:
        draw = opened()
    except PlumageError:
        return {}
    found = {}
    for ref in refs:
        try:
            found[ref] = draw(TRAIN, [int(ref.partition(":")[2])])[0]
        except (PlumageError, ValueError, IndexError):
            continue
    return found
