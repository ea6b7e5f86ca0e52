"""Images made ahead of time: other processes draw or decode what will be needed next while this one embeds and trains.

Drawing a bird holds Python's lock, so threads do not help. The helpers import neither torch nor open_clip.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from types import TracebackType
from typing import Self

from engine.array_types import Ints
from engine.backbone.cache import CHUNK, chunks
from engine.data.cuts import WholeRows
from engine.data.dataset import Dataset, Images
from engine.errors import PlumageError

_AHEAD_BYTES = 64 * 2**20  # finished images that may wait in memory
_CHANNELS = 3
_WORTH_A_POOL = 128  # images below which starting processes takes longer than drawing
_NICENESS = 5  # training comes first


@dataclass(frozen=True, slots=True)
class Block:
    """Some images of a split: ascending row numbers within one chunk of the cache."""

    split: str
    rows: tuple[int, ...]


def blocks(split: str, rows: Ints, origin: WholeRows | None = None) -> Iterator[Block]:
    """Cut ascending rows at the borders of the cache's chunks.

    Args:
        origin: of the split, where the cache knows its images as those of another.
    """
    at = 0
    for part in chunks(rows if origin is None else origin.rows[rows]):
        yield Block(split, tuple(rows[at : at + len(part)].tolist()))
        at += len(part)


class ImagesAhead:
    """Images of a dataset, drawn ahead by helper processes once the first is asked for.

    Args:
        dataset: where the images come from; goes to the helpers as it is, so that they see what was opened here.
        size: side of the images in pixels.
        helpers: number of processes; 0 draws everything here.
    """

    def __init__(self, dataset: Dataset, size: int, helpers: int | None = None) -> None:
        self._dataset, self._size = dataset, size
        self._helpers = (os.cpu_count() or 1) if helpers is None else helpers
        self._window = max(2, _AHEAD_BYTES // (CHUNK * size * size * _CHANNELS))
        self._planned: OrderedDict[Block, None] = OrderedDict()
        self._drawing: dict[Block, Future[Images | _Failure]] = {}
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def plan(self, wanted: Iterable[Block]) -> None:
        """Say what will probably be asked for, in order. Nothing is drawn before the first `get`."""
        self._planned.update(dict.fromkeys(wanted))
        if self._pool is not None:
            self._draw_ahead()

    def forget(self, block: Block) -> None:
        """Take back a plan, because somebody else had the result."""
        self._planned.pop(block, None)
        future = self._drawing.pop(block, None)
        if future is not None:
            future.cancel()

    def start(self) -> None:
        """Let the helpers begin, if the plans are worth it."""
        if self._pool is None and self._helpers and sum(len(b.rows) for b in self._planned) >= _WORTH_A_POOL:
            context = get_context("spawn")  # forking a process with torch's threads in it can hang
            self._pool = ProcessPoolExecutor(self._helpers, context, _open, (self._dataset,))
            self._draw_ahead()

    def get(self, block: Block) -> Images:
        """The images of a block, uint8 [n, size, size, 3].

        Raises:
            BadImage: a file of the dataset is no image.
        """
        self.start()
        future = self._drawing.pop(block, None)
        self._planned.pop(block, None)
        try:
            drawn = future.result() if future else self._draw(block)
            self._draw_ahead()
        except BrokenProcessPool:  # a helper was killed, say for memory: go on alone
            self._close()
            self._helpers = 0
            drawn = self._draw(block)
        if isinstance(drawn, _Failure):
            raise drawn.kind(*drawn.words)
        return drawn

    def _draw(self, block: Block) -> Images:
        return self._dataset.splits[block.split].images(list(block.rows), self._size)

    def _draw_ahead(self) -> None:
        while self._pool is not None and self._planned and len(self._drawing) < self._window:
            block, _ = self._planned.popitem(last=False)
            self._drawing[block] = self._pool.submit(_draw, block, self._size)

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self._drawing.clear()
        self._planned.clear()


@dataclass(frozen=True, slots=True)
class _Failure:
    """An error on its way home; an exception with three words does not survive the journey itself."""

    kind: type[PlumageError]
    words: tuple[str, str, str]


_opened: list[Dataset] = []  # in a helper process: the dataset it draws from


def _open(dataset: Dataset) -> None:
    _opened.append(dataset)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for the process that trains
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    threading.Thread(target=_die_with_parent, daemon=True).start()


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _draw(block: Block, size: int) -> Images | _Failure:
    try:
        return _opened[0].splits[block.split].images(list(block.rows), size)
    except PlumageError as error:
        return _Failure(type(error), (error.given, error.allowed, error.remedy))
