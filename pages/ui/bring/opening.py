"""Data being opened, in a thread of the server: every file is looked at, which takes its time, and no page waits.

Kept as long as few others are opened, for every tab: going back, and the other steps, find them open.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import streamlit as st

from engine.data.dataset import Dataset
from engine.data.left_out import without
from engine.data.sources.base import Source
from engine.data.unchanged import stamp
from engine.errors import PlumageError
from engine.health.found import Health
from pages.ui import notices
from pages.ui.bring.thumbnails import KeptThumbnails

_KEPT = 4
"""Data that are kept open; what was asked for longest ago goes first."""
_FRESH = 5.0
"""Seconds for which what lies at the place is not looked at again."""


class _Cancelled(BaseException):
    """Nobody wants it any more. Not an `Exception`: no library on the way may take it for a fault."""


class Opening:
    """One opening of data: at work, done, failed or cancelled."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.done, self.total = 0, 0
        """Files that were looked at, and how many there are; 0 while nobody knows."""
        self.data: Dataset | None = None
        self.error: Exception | None = None
        self.shown = False
        """Whether a page was drawn since it ended."""
        self.health: tuple[str, Health] | None = None
        """What the check of the pictures found that was read last, and its name."""
        self.thumbnails = KeptThumbnails()
        """Small pictures of the data."""
        self._cancel, self._ended = threading.Event(), threading.Event()
        self._counted_since = time.monotonic()
        self._stamp, self._stamped = "", 0.0
        self._changed = False
        self._last: tuple[Mapping[str, str], Dataset] | None = None
        threading.Thread(target=self._work, daemon=True, name="opening").start()

    def cancel(self) -> None:
        """End it at the next file."""
        self._cancel.set()

    @property
    def cancelling(self) -> bool:
        """Whether it was asked to end."""
        return self._cancel.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end at most so long; whether it has ended."""
        return self._ended.wait(seconds)

    @cached_property
    def notice(self) -> notices.Notice | None:
        """Why it failed, for people; a bug is written to the log once."""
        if self.error is None:
            return None
        return notices.of_error(self.error) if isinstance(self.error, PlumageError) else notices.of_bug(self.error)

    @property
    def seconds_left(self) -> float | None:
        """An estimate, or None while nobody can tell."""
        if not self.done or self.done > self.total:
            return None
        return (time.monotonic() - self._counted_since) / self.done * (self.total - self.done)

    @property
    def changed(self) -> bool:
        """Whether files came, went or were written since they were looked at, as far as a quick look tells."""
        if time.monotonic() - self._stamped > _FRESH:
            self._changed = self._stamped_now() != self._stamp
            self._stamped = time.monotonic()
        return self._changed

    def left(self, listed: Mapping[str, str]) -> Dataset:
        """The data without the pictures of a list.

        Raises:
            NotApplicable, BadInput, BadFolder: the list does not fit them.
        """
        assert self.data is not None  # asked only once it is open
        if not listed:
            return self.data
        if self._last is None or self._last[0] != listed:
            self._last = listed, without(self.data, listed)
        return self._last[1]

    def _work(self) -> None:
        try:
            self._stamp = self._stamped_now()  # before: what changes meanwhile has changed
            self._stamped = time.monotonic()
            self.data = self.source.open(self._tell)
        except _Cancelled:
            pass
        except Exception as error:  # told to the reader, who is in another thread
            self.error = error
        finally:
            self._ended.set()

    def _tell(self, done: int, total: int) -> None:
        if self._cancel.is_set():
            raise _Cancelled
        if done < self.done:  # another count begins: unpacked, now looked at
            self._counted_since = time.monotonic()
        self.done, self.total = done, total

    def _stamped_now(self) -> str:
        """What lies at its place, where it has one."""
        place = self.source.place
        return stamp(Path(str(getattr(self.source, place)))) if place else ""


class Openings:
    """The data that are open in this server, or being opened. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Opening] = OrderedDict()

    def of(self, source: Source) -> Opening:
        """The opening of some data; begun if there is none."""
        with self._lock:
            key = _key(source)
            if key not in self._held:
                self._held[key] = Opening(source)
            self._held.move_to_end(key)
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)[1].cancel()
            return self._held[key]

    def known(self, source: Source) -> Opening | None:
        """The opening of some data, if there is one."""
        with self._lock:
            return self._held.get(_key(source))

    def forget(self, source: Source) -> None:
        """Whoever asks next has them opened anew. For callbacks."""
        with self._lock:
            gone = self._held.pop(_key(source), None)
        if gone is not None:
            gone.cancel()


@st.cache_resource(show_spinner=False)
def openings() -> Openings:
    """Those of this server."""
    return Openings()


def _key(source: Source) -> str:
    return json.dumps([source.name, source.to_mapping()], sort_keys=True)
