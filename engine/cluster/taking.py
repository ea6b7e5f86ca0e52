"""What comes back from a cluster's nodes goes into the store here: archives as any import, failures as failed runs."""

from __future__ import annotations

import contextlib
import io

from engine.cluster.remote import RemoteEnd
from engine.errors import BadInput, NotApplicable, StoreError
from engine.experiments.places import CellOrder
from engine.experiments.unchanged import Inputs
from engine.files import storage_errors
from engine.home import log_path
from engine.jobs.kinds import OF
from engine.records.identity import code_version
from engine.runs.config import digest_of
from engine.store import jobs
from engine.store.states import FAILED, FINISHED, RUNNING
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.store.view import RunView


class Taking:
    """Takes in what nodes answer. Only the driving process has one, so that one process writes.

    Args:
        number: of the experiment that asked for it.
    """

    def __init__(self, store: RunStore, number: int) -> None:
        self._store, self._inputs, self._asked = store, Inputs(store), {OF: number}

    def take(self, order: CellOrder, end: RemoteEnd, archive: bytes) -> None:
        """Bring a finished run in; of what failed for the last time leave a failed run with the reason.

        Raises:
            StoreError: the store cannot be written.
        """
        reason = self._brought(order, end, archive) if end.status == FINISHED else end.reason
        if reason and order.last:
            self._note(order, reason, end)

    def _brought(self, order: CellOrder, end: RemoteEnd, archive: bytes) -> str:
        """Bring it in, and say what is wrong with it; nothing where all is well."""
        from engine.archive.bring import bring  # torch

        try:
            run = bring(self._store, io.BytesIO(archive), again=True)
        except StoreError:
            raise
        except BadInput as error:
            return f"What node {end.node} sent is no sound run. {error}"
        problem = self._problem(order, run)
        if problem:
            self._store.delete(run)
        else:
            with self._store.database.writing() as db:
                jobs.give(db, self._store.training(run).id, self._asked)
        return f"Node {end.node} trained another run than was asked for: {problem}." if problem else ""

    def _problem(self, order: CellOrder, run: str) -> str:
        """What of a run is not what was asked for."""
        if digest_of(stored_config(self._store.row(run)).to_mapping()) != order.state.cell.digest:
            return "its settings are others"
        began = RunView(self._store, run).setup
        if began is None or began.code != code_version():
            return "its code is another"
        return "its pictures, texts or weights are others than here" if self._inputs.changed(run) else ""

    def _note(self, order: CellOrder, reason: str, end: RemoteEnd) -> None:
        """A failed run in the list, with the log that its node wrote."""
        known = order.state.run
        config, asked = order.state.cell.config, self._asked
        run = known.id if known else self._store.create(config, order.name, status=RUNNING, arguments=asked)
        job = self._store.training(run).id
        with contextlib.suppress(NotApplicable), self._store.database.writing() as db:  # somebody is at it here
            if known:
                jobs.ask(db, jobs.TRAINING, run, asked, run, RUNNING)
            jobs.move(db, job, FAILED, _at_home(reason, end, str(log_path(self._store.home, job))))
        if end.log:
            path = log_path(self._store.home, job)
            with storage_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a", encoding="utf-8") as log:
                    log.write(end.log)


def _at_home(reason: str, end: RemoteEnd, path: str) -> str:
    """A reason that names a log, naming the one that is kept."""
    return reason.replace(end.log_path, path) if end.log_path else reason
