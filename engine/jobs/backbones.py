"""Backbones made here: by a defence, or put together for photographs, in the background; paused, resumed, listed,
forgotten. No torch here.

A backbone is a folder in the home's `backbones`, with checkpoints while it is made and the model in the end, and a job
that says what was asked for and how far it is.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.backbone.presets import CONFIG_FILE, DEFAULT, LOCAL, PHOTO_CLIP, WEIGHTS_FILE
from engine.errors import BadParameter, NotApplicable
from engine.files import store_error
from engine.home import backbones_folder
from engine.jobs import queue
from engine.jobs.ending import end
from engine.jobs.kinds import BACKBONE
from engine.params import Value
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.states import FAILED, FINISHED, QUEUED, RESUMABLE, RUNNING
from engine.store.store import RunStore
from engine.store.summary import DAMAGED
from engine.structures import parse_json

LONGEST = 40
"""Characters of a name."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PATIENCE, _LOOK = 10.0, 0.05  # seconds to wait for a process that was told to end, and between two looks
_CAN: Mapping[str, frozenset[str]] = {
    QUEUED: frozenset({"stop"}),
    RUNNING: frozenset({"stop"}),
    **{status: frozenset({"resume", "drop"}) for status in RESUMABLE},
    FINISHED: frozenset({"drop"}),
}


@dataclass(frozen=True, slots=True)
class LocalBackbone:
    """A backbone that is being made, or was.

    Attributes:
        name: also its folder's.
        folder: where it lies.
        job: what was asked for and how far it is, or None where this store knows nothing of it: it was put there.
        complete: the model is there.
    """

    name: str
    folder: Path
    job: Job | None
    complete: bool

    @property
    def spec(self) -> str:
        """The backbone as a run's setting."""
        return f"{LOCAL}{self.folder}"

    @property
    def status(self) -> str:
        """One of `engine.store.states`."""
        if self.job is not None and (self.job.live or not self.complete):
            return FAILED if self.job.status == FINISHED else self.job.status  # its model is gone
        return FINISHED if self.complete else FAILED

    @property
    def error(self) -> str | None:
        """Why it failed, for people, or None."""
        if self.status != FAILED:
            return None
        if self.job is None:
            return "nothing says what was asked for; python -m engine robustify --out goes on in its folder"
        return self.job.error or "its model is gone"

    @property
    def defence(self) -> str:
        """Name of the defence, or nothing where none made it or that is not known."""
        return str(self.job.arguments.get("defence", "")) if self.job else ""

    @property
    def start(self) -> str:
        """Spec of the backbone it begins with, or nothing where there is none or that is not known."""
        return str(self.job.arguments.get("start", "")) if self.job else ""

    @property
    def settings(self) -> Mapping[str, Value]:
        """What differs from the defence's defaults."""
        return dict(self.job.arguments.get("settings", {})) if self.job else {}

    @property
    def can(self) -> frozenset[str]:
        """Which of stop, resume and drop make sense now."""
        if self.job is None:
            return frozenset({"drop"})
        return frozenset() if self.job.stopping else _CAN[self.status]


def start(
    store: RunStore,
    name: str,
    defence: str,
    settings: Mapping[str, Value],
    backbone: str = DEFAULT,
    images: int | None = None,
) -> LocalBackbone:
    """Have a backbone made as soon as there is a place; that goes on when this process ends.

    Args:
        settings: what differs from the defence's defaults; the command checks them.
        backbone: spec of the one to begin with.
        images: how many birds to draw and train on; the command's default if not given.

    Raises:
        BadParameter: the name is not allowed or taken.
        StoreError: nothing can be written, or no process can be started.
    """
    asked: dict[str, Any] = {"name": name, "defence": defence, "settings": dict(settings), "start": backbone}
    command = _command(_folder(store, name), defence, settings, backbone, images)
    return _begin(store, name, {**asked, "command": command})


def make_photo_clip(store: RunStore) -> LocalBackbone:
    """Have the one for photographs made (`engine.backbone.photo_clip`); what a call that was cut short left of it goes.

    Raises:
        NotApplicable: it is there, or is being made.
        StoreError: nothing can be written, or no process can be started.
    """
    folder = _folder(store, PHOTO_CLIP)
    if folder.is_dir() and not get(store, PHOTO_CLIP).complete:
        drop(store, PHOTO_CLIP)
    return _begin(store, PHOTO_CLIP, {"name": PHOTO_CLIP, "command": [PHOTO_CLIP, "--out", str(folder)]})


def get(store: RunStore, name: str) -> LocalBackbone:
    """One of them.

    Raises:
        BadParameter: the name is not allowed.
        NotApplicable: there is none of this name.
    """
    folder = _folder(store, name)
    if not folder.is_dir():
        raise NotApplicable(f"backbone {name!r}", f"{folder.parent} has none of this name", "Choose one that is listed")
    with store.database.reading() as db:
        job = jobs.find(db, BACKBONE.name, name) if db else None
    return _found(folder, job)


def listed(store: RunStore) -> list[LocalBackbone]:
    """Every one, the newest first; folders with other names are not ours and left out."""
    try:
        folders = [path for path in backbones_folder(store.home).iterdir() if path.is_dir() and _allowed(path.name)]
    except OSError:
        return []
    with store.database.reading() as db:
        known = {job.subject: job for job in jobs.of_kind(db, BACKBONE.name)} if db else {}
    found = [_found(folder, known.get(folder.name)) for folder in folders]
    return sorted(found, key=lambda one: -(one.job.created if one.job else 0.0))


def stop(store: RunStore, name: str) -> None:
    """End its process; what its last checkpoint holds is kept and can be resumed.

    Raises:
        NotApplicable: it is not being made.
        StoreError: it cannot be written down.
    """
    job = _checked(store, name, "stop").job
    assert job is not None  # it can be stopped
    end(store, job)


def resume(store: RunStore, name: str) -> None:
    """Go on from the last checkpoint as soon as there is a place.

    Raises:
        NotApplicable: it is being made, or is finished.
        StoreError: nothing can be written, or no process can be started.
    """
    job = _checked(store, name, "resume").job
    assert job is not None  # it can be resumed
    with store.database.writing() as db:
        jobs.ask(db, BACKBONE.name, name, job.arguments)  # refused where another reader was faster
    queue.advance(store)


def cancel(store: RunStore, name: str) -> None:
    """Stop it if it is being made, wait until that has ended, and delete it. Raises as `stop` and `drop`."""
    if "stop" in get(store, name).can:
        stop(store, name)
    until = time.monotonic() + _PATIENCE
    while "drop" not in get(store, name).can and time.monotonic() < until:
        time.sleep(_LOOK)
    drop(store, name)


def drop(store: RunStore, name: str) -> None:
    """Delete its folder with everything in it.

    Raises:
        NotApplicable: it is being made, or runs were trained on it.
        StoreError: it cannot be deleted.
    """
    folder = _checked(store, name, "drop").folder
    runs = _runs_on(store, folder)
    if runs:
        needed = f"{len(runs)} of the runs need it, for example {runs[0]}"
        raise NotApplicable(f"backbone {name}", needed, "Keep it while they are kept")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise store_error(folder, error) from error
    with store.database.writing() as db:
        jobs.drop(db, BACKBONE.name, name)


def _begin(store: RunStore, name: str, asked: Mapping[str, Any]) -> LocalBackbone:
    """Make its folder and ask for its job; neither is left where one fails."""
    folder = _folder(store, name)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
    except FileExistsError as error:
        taken = "a backbone of this name is there already"
        raise BadParameter(f"name {name!r}", taken, "Choose another name") from error
    except OSError as error:
        raise store_error(folder.parent, error) from error
    try:
        with store.database.writing() as db:
            jobs.drop(db, BACKBONE.name, name)  # of one whose folder somebody removed
            jobs.ask(db, BACKBONE.name, name, asked)
        queue.advance(store)
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)  # nothing was made yet that could be resumed
        with store.database.writing() as db:
            jobs.drop(db, BACKBONE.name, name)
        raise
    return get(store, name)


def _found(folder: Path, job: Job | None) -> LocalBackbone:
    complete = (folder / WEIGHTS_FILE).exists() and (folder / CONFIG_FILE).exists()
    return LocalBackbone(folder.name, folder, job, complete)


def _folder(store: RunStore, name: str) -> Path:
    if not _allowed(name):
        allowed = f"small letters, digits, - and _, at most {LONGEST}, a letter or a digit first"
        raise BadParameter(f"name {name[: 2 * LONGEST]!r}", allowed, "Choose such a name")
    return backbones_folder(store.home) / name


def _allowed(name: str) -> bool:
    return len(name) <= LONGEST and _NAME.fullmatch(name) is not None


def _runs_on(store: RunStore, folder: Path) -> list[str]:
    """Runs whose backbone it is."""
    whole = [run.id for run in store.runs() if run.status != DAMAGED]
    return [run for run in whole if parse_json(store.row(run)["config"]).get("backbone") == f"{LOCAL}{folder}"]


def _checked(store: RunStore, name: str, verb: str) -> LocalBackbone:
    found = get(store, name)
    if verb not in found.can:
        now = "stopping" if found.job is not None and found.job.stopping else found.status
        remedy = f"It can {', '.join(sorted(found.can))} now" if found.can else "Wait until it has stopped"
        raise NotApplicable(f"{verb} of {name}", f"it is {now}", remedy)
    return found


def _command(folder: Path, defence: str, settings: Mapping[str, Value], start: str, images: int | None) -> list[str]:
    command = ["robustify", "--out", str(folder), "--defence", defence, "--start", start]
    command += ["--images", str(images)] if images else []
    sets = [f"{key}={value}" for key, value in settings.items()]
    return [*command, "--set", *sets] if sets else command
