"""A run as it goes into an archive: everything small, read out of the store in one look. No torch here."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import StoreDamaged
from engine.jobs.analyses import Analyses, Question
from engine.store.films import StoredFilm, stored
from engine.store.marks import Mark, PictureMarks
from engine.store.seals import read
from engine.store.selections import Selections
from engine.store.shelf import tags_of
from engine.store.store import RunStore
from engine.store.summary import shelved
from engine.structures import Malformed, parse_json

_TASK = ("task", "seconds", "peak_memory_mb", "accuracy", "finished", "snapshot", "tower")

Line = Mapping[str, Any]
"""What one line of a .jsonl file holds."""


@dataclass(frozen=True, slots=True)
class FinishedAnalysis:
    """A finished analysis.

    Attributes:
        line: its line in `analyses.jsonl`.
        arrays: the result as .npy bytes, by name.
    """

    line: Line
    arrays: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Content:
    """A run's rows.

    Attributes:
        run: what `run.json` holds; status as it truly was, setup as stored.
        tasks, events: in order; events as `Event.to_mapping` gives them.
        metrics: .npy bytes by task, split and name.
        answers: finished analyses, the oldest first.
        scenarios, selections: those not removed, the oldest first.
        marks: those that hold, the oldest first.
        film: what it watched.
        left_out: which finished analyses and which beats are not here, and why: they are damaged.
    """

    run: Line
    tasks: tuple[Line, ...]
    events: tuple[Line, ...]
    metrics: Mapping[tuple[int, str, str], bytes]
    answers: tuple[FinishedAnalysis, ...]
    scenarios: tuple[Line, ...]
    selections: tuple[Line, ...]
    marks: tuple[Line, ...]
    film: StoredFilm
    left_out: tuple[str, ...]


def content(store: RunStore, run: str) -> Content:
    """Everything the store's tables hold of a run but its config.

    Raises:
        UnknownRun: there is none.
        StoreError: it cannot be read, or what it holds is no JSON.
    """
    row = store.row(run)
    with store.database.reading() as db:  # one look: tasks, metrics and events of one moment
        assert db is not None  # the row was there
        rows = read(db, "tasks", "WHERE run = ? ORDER BY task", run)
        tasks = [{name: row[name] for name in _TASK} for row in rows]
        measured = read(db, "metrics", "WHERE run = ? ORDER BY task, split, name", run)
        metrics = {(found["task"], found["split"], found["name"]): bytes(found["data"]) for found in measured}
        bodies = read(db, "events", "WHERE run = ? ORDER BY id", run)
        events = [_json(found["body"], run, finite=False) for found in bodies]
        film, lost = stored(db, run)
    answers, left_out = _answers(store, run)
    extras = answers, _scenarios(store, run), _selections(store, run), _marks(store, run), film, (*left_out, *lost)
    return Content(_described(store, row), tuple(tasks), tuple(events), metrics, *extras)


def _described(store: RunStore, row: sqlite3.Row) -> Line:
    with store.database.reading() as db:
        said = shelved(db).get(row["id"]) if db else None
        tags = tags_of(db).get(row["id"]) if db else None
    training = store.training(row["id"])
    columns = ("name", "created", "machine", "parent", "parent_task", "tasks_total")
    return {
        "id": (said["imported"] if said else "") or row["id"],  # brought in and exported again, it is still that run
        **{column: row[column] for column in columns},
        "note": said["note"] if said else "",
        **({"tags": [*tags]} if tags else {}),
        "status": training.status,
        "error": training.error,
        "setup": _json(row["setup"], row["id"]) if row["setup"] else None,
    }


def _answers(store: RunStore, run: str) -> tuple[tuple[FinishedAnalysis, ...], tuple[str, ...]]:
    """The finished analyses that are whole, and what is to say of the others."""
    found, left_out = [], []
    with store.database.reading() as db:
        finished = read(db, "analyses", "WHERE run = ? ORDER BY id", run) if db else []
        for number, row in enumerate(finished):
            assert db is not None  # it gave the row
            if damage := _damage(store, row):
                left_out.append(damage)
                continue
            results = read(db, "results", "WHERE analysis = ? ORDER BY name", row["id"])
            line = {
                "folder": f"{row['name']}-{number + 1}",
                "task": row["task"],
                "name": row["name"],
                "settings": _json(row["settings"], run),
                "seconds": row["seconds"],
                "machine": row["machine"],
            }
            found.append(FinishedAnalysis(line, {result["name"]: bytes(result["data"]) for result in results}))
    return tuple(found), tuple(left_out)


def _damage(store: RunStore, row: sqlite3.Row) -> str:
    """What is damaged of a finished analysis; empty if nothing is."""
    try:
        question = Question(row["run"], row["task"], row["name"], _json(row["settings"], row["run"]))
        whole = Analyses(store).result(question) is not None
        return "" if whole else f"analysis {row['name']} after task {row['task'] + 1}: it holds no arrays"
    except StoreDamaged as error:
        return f"{error.given}: {error.allowed}"


def _scenarios(store: RunStore, run: str) -> tuple[Line, ...]:
    with store.database.reading() as db:
        rows = read(db, "scenarios", "WHERE NOT removed AND run = ? ORDER BY created, id", run) if db else []
    columns = ("id", "task", "name", "note", "created", "base")
    return tuple({**{name: row[name] for name in columns}, "edits": _json(row["edits"], run)} for row in rows)


def _selections(store: RunStore, run: str) -> tuple[Line, ...]:
    kept = Selections(store).all(run)[::-1]
    return tuple({"name": one.name, "pictures": [*one.pictures], "created": one.created} for one in kept)


def _marks(store: RunStore, run: str) -> tuple[Line, ...]:
    return tuple(_mark(mark) for mark in PictureMarks(store).all(run))


def _mark(mark: Mark) -> Line:
    return {name: getattr(mark, name) for name in ("picture", "digest", "concept", "present", "marked")}


def _json(text: str, run: str, finite: bool = True) -> Any:
    try:
        return parse_json(text, finite=finite)
    except Malformed as error:
        remedy = "See what is whole with python -m engine doctor --check"
        raise StoreDamaged(f"run {run}", f"what is stored of it cannot be read ({error})", remedy) from error
