"""A Ray cluster as the place where cells are trained: one Ray task a cell.

Scheduling, transport, retries on lost nodes and placement are Ray's. The code that decides results travels to the nodes
with the job, shipped weights too; what a node answers is an archive, which is checked as any that comes from elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Sequence
from typing import Any

from engine.cluster.capacity import Capacity, reason
from engine.cluster.connecting import connected
from engine.cluster.progress import Hearing
from engine.cluster.remote import OTHER, RemoteCell, RemoteEnd, train_cell, versions
from engine.cluster.taking import Taking
from engine.errors import NotApplicable
from engine.experiments.cells import Cell
from engine.experiments.experiment import Experiment
from engine.experiments.places import CellOrder, PlaceOpener
from engine.experiments.standing import CellState
from engine.experiments.where import Where
from engine.store.states import FAILED
from engine.store.store import RunStore

_SHOWN = 3
"""Cells at work that are told of one by one."""


def opener(where: Where) -> PlaceOpener:
    """Opens the cluster for an experiment; see `OnRay`."""
    return lambda store, number: OnRay(store, number, where)


class OnRay:
    """A Ray cluster.

    Args:
        store: of the machine that asks; nothing else writes to it.
        number: of the experiment.
        where: its address, and what each cell takes of a node.

    Raises:
        NotApplicable: Ray is not installed, does not answer, or is of another version.
    """

    def __init__(self, store: RunStore, number: int, where: Where) -> None:
        self._ray = connected(where, store.home)
        self._capacity = Capacity(self._ray, where)
        self._taking, self._versions = Taking(store, number), dict(versions())
        self._at_work: dict[Any, CellOrder] = {}  # by the reference of their result
        self._work = self._capacity.task(_work)
        self._hearing = Hearing(self._ray)

    def at_once(self, experiment: Experiment) -> int:
        """As many as the cluster has CPUs and GPUs for now, or as declared."""
        return experiment.at_once or self._capacity.at_once

    def collect(self) -> None:
        """Take in what nodes have finished, and note what failed.

        Raises:
            NotApplicable: a node has other code or packages.
            StoreError: the store cannot be written.
        """
        if not self._at_work:
            return
        ended, _ = self._ray.wait([*self._at_work], num_returns=len(self._at_work), timeout=0)
        for reference in ended:
            self._take(self._at_work.pop(reference), reference)
        self._hearing.hear()

    def _take(self, order: CellOrder, reference: Any) -> None:
        try:
            told, archive = self._ray.get(reference)
            end = RemoteEnd(**json.loads(told))
        except self._ray.exceptions.RayError as error:
            end, archive = RemoteEnd("", FAILED, reason(error), str(error)), b""
        if end.status == OTHER:
            remedy = "Install the same versions there and here, then start the experiment again"
            raise NotApplicable(f"node {end.node}", f"its code or packages are others: {end.reason}", remedy)
        self._taking.take(order, end, archive)

    def holds(self, cell: Cell) -> bool:
        """Whether it was given to Ray and has not come back."""
        return any(order.state.cell.digest == cell.digest for order in self._at_work.values())

    def fits(self, state: CellState, at_work: Sequence[CellState], states: Sequence[CellState]) -> bool:
        """Always: what does not fit waits in Ray's own line."""
        return True

    def begin(self, order: CellOrder) -> None:
        """Give a cell to Ray."""
        config = order.state.cell.config.to_mapping()
        cell = RemoteCell(config=config, name=order.name, watching=order.watching, versions=self._versions)
        reference = self._work.remote(cell.model_dump_json(), order.state.cell.digest, self._hearing.actor)
        self._at_work[reference] = order

    def advance(self) -> None:
        """Ray begins what has a place."""

    def stop(self) -> None:
        """Have nodes end what they are at; what they finished of it is lost."""
        self._capacity.end([*self._at_work])
        self._at_work = {}

    def leave(self) -> None:
        """End what is at work, and the connection; a cluster that was started for this ends too."""
        with contextlib.suppress(self._ray.exceptions.RayError):
            self.stop()
        self._ray.shutdown()

    @property
    def words(self) -> str:
        """How many cells Ray has, which nodes are at some of them, and how far these are."""
        if not self._at_work:
            return ""
        mine = {order.state.cell.digest for order in self._at_work.values()}
        far = [one for cell, one in self._hearing.far.items() if cell in mine]
        told = [f"{node} at task {min(done + 1, total)} of {total}" for node, done, total in far]
        if not told and (wanting := self._capacity.wanting):
            return f"{len(mine)} with Ray, no node of which has {wanting}"
        more = [f"{len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
        return f"{len(mine)} with Ray" + (f" ({', '.join([*told[:_SHOWN], *more])})" if told else "")


def _work(told: str, cell: str, progress: Any) -> tuple[str, bytes]:
    """The Ray task; see `train_cell`."""
    node = socket.gethostname()
    return train_cell(told, lambda done, total: progress.tell.remote(cell, node, done, total))
