"""Looking data over in the background: asked for by a page, kept under the data's content. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.data.dataset import Dataset
from engine.files import storage_errors
from engine.health import record
from engine.health.found import Health
from engine.health.settings import HealthSettings
from engine.home import health_folder
from engine.jobs import queue
from engine.jobs.kinds import HEALTH
from engine.params import Value
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.store import RunStore


class Checkup:
    """The looking-over of some data by a backbone. Cheap to make.

    Args:
        dataset: opened, with every picture that they have.
        source: name of the data's source, and its parameters with their values.
        backbone: spec of the backbone that says what is alike.

    Raises:
        MissingWeights, BadParameter: the backbone cannot be had.
    """

    def __init__(
        self, store: RunStore, dataset: Dataset, source: tuple[str, Mapping[str, Value]], backbone: str
    ) -> None:
        self._store, self._dataset, self._source, self._backbone = store, dataset, source, backbone
        self.key = record.key_of(dataset, backbone, HealthSettings())
        """Names it: other pictures, or another backbone, make another."""

    @property
    def job(self) -> Job | None:
        """The job that does it, or did; None where nobody asked for it."""
        with self._store.database.reading() as db:
            return jobs.find(db, HEALTH.name, self.key) if db else None

    def found(self) -> Health | None:
        """What was found, or None where nobody has looked.

        Raises:
            StoreDamaged: what is kept cannot be read; it can be asked for again.
        """
        return record.read(self._path, self._dataset)

    def ask(self) -> None:
        """Have it done by a process of its own as soon as there is a place.

        Raises:
            NotApplicable: it is being done.
            StoreError: the store cannot be written, or no process can be started.
        """
        with storage_errors(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        name, values = self._source
        sets = {"dataset": name, **values, "backbone": self._backbone}
        pairs = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
        command = ["health", *pairs, "--keep", str(self._path)]
        with self._store.database.writing() as db:
            jobs.ask(db, HEALTH.name, self.key, {"name": self._dataset.name, "command": command})
        queue.advance(self._store)

    @property
    def _path(self) -> Path:
        return record.path_of(health_folder(self._store.home), self.key)
