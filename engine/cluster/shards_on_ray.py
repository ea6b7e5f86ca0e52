"""A Ray cluster as the place where shards are made: one Ray task a shard.

Pictures lie on every node, or where all nodes reach them, under one name; weights likewise, shipped ones travel with
the code. Nodes answer with rows and write nothing: the machine that asked checks and keeps them.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.cluster.capacity import Capacity, problem
from engine.cluster.connecting import connected
from engine.cluster.progress import Hearing
from engine.cluster.remote import check_versions, naming, versions
from engine.embedding.work import ShardOrder, ShardRows, embed_shard
from engine.experiments.where import Where

_LOOK = 0.5
"""Seconds after which whoever waits is told how far all are."""


class ShardsOnRay:
    """A Ray cluster; see `engine.embedding.places.ShardPlace`.

    Args:
        where: its address, and what each shard takes of a node.
        home: a Ray that is started here shares its cache.

    Raises:
        NotApplicable: Ray is not installed, does not answer, or is of another version.
    """

    def __init__(self, where: Where, home: Path) -> None:
        self._ray = connected(where, home)
        self._capacity, self._hearing = Capacity(self._ray, where), Hearing(self._ray)
        self._task, self._versions = self._capacity.task(_work), dict(versions())
        self._at_work: dict[Any, ShardOrder] = {}  # by the reference of their result

    @property
    def at_once(self) -> int:
        """As many as the cluster has CPUs and GPUs for now."""
        return self._capacity.at_once

    def begin(self, order: ShardOrder) -> None:
        """Give a shard to Ray."""
        self._at_work[self._task.remote(order, self._versions, self._hearing.actor)] = order

    def collect(self) -> Sequence[ShardRows]:
        """What has come back, after a moment's waiting.

        Raises:
            PlumageError: a shard cannot be made; what is missing where, or which node has other code.
        """
        ended, _ = self._ray.wait([*self._at_work], num_returns=1, timeout=_LOOK)
        self._hearing.hear()
        return [self._take(reference) for reference in ended]

    def _take(self, reference: Any) -> ShardRows:
        order = self._at_work.pop(reference)
        try:
            rows: ShardRows = self._ray.get(reference)
            return rows
        except self._ray.exceptions.RayError as error:
            again = "Start again: what is finished is not made again"
            raise problem(error, f"shard {order.number}", again) from error

    @property
    def far(self) -> int:
        """How many pictures of the shards at work are done, as far as their nodes told."""
        mine = [self._hearing.far.get(str(order.number)) for order in self._at_work.values()]
        return sum(min(one[1], one[2]) for one in mine if one is not None)

    @property
    def words(self) -> str:
        """How many shards Ray has, and what no node has where that is why they wait."""
        wanting = self._capacity.wanting
        return f"{len(self._at_work)} with Ray" + (f", no node of which has {wanting}" if wanting else "")

    def leave(self) -> None:
        """End what is at work, and the connection; a cluster that was started for this ends too."""
        with contextlib.suppress(self._ray.exceptions.RayError):
            self._capacity.end([*self._at_work])
        self._at_work = {}
        self._ray.shutdown()


def _work(order: ShardOrder, wanted: Mapping[str, str], progress: Any) -> ShardRows:
    """The Ray task; see `embed_shard`."""
    node, total = socket.gethostname(), len(order.files)
    check_versions(wanted)
    with naming(node):
        return embed_shard(order, lambda done: progress.tell.remote(str(order.number), node, done, total))
