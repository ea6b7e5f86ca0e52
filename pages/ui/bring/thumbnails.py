"""Small pictures of data that are being looked at, drawn in a thread of the server: no page waits for them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import numpy as np

from engine.data.dataset import Dataset
from engine.errors import PlumageError
from engine.figures.heat import data_address

SIZE = 128
"""Pixels of a side."""
_KEPT = 2000
"""Small pictures that are remembered, a few kilobytes each."""
NONE = ""
"""In place of a picture that cannot be drawn any more: its file has changed or is gone."""
Place = tuple[str, int]
"""Split and row."""


class KeptThumbnails:
    """Small pictures, remembered by content. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._drawn: OrderedDict[str, Future[str]] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, "thumbnails")

    def of(self, data: Dataset, places: Sequence[Place], patience: float) -> list[str | None]:
        """Their addresses, `NONE` for what cannot be drawn, None for what is not drawn yet and will be.

        Args:
            patience: seconds to wait for them at most.
        """
        with self._lock:
            found = [self._asked(data, place) for place in places]
            while len(self._drawn) > max(_KEPT, len(places)):
                self._drawn.popitem(last=False)
        wait(found, patience)
        return [future.result() if future.done() else None for future in found]

    def _asked(self, data: Dataset, place: Place) -> Future[str]:
        key = data.splits[place[0]].picture_digest(place[1])
        if key not in self._drawn:
            self._drawn[key] = self._pool.submit(_drawn, data, place)
        self._drawn.move_to_end(key)
        return self._drawn[key]


def _drawn(data: Dataset, place: Place) -> str:
    split, row = place
    try:
        return data_address(data.splits[split].images(np.array([row]), SIZE)[0])
    except PlumageError:
        return NONE
