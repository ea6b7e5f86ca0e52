"""A Ray cluster as the place where an analysis is computed: one Ray task.

The run travels as its archive, which its node checks as any that comes from elsewhere, and opens in a store that lasts
as long as the task; pictures and weights that it names must lie there too. What comes back is arrays, which are checked
as any stored answer before they are kept.
"""

from __future__ import annotations

import contextlib
import io
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.analyses.performing import Elsewhere, Listener
from engine.cluster.capacity import Capacity, problem
from engine.cluster.connecting import connected
from engine.cluster.folders import cell_folder
from engine.cluster.progress import Hearing
from engine.cluster.remote import check_versions, naming, node_store, versions
from engine.device import machine
from engine.errors import NotApplicable
from engine.experiments.where import Where
from engine.jobs.analyses import SCENARIO, Question, Result
from engine.records.arrays import pack, unpack
from engine.steps import Step, finish
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore

_LOOK = 0.5
"""Seconds between two looks at how far it is."""
_PIECE = "answer"


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """What a node found.

    Attributes:
        arrays: by name, each as .npy bytes.
        machine: the node's, in words.
    """

    arrays: Mapping[str, bytes]
    machine: str


def asking(where: Where) -> Elsewhere:
    """Has questions answered on a cluster; connects when it is asked.

    What it gives raises:
        NotApplicable: Ray is not installed or does not answer, a node has other code, or the node was lost too often.
        ModelDropped, StoreDamaged: the run cannot travel.
        PlumageError: what the analysis raises, and what is missing on the node.
    """
    return lambda store, question, listen: _asked(store, question, where, listen)


def _asked(store: RunStore, question: Question, where: Where, listen: Listener) -> tuple[Result, str]:
    listen(Step(0, 0, "packing the run"))
    archive = _archive(store, question.run)
    listen(Step(0, 0, "connecting to the cluster"))
    with _cluster(where, store.home) as ray:
        capacity, hearing = Capacity(ray, where), Hearing(ray)
        task = capacity.task(_work)
        asked = _scenario_by(question, {one.id: one.name for one in Scenarios(store).all(question.run)})
        reference = task.remote(ray.put(archive), asked, dict(versions()), hearing.actor)
        try:
            while not ray.wait([reference], timeout=_LOOK)[0]:
                hearing.hear()
                listen(_far(hearing, capacity))
            found = _taken(ray, reference, question)
        except BaseException:
            with contextlib.suppress(ray.exceptions.RayError):
                capacity.end([reference])
            raise
    return found


def _archive(store: RunStore, run: str) -> bytes:
    from engine.archive.write import write  # torch

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.zip"
        finish(write(store, run, path, report=False))
        return path.read_bytes()


@contextlib.contextmanager
def _cluster(where: Where, home: Path) -> Iterator[Any]:
    ray = connected(where, home)
    try:
        yield ray
    finally:
        ray.shutdown()


def _far(hearing: Hearing, capacity: Capacity) -> Step:
    told = hearing.far.get(_PIECE)
    if told is not None:
        node, done, total = told
        return Step(done, total, f"on node {node}")
    wanting = capacity.wanting
    return Step(0, 0, "waiting for the cluster" + (f", no node of which has {wanting}" if wanting else ""))


def _taken(ray: Any, reference: Any, question: Question) -> tuple[Result, str]:
    """What came back: arrays, and where they are kept it is asked whether they are an answer."""
    what = f"{question.name} of run {question.run}"
    try:
        found: RemoteAnswer = ray.get(reference)
        return {name: unpack(data) for name, data in found.arrays.items()}, found.machine
    except ray.exceptions.RayError as error:
        raise problem(error, what, "Ask for it again") from error
    except ValueError as error:
        raise NotApplicable(what, f"what its node sent is no answer ({error})", "Ask for it again") from error


def _scenario_by(question: Question, other: Mapping[str, str]) -> Question:
    """The question, of a scenario by its name or by its id: a run that travelled has the names, and ids of its own."""
    given = question.settings.get(SCENARIO)
    settings = {**question.settings, SCENARIO: other[str(given)]} if given in other else question.settings
    return replace(question, settings=settings)


def _work(archive: bytes, question: Question, wanted: Mapping[str, str], progress: Any) -> RemoteAnswer:
    """The Ray task."""
    from engine.analyses.performing import answer
    from engine.archive.bring import bring
    from engine.session.lab import Lab

    node = socket.gethostname()
    check_versions(wanted)
    with naming(node), cell_folder() as folder:
        store = node_store(folder)
        run = bring(store, io.BytesIO(archive), again=True)

        def tell(step: Step) -> None:
            progress.tell.remote(_PIECE, node, step.done, step.total)

        asked = _scenario_by(question, {one.name: one.id for one in Scenarios(store).all(run)})
        result = answer(Lab(store, run), replace(asked, run=run), tell)
        return RemoteAnswer({name: pack(array) for name, array in result.items()}, machine())
