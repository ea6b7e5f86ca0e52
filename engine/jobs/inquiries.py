"""What is found out about this machine for somebody who is choosing: as jobs, since each takes from seconds to minutes.
No torch here.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.jobs import queue
from engine.jobs.kinds import INQUIRY
from engine.runs.config import RunConfig
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.store import RunStore
from engine.training.known_costs import Costly

MODELS = "models"
"""Subject of the job that lists what open_clip knows."""


def list_models(store: RunStore) -> None:
    """Have open_clip's models listed and kept (`engine.backbone.catalogue`).

    Raises:
        NotApplicable: they are being listed.
        StoreError: the store cannot be written, or no process can be started.
    """
    _ask(store, MODELS, "Listing what open_clip knows", ["doctor", "--models"])


def measure(store: RunStore, config: RunConfig) -> None:
    """Have it measured what embedding costs with a run's backbone, on a handful of its pictures, and kept.

    Raises: as `list_models`.
    """
    data = [f"{name}={value}" for name, value in {"dataset": config.dataset, **config.data}.items()]
    command = ["doctor", "--cost", config.backbone, "--set", *data]
    _ask(store, Costly.of(config).key, f"Measuring {config.backbone}", command)


def find(store: RunStore, subject: str) -> Job | None:
    """The job that finds something out, or did."""
    with store.database.reading() as db:
        return jobs.find(db, INQUIRY.name, subject) if db else None


def _ask(store: RunStore, subject: str, title: str, command: Sequence[str]) -> None:
    with store.database.writing() as db:
        jobs.ask(db, INQUIRY.name, subject, {"title": title, "command": list(command)})
    queue.advance(store)
