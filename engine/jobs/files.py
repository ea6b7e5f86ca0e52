"""Files made for a reader, and files brought in: reports, slides, archives, scalars and imports as jobs. No torch here.

What is made waits in the job's folder for a day (`engine.jobs.clearing`), so a dialog can be closed meanwhile.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from engine.files import store_error
from engine.home import jobs_folder
from engine.jobs import queue
from engine.jobs.clearing import GIVEN
from engine.jobs.kinds import ARCHIVE, IMPORT, REPORT, SCALARS, SLIDES, JobKind
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.states import FINISHED
from engine.store.store import RunStore

_COPIED = 1 << 20  # bytes at a time


def _report(run: str, moment: int | None, path: Path) -> list[str]:
    return ["report", run, "-o", str(path), *_task(moment)]


def _slides(run: str, moment: int | None, path: Path) -> list[str]:
    return ["slides", run, "-o", str(path), *_task(moment)]


def _task(moment: int | None) -> list[str]:
    return ["--task", str(moment + 1)] if moment is not None else []


_COMMANDS: Mapping[str, tuple[str, Callable[[str, int | None, Path], list[str]]]] = {
    REPORT.name: (".html", _report),
    SLIDES.name: ("-slides.pdf", _slides),
    ARCHIVE.name: (".zip", lambda run, moment, path: ["export", run, "-o", str(path), "--replace"]),
    SCALARS.name: ("-scalars.zip", lambda run, moment, path: ["scalars", run, "-o", str(path)]),
}
"""What each file's name ends with, and the command that writes it."""


def made(store: RunStore, kind: JobKind, run: str, moment: int | None) -> Job | None:
    """The job that makes a file for a run and a moment, or did; None if nobody asked for it, or its file is gone."""
    with store.database.reading() as db:
        job = jobs.find(db, kind.name, _subject(run, moment)) if db else None
    return None if job is None or (job.status == FINISHED and not Path(job.made).is_file()) else job


def make(store: RunStore, kind: JobKind, run: str, moment: int | None, complete: bool = False) -> None:
    """Have a file made, anew where it was made before.

    Args:
        moment: the task to look at, from 0, or None before the first is finished.
        complete: have a report compute first what it would lack.

    Raises:
        NotApplicable: it is being made.
        StoreError: the store cannot be written, or no process can be started.
    """
    ending, command = _COMMANDS[kind.name]
    with store.database.writing() as db:
        number = jobs.ask(db, kind.name, _subject(run, moment), {}, run)
        path = jobs_folder(store.home) / str(number) / f"plumage-{run}{ending}"
        asked = command(run, moment, path) + (["--complete"] if complete else [])
        jobs.give(db, number, {"command": asked})
    queue.advance(store)


def bring(store: RunStore, given: IO[bytes]) -> str:
    """Have an archive brought in; returns the subject of its job.

    Raises:
        StoreError: the store cannot be written, or no process can be started.
    """
    subject = secrets.token_hex(8)
    waiting = jobs_folder(store.home) / subject
    try:
        waiting.mkdir(parents=True)
        with (waiting / GIVEN).open("wb") as file:
            shutil.copyfileobj(given, file, _COPIED)
    except OSError as error:
        shutil.rmtree(waiting, ignore_errors=True)
        raise store_error(store.home, error) from error
    with store.database.writing() as db:
        number = jobs.ask(db, IMPORT.name, subject, {})
        folder = waiting.rename(jobs_folder(store.home) / str(number))
        jobs.give(db, number, {"command": ["import", str(folder / GIVEN)]})
    queue.advance(store)
    return subject


def brought(store: RunStore, subject: str) -> Job | None:
    """The job that brings an archive in, or did; None once it is forgotten."""
    with store.database.reading() as db:
        return jobs.find(db, IMPORT.name, subject) if db else None


def _subject(run: str, moment: int | None) -> str:
    return json.dumps([run, moment])
