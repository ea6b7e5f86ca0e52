"""Results of attacks and maps, kept between reruns and shared by all readers.

Not `st.cache_resource`: what runs inside it may neither show its progress nor be broken off, and an attack does both.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")
ROOM = 256 * 2**20
"""Bytes; a demo's attack of ten steps takes 1.2 MB."""
_SMALL = 64 * 2**10
"""Bytes that a result is taken to need that does not say: some maps, or some small pictures."""


class RecentResults:
    """The results used last, by what was asked.

    Args:
        room: bytes that they may take together; a result says by `nbytes` how many it takes.
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
            self._used -= _size(self._kept.pop(key)) if key in self._kept else 0
            self._kept[key] = value
            self._used += _size(value)
            while self._used > self._room and len(self._kept) > 1:
                self._used -= _size(self._kept.popitem(last=False)[1])


def _size(value: Any) -> int:
    return int(getattr(value, "nbytes", _SMALL))


@st.cache_resource(show_spinner=False)
def _shelf() -> RecentResults:
    return RecentResults()


def kept(key: tuple[Hashable, ...], make: Callable[[], T]) -> T:
    """What is kept under a key, made if it is not; an error or an interruption keeps nothing."""
    found: T | None = _shelf().get(key)
    if found is None:
        found = make()
        _shelf().put(key, found)
    return found
