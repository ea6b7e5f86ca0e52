"""What is done for somebody who waits beside a page: a backbone measured or fetched, pictures unlearnt. As jobs, since
each takes seconds to minutes or more. No torch here.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.jobs import queue
from engine.jobs.kinds import ERRAND
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


def fetch(store: RunStore, spec: str) -> None:
    """Have the weights of a named backbone fetched, whole or not at all (`engine.backbone.fetching`).

    Raises: as `list_models`.
    """
    _ask(store, fetching(spec), f"Fetching {spec}", ["doctor", "--fetch", spec])


def fetching(spec: str) -> str:
    """Subject of the job that fetches a backbone."""
    return f"fetch {spec}"


def unlearn(store: RunStore, run: str, classes: Sequence[str], rows: Sequence[int], title: str) -> None:
    """Have a fork made of a run that has never seen some classes and training images; what the job makes is its id.

    Args:
        classes: by name.
        rows: of the training split.
        title: what is done, for people.

    Raises: as `list_models`; of one run, one thing is unlearnt at a time.
    """
    what = [f"--class={name}" for name in classes] + [f"--images=train:{row}" for row in rows]
    _ask(store, unlearning(run), title, ["unlearn", run, "--no-proof", *what], run)


def unlearning(run: str) -> str:
    """Subject of the job that unlearns something of a run."""
    return f"unlearn {run}"


def find(store: RunStore, subject: str) -> Job | None:
    """The job of this subject, or None if nobody asked for it."""
    with store.database.reading() as db:
        return jobs.find(db, ERRAND.name, subject) if db else None


def _ask(store: RunStore, subject: str, title: str, command: Sequence[str], run: str | None = None) -> None:
    with store.database.writing() as db:
        jobs.ask(db, ERRAND.name, subject, {"title": title, "command": list(command)}, run)
    queue.advance(store)
