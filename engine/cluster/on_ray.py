"""A Ray cluster as the place where cells are trained: one Ray task a cell. The one file that imports Ray.

Scheduling, transport, retries on lost nodes and placement are Ray's. The code that decides results travels to the nodes
with the job, shipped weights too; what a node answers is an archive, which is checked as any that comes from elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.cluster import taking
from engine.cluster.reach import check_answers
from engine.cluster.remote import OTHER, RemoteCell, RemoteEnd, train_cell, versions
from engine.errors import NotApplicable, PlumageError
from engine.experiments.cells import Cell
from engine.experiments.experiment import Experiment
from engine.experiments.places import CellOrder, PlaceOpener
from engine.experiments.standing import CellState
from engine.experiments.where import REQUIREMENTS, Where, check_installed
from engine.home import VARIABLE
from engine.store.states import FAILED
from engine.store.store import RunStore

_ROOT = Path(__file__).resolve().parents[2]
_TRAVELS = ("engine", "assets", "pyproject.toml")
"""What of the project nodes need."""
_LOST = 3
"""How often Ray begins a cell anew whose node was lost."""
_PATIENCE = 10.0
"""Seconds in which nodes may end what they are told to end."""
_SHOWN = 3
"""Cells at work that are told of one by one."""
_GIB = 2**30


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
        self._ray, self._where = _connected(where, store.home), where
        self._taking, self._versions = taking.Taking(store), dict(versions())
        self._at_work: dict[Any, CellOrder] = {}  # by the reference of their result
        self._far: Mapping[str, tuple[str, int, int]] = {}
        memory = {"memory": int(where.memory * _GIB)} if where.memory else {}
        self._work = self._ray.remote(num_cpus=where.cpus, num_gpus=where.gpus, max_retries=_LOST, **memory)(_work)
        self._progress = self._ray.remote(num_cpus=0, max_restarts=-1)(Progress).remote()
        self._answer: Any = None

    def at_once(self, experiment: Experiment) -> int:
        """As many as the cluster has CPUs and GPUs for now, or as declared."""
        has = self._ray.cluster_resources()
        fit = [has.get("CPU", 0.0) // self._where.cpus]
        fit += [has.get("GPU", 0.0) // self._where.gpus] if self._where.gpus else []
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
        more = [f"{len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
        return f"{len(mine)} with Ray" + (f" ({', '.join([*told[:_SHOWN], *more])})" if told else "")


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


def _connected(where: Where, home: Path) -> Any:
    """The module, connected.

    Args:
        home: a Ray that is started here shares its cache.

    Raises:
        NotApplicable: as `OnRay`.
    """
    check_installed()
    if where.endpoint is not None:
        check_answers(where.address, *where.endpoint)
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing leaves the machine that is not asked for
    if not where.address:  # it listens on all addresses of the machine, and runs whatever code who may come in sends
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    import ray

    excludes = [f"/{path.name}" for path in _ROOT.iterdir() if path.name not in _TRAVELS]
    variables = {"OMP_NUM_THREADS": "1", **({} if where.address else {VARIABLE: str(home)})}
    environment = {"working_dir": str(_ROOT), "excludes": excludes, "env_vars": variables}
    given: dict[str, Any] = {"address": where.address or "local", "runtime_env": environment, "log_to_driver": False}
    given |= {"logging_level": logging.ERROR}
    given |= {} if where.address else {"include_dashboard": False}
    try:
        ray.init(**given)
    except (ray.exceptions.RayError, RuntimeError, ValueError, ImportError, OSError) as error:
        ray.shutdown()
        raise _refused(where.address or "this machine", error) from error
    return ray


def _refused(address: str, error: Exception) -> NotApplicable:
    """Why there is no connection."""
    said = " ".join(str(error).split())
    if "ersion mismatch" in said:
        remedy = f"Install the cluster's versions here, or these there: pip install -r {REQUIREMENTS}"
        return NotApplicable(f"Ray at {address}", f"it has another version ({said[:400]})", remedy)
    remedy = "Give one that runs; one with a token needs RAY_AUTH_MODE=token and RAY_AUTH_TOKEN here too"
    return NotApplicable(f"Ray at {address}", f"there is no connection ({said[:400]})", remedy)


def _reason(error: Exception) -> str:
    """What went wrong with a task, in a line: our own words where we said it, else Ray's."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, PlumageError):
        return str(cause)
    first = (str(cause).strip().splitlines() or [""])[0]
    return f"Ray could not finish it ({type(cause).__name__}: {first[:400]})"
