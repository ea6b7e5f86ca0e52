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


class Thumbnails:
    """The small pictures of some data. May be used from several threads."""

    def __init__(self, data: Dataset) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._drawn: OrderedDict[Place, Future[str]] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, "thumbnails")

    def of(self, places: Sequence[Place], patience: float) -> list[str | None]:
        """Their addresses, `NONE` for what cannot be drawn, None for what is not drawn yet and will be.

        Args:
            patience: seconds to wait for them at most.
        """
        with self._lock:
            found = [self._drawn.setdefault(place, Future()) for place in places]
            for place, future in zip(places, found, strict=True):
                self._drawn.move_to_end(place)
                if not future.running() and not future.done() and future.set_running_or_notify_cancel():
                    self._pool.submit(self._draw, place, future)
            while len(self._drawn) > max(_KEPT, len(places)):
                self._drawn.popitem(last=False)
        wait(found, patience)
        return [future.result() if future.done() else None for future in found]

    def _draw(self, place: Place, future: Future[str]) -> None:
        split, row = place
        try:
            image = self._data.splits[split].images(np.array([row]), SIZE)[0]
        except PlumageError:
            future.set_result(NONE)
        except Exception as bug:  # told to the reader, who is in another thread
            future.set_exception(bug)
        else:
            future.set_result(data_address(image))
