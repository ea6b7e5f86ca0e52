"""Which edits a fork started from. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import StoreDamaged
from engine.store.store import RunStore
from engine.structures import Malformed, Structure, checked, parse_json, read_file

FILE = "edits.json"
"""In the folder of a fork that started from an edited model."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fork with edits comes from: run, scenario and the task that was edited."""

    run: str
    scenario: str
    task: int


def origin(store: RunStore, run: str) -> Origin | None:
    """What edits a run started from, or None if it is an ordinary one.

    Raises:
        StoreDamaged: what says so cannot be read.
    """
    path = store.folder(run) / FILE
    if not path.exists():
        return None
    try:
        found = checked(_ForkOrigin, parse_json(read_file(path)))
    except (OSError, Malformed) as error:
        remedy = "Delete it; the run is then shown as an ordinary fork"
        raise StoreDamaged(str(path), f"it does not say what the fork began with ({error})", remedy) from error
    return Origin(found.run, found.scenario, found.task)


class _ForkOrigin(Structure):
    run: str
    scenario: str
    task: int
