"""A twin of a run, made in no time: the same models and measurements, on a copy of the same backbone."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.store.store import RunStore
from engine.store.summary import stored_config
from tests.job_states import set_status

_WEIGHTS = Path(__file__).resolve().parents[2] / "assets/aviary-clip"


def twin_of(store: RunStore, run: str) -> str:
    """Add a finished run that differs from `run`, trained on aviary-clip, in its backbone's name alone."""
    copy = shutil.copytree(_WEIGHTS, store.home / "weights")
    twin = store.create(stored_config(store.row(run)).changed(backbone=f"local-dir:{copy}"), "twin")
    shutil.copytree(store.folder(run), store.folder(twin), dirs_exist_ok=True)
    store.copy_tasks(run, twin, store.tasks_done(run))
    set_status(store, twin, store.status(run))
    return twin
