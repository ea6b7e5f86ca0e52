"""A Ray cluster as the place where cells are trained: one Ray task a cell.

Scheduling, transport, retries on lost nodes and placement are Ray's. The code that decides results travels to the nodes
with the job, shipped weights too; what a node answers is an archive, which is checked as any that comes from elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from engine.cluster.connecting import connected
from engine.cluster.remote import OTHER, RemoteCell, RemoteEnd, train_cell, versions
from engine.cluster.taking import Taking
from engine.errors import NotApplicable, PlumageError
from engine.experiments.cells import Cell
from engine.experiments.experiment import Experiment
from engine.experiments.places import CellOrder, PlaceOpener
from engine.experiments.standing import CellState
from engine.experiments.where import Where
from engine.store.states import FAILED
from engine.store.store import RunStore

_LOST = 3
"""How often Ray begins a cell anew whose node was lost."""
_PATIENCE = 10.0
"""Seconds in which nodes may end what they are told to end."""
_SHOWN = 3
"""Cells at work that are told of one by one."""
_GIB = 2**30
_ROUNDED = 1e-6  # ten tenths of a GPU are one


def opener(where: Where) -> PlaceOpener:
    """Opens the cluster for an experiment; see `OnRay`."""
    return lambda store, number: OnRay(store, where)


class OnRay:
    """A Ray cluster.

    Args:
        store: of the machine that asks; nothing else writes to it.
        where: its address, and what each cell takes of a node.

    Raises:
        NotApplicable: Ray is not installed, does not answer, or is of another version.
    """

    def __init__(self, store: RunStore, where: Where) -> None:
        self._ray, self._where = connected(where, store.home), where
        self._taking, self._versions = Taking(store), dict(versions())
        self._at_work: dict[Any, CellOrder] = {}  # by the reference of their result
        self._far: Mapping[str, tuple[str, int, int]] = {}
        memory = {"memory": int(where.memory * _GIB)} if where.memory else {}
        self._work = self._ray.remote(num_cpus=where.cpus, num_gpus=where.gpus, max_retries=_LOST, **memory)(_work)
        self._progress = self._ray.remote(num_cpus=0, max_restarts=-1)(Progress).remote()
        self._answer: Any = None

    def at_once(self, experiment: Experiment) -> int:
        """As many as the cluster has CPUs and GPUs for now, or as declared."""
        has = self._ray.cluster_resources()
        each = {"CPU": self._where.cpus, "GPU": self._where.gpus}
        fit = [has.get(name, 0.0) / need + _ROUNDED for name, need in each.items() if need]
        return experiment.at_once or max(1, int(min(fit)))

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
        self._hear()

    def _hear(self) -> None:
        """Take the answer to how far all are, if it is there, and ask again: who counts may be slow, or lost."""
        if self._answer is None or self._ray.wait([self._answer], timeout=0)[0]:
            with contextlib.suppress(self._ray.exceptions.RayError):
                self._far = self._ray.get(self._answer) if self._answer is not None else {}
            self._answer = self._progress.all.remote()

    def _take(self, order: CellOrder, reference: Any) -> None:
        try:
            told, archive = self._ray.get(reference)
            end = RemoteEnd(**json.loads(told))
        except self._ray.exceptions.RayError as error:
            end, archive = RemoteEnd("", FAILED, _reason(error), str(error)), b""
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
        reference = self._work.remote(cell.model_dump_json(), order.state.cell.digest, self._progress)
        self._at_work[reference] = order

    def advance(self) -> None:
        """Ray begins what has a place."""

    def stop(self) -> None:
        """Have nodes end what they are at; what they finished of it is lost."""
        for reference in self._at_work:
            self._ray.cancel(reference)
        if self._at_work:  # a process that is killed in its midst leaves its files
            self._ray.wait([*self._at_work], num_returns=len(self._at_work), timeout=_PATIENCE, fetch_local=False)
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
        far = [one for cell, one in self._far.items() if cell in mine]
        told = [f"{node} at task {min(done + 1, total)} of {total}" for node, done, total in far]
        if not told and (wanting := self._wanting()):
            return f"{len(mine)} with Ray, no node of which has {wanting}"
        more = [f"{len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
        return f"{len(mine)} with Ray" + (f" ({', '.join([*told[:_SHOWN], *more])})" if told else "")

    def _wanting(self) -> str:
        """What each cell takes, where no node has so much; nothing where one has. More nodes may join."""
        memory = self._where.memory
        needs = {"CPU": self._where.cpus, "GPU": self._where.gpus, "memory": int(memory * _GIB)}
        has = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if any(all(one.get(name, 0) >= need for name, need in needs.items()) for one in has):
            return ""
        said = [f"{self._where.cpus} CPUs", f"{self._where.gpus:g} GPUs", f"{memory:g} GiB of memory"]
        return " and ".join(word for word, need in zip(said, needs.values(), strict=True) if need)


class Progress:
    """An actor that holds how far cells are: by digest the node, finished tasks, and all tasks."""

    def __init__(self) -> None:
        self._far = dict[str, tuple[str, int, int]]()

    def tell(self, cell: str, node: str, done: int, total: int) -> None:
        """A node has finished so many tasks of a cell."""
        self._far[cell] = node, done, total

    def all(self) -> dict[str, tuple[str, int, int]]:
        """Of every cell that was begun."""
        return self._far


def _work(told: str, cell: str, progress: Any) -> tuple[str, bytes]:
    """The Ray task; see `train_cell`."""
    node = socket.gethostname()
    return train_cell(told, lambda done, total: progress.tell.remote(cell, node, done, total))


def _reason(error: Exception) -> str:
    """What went wrong with a task, in a line: our own words where we said it, else Ray's."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, PlumageError):
        return str(cause)
    first = (str(cause).strip().splitlines() or [""])[0]
    return f"Ray could not finish it ({type(cause).__name__}: {first[:400]})"
