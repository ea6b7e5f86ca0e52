"""Import: a run out of an archive that may come from anybody. Imports torch, to open its models.

Everything is checked before the store is touched; models are unpacked into a folder of their own and opened there; then
one transaction adds the run under a new id. Whatever goes wrong before its end leaves the store as it was.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

from engine.archive import layout
from engine.archive.container import Archive, opened, room_for
from engine.archive.examine import examined
from engine.archive.extras import RunExtras, StoredAnalysis
from engine.archive.models import check_models
from engine.archive.record import Record
from engine.archive.staging import settled, staging, sweep
from engine.errors import BadInput, StoreError
from engine.files import full, storage_errors, sync_folder
from engine.jobs.analyses import SCENARIO
from engine.steps import Step, finish
from engine.store import ids, jobs, rows
from engine.store.store import RunStore
from engine.store.summary import shelved

_ATTEMPTS = 1000


def bring(store: RunStore, given: Path | IO[bytes], again: bool = False) -> str:
    """Bring an exported run in and return its new id; see `bringing`."""
    return finish(bringing(store, given, again))


def bringing(store: RunStore, given: Path | IO[bytes], again: bool = False) -> Generator[Step, None, str]:
    """Bring an exported run in and return its new id; yields progress, and stopping early leaves nothing.

    A run that was at work when it was exported is an interrupted one here.

    Args:
        given: the archive, or where it lies.
        again: also where the same run is here already.

    Raises:
        BadInput: it is no sound archive of a run, a newer Plumage made it, or the run is here already.
        StoreFull, StoreReadOnly, StoreError: the store cannot be written.
    """
    with opened(given) as archive:
        files = yield from archive.read()
        found, more = examined(files, archive.names)
        with store.database.writing() as db:  # it must be writable, and nobody shall wait for nothing
            if not again:
                _check_new(db, found)
        sweep(store)
        if not room_for(archive, store.home):
            raise full(store.home)
        with storage_errors(store.home):
            return (yield from _taken(store, archive, found, more, again))


def _check_new(db: sqlite3.Connection, found: Record) -> None:
    said = shelved(db)
    for run in sorted(rows.run_ids(db, found.run["created"])):
        known = said.get(run)
        if found.origin in (run, known["imported"] if known else ""):
            where = "in the bin" if known and known["removed"] is not None else "here already"
            remedy = "Look at that one; python -m engine import FILE --again makes a second"
            raise BadInput(f"run {found.origin}", f"it is {where}, as {run}", remedy)


def _taken(
    store: RunStore, archive: Archive, found: Record, more: RunExtras, again: bool
) -> Generator[Step, None, str]:
    """Unpack, open every model, and move the run into the store."""
    with staging(store) as folder:
        (folder / "snapshots").mkdir()
        yield from archive.unpack(folder)
        bound = yield from check_models(folder, found)
        tasks = tuple({**task, **own} for task, own in zip(found.tasks, bound, strict=True))
        if more.origin is not None:
            (folder / layout.EDITS).write_text(json.dumps(more.origin), encoding="utf-8")
        return _settle(store, folder, replace(found, tasks=tasks), more, again)


def _settle(store: RunStore, folder: Path, found: Record, more: RunExtras, again: bool) -> str:
    """Move the folder among the runs and add the rows: both or none."""
    moved = None
    try:
        with store.database.writing() as db:
            if not again:
                _check_new(db, found)
            run = _new_id(store, db)
            _insert(db, run, found, more)
            store.folder(run).parent.mkdir(exist_ok=True)
            moved = folder.rename(store.folder(run))
            sync_folder(moved.parent)
    except BaseException:
        if moved is not None:
            shutil.rmtree(moved, ignore_errors=True)
        raise
    settled(moved)
    return run


def _new_id(store: RunStore, db: sqlite3.Connection) -> str:
    known = rows.run_ids(db)
    for attempt in range(_ATTEMPTS):
        run = ids.new_id(time.time(), attempt)
        if run not in known and not store.folder(run).exists():
            return run
    raise StoreError(f"run store {store.home}", "no free run id was found", "Try again in a second")


def _insert(db: sqlite3.Connection, run: str, found: Record, more: RunExtras) -> None:
    """Every row of the run."""
    setup = json.dumps(found.setup.to_mapping()) if found.setup else None
    own = {"id": run, "config": json.dumps(found.config.to_mapping()), "setup": setup}
    rows.add(db, "runs", {**own, **found.run})
    jobs.record(db, jobs.TRAINING, run, run, found.status, found.error)
    rows.add(db, "shelf", {"run": run, "note": found.note, "imported": found.origin})
    for tag in found.tags:
        rows.add(db, "tags", {"run": run, "tag": tag})
    for selection in more.selections:
        rows.add(db, "selections", {"run": run, **selection})
    for mark in more.marks:
        rows.add(db, "marks", {"run": run, **mark})
    for finished in found.tasks:
        rows.add(db, "tasks", {"run": run, **finished})
    for (task, split, name), data in found.metrics.items():
        rows.add(db, "metrics", {"run": run, "task": task, "split": split, "name": name, "data": data})
    for event in found.events:
        body = event.to_mapping()
        rows.add(db, "events", {"run": run, "task": body["task"], "kind": body["event"], "body": json.dumps(body)})
    more.film.insert(db, run)
    names = {scenario["id"]: secrets.token_hex(6) for scenario in more.scenarios}  # ids are the whole store's
    for answer in more.answers:
        _insert_answer(db, run, answer, names)
    for scenario in more.scenarios:
        renamed = {"id": names[scenario["id"]], "base": names.get(scenario["base"])}
        rows.add(db, "scenarios", {**scenario, **renamed, "run": run})


def _insert_answer(db: sqlite3.Connection, run: str, answer: StoredAnalysis, scenarios: Mapping[str, str]) -> None:
    """A finished analysis.

    Args:
        scenarios: what the run's scenarios are called from now on; an analysis may have been asked about one.
    """
    asked = {**answer.settings}
    asked |= {key: scenarios[value] for key, value in asked.items() if key == SCENARIO and value in scenarios}
    number = rows.add(db, "analyses", {**answer.row, "run": run, "settings": json.dumps(asked, sort_keys=True)})
    for name, data in answer.arrays.items():
        rows.add(db, "results", {"analysis": number, "name": name, "data": data})
