"""Backbones made here: a defence trained in the background, paused, resumed, listed, forgotten. No torch here.

A job is a folder in the home's `backbones`: what was asked for, how far the command is, its output, and in the end the
model. Whoever calls goes on at once; a process of its own does the work and outlives the page.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.backbone.presets import DEFAULT, LOCAL
from engine.errors import BadParameter, NotApplicable
from engine.files import storage_errors, store_error, write_text
from engine.home import home as default_home
from engine.jobs import place
from engine.jobs.defence_job import COMMAND, JOB_FILE, LOG_FILE, TURN, Job, read, state_of
from engine.params import Value
from engine.store.store import RunStore
from engine.store.summary import DAMAGED
from engine.structures import parse_json

LONGEST = 40
"""Characters of a name."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PATIENCE, _LOOK = 10.0, 0.05  # seconds to wait for a process that was told to end, and between two looks


def backbones_folder(root: Path) -> Path:
    """Where each backbone made here has its folder."""
    return root / "backbones"


def start(
    name: str,
    defence: str,
    settings: Mapping[str, Value],
    root: Path | None = None,
    backbone: str = DEFAULT,
    images: int | None = None,
) -> Job:
    """Start a job in a process of its own, which goes on when this one ends.

    Args:
        settings: what differs from the defence's defaults; the command checks them.
        backbone: spec of the one to begin with.
        images: how many birds to draw and train on; the command's default if not given.
        root: the home; the usual one if not given.

    Raises:
        BadParameter: the name is not allowed or taken.
        StoreError: nothing can be written, or no process can be started.
    """
    folder = _folder(name, root)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
    except FileExistsError as error:
        raise BadParameter(
            f"name {name!r}", "a backbone of this name is there already", "Choose another name"
        ) from error
    except OSError as error:
        raise store_error(folder.parent, error) from error
    try:
        with _alone(folder):
            asked = {"defence": defence, "settings": dict(settings), "start": backbone, "images": images}
            _spawn(folder, {**asked, "created": time.time()})
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)  # nothing was made yet that could be resumed
        raise
    return state(name, root)


def state(name: str, root: Path | None = None) -> Job:
    """How far a job is.

    Raises:
        BadParameter: the name is not allowed.
        NotApplicable: there is none of this name.
    """
    folder = _folder(name, root)
    if not folder.is_dir():
        raise NotApplicable(f"backbone {name!r}", f"{folder.parent} has none of this name", "Choose one that is listed")
    return state_of(folder)


def jobs(root: Path | None = None) -> list[Job]:
    """Every job, the newest first; folders with other names are not ours and left out."""
    place = backbones_folder(root or default_home())
    try:
        folders = [path for path in place.iterdir() if path.is_dir() and _allowed(path.name)]
    except OSError:
        return []
    return sorted((state_of(folder) for folder in folders), key=lambda job: -job.created)


def stop(name: str, root: Path | None = None) -> None:
    """End a job's process; what its last checkpoint holds is kept and can be resumed.

    Raises:
        NotApplicable: it is not running.
        StoreError: it cannot be written down.
    """
    job = _checked(name, "stop", root)
    with _alone(job.folder):
        asked = read(job.folder / JOB_FILE)
        _write(job.folder, {**asked, "wanted": "stop"})
        pid = asked.get("pid")
        place.end(pid if isinstance(pid, int) else None, str(asked.get("mark")))


def resume(name: str, root: Path | None = None) -> None:
    """Go on from the last checkpoint in a new process.

    Raises:
        NotApplicable: it is running or finished, or what was asked for is no longer known.
        StoreError: nothing can be written, or no process can be started.
    """
    folder = _checked(name, "resume", root).folder
    with _alone(folder):
        job = _checked(name, "resume", root)  # asked again: another reader may have been faster
        if not job.defence:
            raise NotApplicable(f"resume of {name}", f"{JOB_FILE} does not say what was asked for", "Start it anew")
        _spawn(folder, read(folder / JOB_FILE))


def take_turn(folder: Path) -> None:
    """Write down that a job has its place among those at work (`engine.jobs.queue`).

    Raises:
        StoreError: it cannot be written down.
    """
    with _alone(folder):
        _write(folder, {**read(folder / JOB_FILE), TURN: True})


def cancel(name: str, root: Path | None = None) -> None:
    """Stop a job if it is running, wait until it has ended, and delete it. Raises as `stop` and `drop`."""
    if state(name, root).status == "running":
        stop(name, root)
        end = time.monotonic() + _PATIENCE
        while state(name, root).status == "running" and time.monotonic() < end:
            time.sleep(_LOOK)
    drop(name, root)


def drop(name: str, root: Path | None = None) -> None:
    """Delete a job's folder with everything in it.

    Raises:
        NotApplicable: it is running, or runs were trained on it.
        StoreError: it cannot be deleted.
    """
    folder = _checked(name, "drop", root).folder
    runs = _runs_on(folder)
    if runs:
        raise NotApplicable(
            f"backbone {name}", f"{len(runs)} of the runs need it, for example {runs[0]}", "Keep it while they are kept"
        )
    with storage_errors(folder):
        shutil.rmtree(folder)


def _folder(name: str, root: Path | None) -> Path:
    if not _allowed(name):
        allowed = f"small letters, digits, - and _, at most {LONGEST}, a letter or a digit first"
        raise BadParameter(f"name {name[: 2 * LONGEST]!r}", allowed, "Choose such a name")
    return backbones_folder(root or default_home()) / name


def _allowed(name: str) -> bool:
    return len(name) <= LONGEST and _NAME.fullmatch(name) is not None


def _runs_on(folder: Path) -> list[str]:
    """Runs whose backbone it is."""
    store = RunStore(folder.parent.parent)
    whole = [run.id for run in store.runs() if run.status != DAMAGED]
    return [run for run in whole if parse_json(store.row(run)["config"]).get("backbone") == f"{LOCAL}{folder}"]


def _checked(name: str, verb: str, root: Path | None) -> Job:
    job = state(name, root)
    if verb not in job.can:
        now = "stopping" if job.stopping else job.status
        remedy = f"It can {', '.join(sorted(job.can))} now" if job.can else "Wait until it has stopped"
        raise NotApplicable(f"{verb} of {name}", f"it is {now}", remedy)
    return job


def _spawn(folder: Path, asked: Mapping[str, Any]) -> None:
    """Start the command; its output goes to the job's log. The caller holds the folder."""
    root = folder.parent.parent
    try:
        log = folder / LOG_FILE
        said = log.stat().st_size if log.exists() else 0  # what an earlier process left in it is none of this one's
        now = {**asked, "wanted": "run", "began": time.time(), "log_from": said, "pid": None, "mark": None, TURN: False}
        _write(folder, now)
        process = place.start(_command(folder, asked), log, root, place.SHARED)
    except OSError as error:
        raise store_error(folder, error) from error
    _write(folder, {**now, "pid": process.pid, "mark": process.mark})


def _command(folder: Path, asked: Mapping[str, Any]) -> list[str]:
    command = [COMMAND, "--in-line", "--out", str(folder)]
    command += ["--defence", str(asked["defence"])]
    command += ["--start", str(asked["start"])] if asked.get("start") else []
    command += ["--images", str(asked["images"])] if asked.get("images") else []
    sets = [f"{key}={value}" for key, value in asked["settings"].items()]
    return [*command, "--set", *sets] if sets else command


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One reader at a time starts or stops a job: two who press the button together start one process."""
    with storage_errors(folder):
        fd = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _write(folder: Path, asked: Mapping[str, Any]) -> None:
    with storage_errors(folder):
        write_text(json.dumps(dict(asked)), folder / JOB_FILE)
