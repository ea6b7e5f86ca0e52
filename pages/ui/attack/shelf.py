"""Results of attacks and maps, kept between reruns and shared by all readers.

Not `st.cache_resource`: what runs inside it may neither show its progress nor be broken off, and an attack does both.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from engine.memory import give_back, nbytes

T = TypeVar("T")
ROOM = 64 * 2**20
"""Bytes; a demo's attack of ten steps takes 1.2 MB, all its steps as pictures 2.5 MB, and those of all tasks 10 MB."""


class RecentResults:
    """The results used last, by what was asked.

    Args:
        room: bytes that they may take together, as `engine.memory.nbytes` counts them.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._used = room, 0
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any | None:
        """What was kept under a key, or None."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Keep it; those unused longest go. One too large for the shelf is kept alone."""
        with self._lock:
            self._used -= nbytes(self._kept.pop(key)) if key in self._kept else 0
            self._kept[key] = value
            self._used += nbytes(value)
            while self._used > self._room and len(self._kept) > 1:
                self._used -= nbytes(self._kept.popitem(last=False)[1])


@st.cache_resource(show_spinner=False)
def _shelf() -> RecentResults:
    return RecentResults()


def kept(key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
    """What is kept under a key, made if it is not; an error or an interruption keeps nothing."""
    found: T | None = _shelf().get(key)
    if found is None:
        found = make()
        _shelf().put(key, found)
        give_back()  # an attack needs far more than what is kept of it
    return found
