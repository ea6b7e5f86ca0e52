"""What a node of a cluster does for one cell: it trains the run in a store of its own, which lasts as long as this, and
answers with the run's archive. No Ray here, and torch only where it trains."""

from __future__ import annotations

import contextlib
import json
import platform
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.cluster.folders import cell_folder
from engine.errors import BadInput, MissingWeights, NotApplicable, PlumageError
from engine.home import cache_folder, home, log_path
from engine.jobs.training import learn
from engine.jobs.working import AtWork, JobEnd, carry_out
from engine.records.events import Event, RunStarted, TaskFinished
from engine.records.identity import code_version
from engine.runs.config import RunConfig
from engine.runs.watch import WatchSettings
from engine.steps import finish
from engine.store.states import FINISHED
from engine.store.store import RunStore
from engine.store.watching import Watching
from engine.structures import Structure

OTHER = "other"
"""Status of a cell that was not begun, because the node's code or packages are others."""
_SHARED = "what is named must lie on every node, or where all nodes reach it"
_MOST_LOG = 200_000
"""Characters of a log that travel, the last ones."""

Tell = Callable[[int, int], object]
"""Hears how many tasks are finished, and of how many."""


class RemoteCell(Structure):
    """What a node is told of a cell, as JSON.

    Attributes:
        config: of its run, every value of it.
        name: what the run is called.
        watching: whether pictures and concepts are looked at while it learns.
        versions: what its code and packages must be (`versions`).
    """

    config: dict[str, bool | int | float | str | dict[str, bool | int | float | str]]
    name: str
    watching: bool
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class RemoteEnd:
    """How a cell ended on a node.

    Attributes:
        node: its host's name.
        status: as a job's, or `OTHER`.
        reason: why it did not finish, for people; empty where it did.
        log: what was written to the run's log there, its end.
        log_path: where that was, for it may stand in the reason.
    """

    node: str
    status: str
    reason: str = ""
    log: str = ""
    log_path: str = ""

    def to_json(self) -> str:
        """As it travels."""
        return json.dumps(asdict(self))


def versions() -> Mapping[str, str]:
    """What must be the same where a run is trained: the deciding sources, Python, and the packages that compute."""
    parts = dict(part.rsplit(" ", 1) for part in code_version().split(", "))
    return {**parts, "python": platform.python_version()}


def differences(wanted: Mapping[str, str], own: Mapping[str, str]) -> list[str]:
    """In which versions a node differs from who asks, each in words; empty where in none."""
    return [
        f"{name} {own.get(name, 'unknown')}, here {wanted.get(name, 'unknown')}"
        for name in sorted(wanted.keys() | own.keys())
        if own.get(name) != wanted.get(name)
    ]


def check_versions(wanted: Mapping[str, str]) -> None:
    """Check that this node has the code and packages of who asks.

    Raises:
        NotApplicable: it has others.
    """
    if found := differences(wanted, versions()):
        given, other = f"node {socket.gethostname()}", f"its code or packages are others: {'; '.join(found)}"
        raise NotApplicable(given, other, "Install the same versions there and here, then ask again")


def train_cell(told: str, tell: Tell) -> tuple[str, bytes]:
    """Train a cell on this node.

    Args:
        told: a `RemoteCell` as JSON.
        tell: hears how far it is.

    Returns:
        A `RemoteEnd` as JSON, and the archive of the finished run, else nothing.

    Raises:
        PlumageError: no store can be made here, or the finished run cannot be packed.
    """
    cell, node = RemoteCell.model_validate_json(told), socket.gethostname()
    if found := differences(cell.versions, versions()):
        return RemoteEnd(node, OTHER, "; ".join(found)).to_json(), b""
    with cell_folder() as folder:
        return _trained(node_store(folder), cell, node, tell)


def node_store(folder: Path) -> RunStore:
    """An empty store with the node's own cache, so that each picture is embedded once on a node."""
    shared = cache_folder(home())
    shared.mkdir(parents=True, exist_ok=True)
    cache_folder(folder).symlink_to(shared, target_is_directory=True)
    return RunStore(folder)


def _trained(store: RunStore, cell: RemoteCell, node: str, tell: Tell) -> tuple[str, bytes]:
    from engine.archive.write import write

    run = store.create(RunConfig.from_mapping(cell.config), cell.name)
    if not cell.watching:
        Watching(store).choose(run, WatchSettings(watching=False))
    job = store.training(run)
    end = carry_out(store, job, lambda at_work: _learn(at_work, run, node, tell))
    if end.status != FINISHED:
        return _failed(end, node, log_path(store.home, job.id)).to_json(), b""
    packed = store.home / "run.zip"
    finish(write(store, run, packed, report=False))
    return RemoteEnd(node, FINISHED).to_json(), packed.read_bytes()


def _failed(end: JobEnd, node: str, log: Path) -> RemoteEnd:
    written = log.read_text(encoding="utf-8", errors="replace")[-_MOST_LOG:] if log.is_file() else ""
    return RemoteEnd(node, end.status, end.message or f"it was {end.status} on node {node}", written, str(log))


def _learn(at_work: AtWork, run: str, node: str, tell: Tell) -> None:
    with naming(node):
        learn(at_work, run, _Far(tell))


@contextlib.contextmanager
def naming(node: str) -> Iterator[None]:
    """What goes wrong within it names the node; of what is missing there it is said where that must lie."""
    try:
        yield
    except PlumageError as error:
        missing = isinstance(error, BadInput | MissingWeights)
        remedy = f"{error.remedy}; {_SHARED}" if missing else error.remedy
        raise type(error)(f"{error.given}, on node {node}", error.allowed, remedy, error.field) from error


class _Far:
    """Counts the finished tasks of a training."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._total = tell, 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._total = len(event.task_classes)
            self._tell(0, self._total)
        elif isinstance(event, TaskFinished):
            self._tell(event.task + 1, self._total)
