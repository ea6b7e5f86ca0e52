"""Where shards are made: what giving them out needs of such a place, and processes of this machine as one. No torch
here."""

from __future__ import annotations

import contextlib
import signal
import traceback
from collections.abc import Sequence
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from typing import Protocol

from engine.embedding.work import ShardOrder, ShardRows, embed_shard
from engine.errors import NotApplicable, PlumageError

_LOST = 2
"""How often a shard is begun anew whose process was killed."""
_LOOK = 0.5
"""Seconds after which whoever waits is told how far all are."""


class ShardPlace(Protocol):
    """Where shards are made. Only the process that asks calls it."""

    @property
    def at_once(self) -> int:
        """How many shards may be given out at the same time, at least 1."""

    def begin(self, order: ShardOrder) -> None:
        """Have a shard made; whoever calls goes on at once."""

    def collect(self) -> Sequence[ShardRows]:
        """What has come back, after a moment's waiting.

        Raises:
            PlumageError: a shard cannot be made.
        """

    @property
    def far(self) -> int:
        """How many pictures of the shards at work are done."""

    @property
    def words(self) -> str:
        """Who is at work, for people; empty where that is nothing special."""

    def leave(self) -> None:
        """End what is at work."""


class Processes:
    """Processes of this machine, one thread each.

    Args:
        count: how many.
    """

    words = ""

    def __init__(self, count: int) -> None:
        self.at_once = count
        self._workers: list[_Worker] = []
        self._lost = dict[int, int]()

    def begin(self, order: ShardOrder) -> None:
        """Give a shard to a process that has none; started if need be."""
        idle = next((worker for worker in self._workers if worker.order is None), None)
        if idle is None:
            self._workers.append(idle := _Worker())
        idle.take(order)

    def collect(self) -> Sequence[ShardRows]:
        """See `ShardPlace`; a process that was killed is replaced twice for one shard."""
        found = []
        by_end = {worker.ours: worker for worker in self._workers}
        for ready in connection.wait([*by_end], _LOOK):
            worker = by_end[ready]  # type: ignore[index]
            try:
                if (rows := worker.hear()) is not None:
                    found.append(rows)
            except (EOFError, ConnectionError):
                self._replace(worker)
        return found

    @property
    def far(self) -> int:
        """See `ShardPlace`."""
        return sum(worker.far for worker in self._workers if worker.order is not None)

    def leave(self) -> None:
        """Kill them: what they hold is in nobody's way."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _replace(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.end()
        if (order := worker.order) is None:
            return
        self._lost[order.number] = self._lost.get(order.number, 0) + 1
        if self._lost[order.number] > _LOST:
            problem = f"the process that made it was killed {self._lost[order.number]} times, perhaps for its memory"
            raise NotApplicable(f"shard {order.number}", problem, "Start again with fewer --jobs; what is done is kept")
        self.begin(order)


class _Worker:
    """A process and the wire to it."""

    def __init__(self) -> None:
        context = get_context("spawn")  # forking a process with torch's threads in it can hang
        self.ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.order: ShardOrder | None = None
        self.far = 0

    def take(self, order: ShardOrder) -> None:
        self.order, self.far = order, 0
        with contextlib.suppress(ConnectionError):  # it died: whoever listens to it finds that
            self.ours.send(order)

    def hear(self) -> ShardRows | None:
        """The rows of its shard, if these are what it says."""
        said = self.ours.recv()
        if isinstance(said, int):
            self.far = said
            return None
        self.order = None
        if isinstance(said, ShardRows):
            return said
        raise said if isinstance(said, PlumageError) else RuntimeError(f"a process that embeds failed:\n{said}")

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.ours.close()


def _serve(theirs: Connection) -> None:
    """Make shard after shard. It ends when whoever asks is gone: then nobody listens."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for the process that asks
    torch.set_num_threads(1)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            order = theirs.recv()
            try:
                theirs.send(embed_shard(order, theirs.send))
            except PlumageError as error:
                theirs.send(error)
            except ConnectionError:
                raise
            except Exception:
                theirs.send(traceback.format_exc())
