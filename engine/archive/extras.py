"""What hangs on a run, out of an archive's files: analyses, saved edits, marks, its film, and a fork's origin.

Imports torch: an analysis and an edit know themselves what they can be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from engine.analyses.base import ANALYSES, Analysis
from engine.archive import layout, measured
from engine.archive.film import film
from engine.archive.foreign import Time, parsed, parsed_lines, read, refused
from engine.archive.record import Record
from engine.errors import BadInput
from engine.interventions.stored_edits import from_mappings
from engine.records.answers import check_answer, known
from engine.records.arrays import Array
from engine.store import marks, selections
from engine.store.films import StoredFilm
from engine.store.scenarios import MAX_EDITS, MAX_NAME, MAX_NOTE
from engine.structures import Count, Malformed, Measure, Structure, Text

Files = Mapping[str, bytes]
_ARRAY = re.compile(r"analyses/([^/]+)/([^/]+)\.npy")
_Id = Annotated[str, Field(min_length=1, max_length=64)]


class _AnswerLine(Structure):
    folder: Annotated[str, Field(max_length=80)]
    task: Count
    name: Annotated[str, Field(max_length=64)]
    settings: dict[str, Any]
    seconds: Measure | None
    machine: Text


class _ScenarioLine(Structure):
    id: _Id
    task: Count
    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    note: Annotated[str, Field(max_length=MAX_NOTE)]
    created: Time
    base: _Id | None
    edits: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_EDITS)]


class _SelectionLine(Structure):
    name: Annotated[str, Field(max_length=selections.MAX_NAME)]
    pictures: Annotated[list[str], Field(max_length=selections.MAX_PICTURES)]
    created: Time


class _MarkLine(Structure):
    picture: Text
    digest: Text
    concept: Text
    present: bool
    marked: Time


class _ArchivedOrigin(Structure):
    run: _Id
    scenario: _Id
    task: Count


@dataclass(frozen=True, slots=True)
class StoredAnalysis:
    """A finished analysis: its columns in the store, what it was asked with, and .npy bytes by name."""

    row: Mapping[str, Any]
    settings: Mapping[str, Any]
    arrays: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class RunExtras:
    """What hangs on a run.

    Attributes:
        answers: finished analyses, the oldest first.
        scenarios: their columns in the store, the oldest first; `id` and `base` are those of the archive.
        selections, marks: their columns in the store, the oldest first.
        film: what it watched.
        origin: what `engine.store.origin.origin` reads, or None where the run did not start from edits.
    """

    answers: tuple[StoredAnalysis, ...]
    scenarios: tuple[Mapping[str, Any], ...]
    selections: tuple[Mapping[str, Any], ...]
    marks: tuple[Mapping[str, Any], ...]
    film: StoredFilm
    origin: Mapping[str, Any] | None


def extras(files: Files, found: Record) -> RunExtras:
    """Read and check them.

    Args:
        found: the run they hang on.

    Raises:
        BadInput: something is missing, of the wrong type, out of its limits, or nothing this Plumage knows.
    """
    edits = _scenarios(files, len(found.tasks)), _selections(files), _marks(files)
    return RunExtras(_answers(files, found), *edits, film(files, found.setup), _origin(files))


def _answers(files: Files, run: Record) -> tuple[StoredAnalysis, ...]:
    folders: dict[str, dict[str, Array]] = {}
    for name, data in files.items():
        if found := _ARRAY.fullmatch(name):
            folders.setdefault(found[1], {})[found[2]] = measured.array(data, name)
    answers = []
    for line, where in parsed_lines(files[layout.ANALYSES], layout.ANALYSES):
        told = read(_AnswerLine, line, where)
        own = folders.pop(told.folder, None)
        if own is None:
            raise refused(where, f"folder holds no arrays, or those of two analyses: {told.folder!r}")
        _check_task(told.task, len(run.tasks), where)
        _understood(partial(_analysis, told), where)
        _check_arrays(told, own, run)
        row = {name: getattr(told, name) for name in ("task", "name", "seconds", "machine")}
        answers.append(
            StoredAnalysis(row, told.settings, {name: files[layout.answer(told.folder, name)] for name in own})
        )
    if folders:
        raise refused(f"analyses/{min(folders)}", f"{layout.ANALYSES} does not say what it is the answer to")
    if _repeats([(a.row["task"], a.row["name"], json.dumps(a.settings, sort_keys=True)) for a in answers]):
        raise refused(layout.ANALYSES, "it gives two answers to one question")
    return tuple(answers)


def _analysis(told: _AnswerLine) -> Analysis:
    return ANALYSES.get(told.name).from_mapping(told.settings)


def _check_arrays(told: _AnswerLine, arrays: Mapping[str, Array], run: Record) -> None:
    concepts = len(run.texts[told.task]) if run.texts else None
    try:
        check_answer(told.name, arrays, told.settings, known(run.setup, told.task, concepts))
    except Malformed as error:
        raise refused(f"analyses/{told.folder}", str(error)) from error


def _scenarios(files: Files, done: int) -> tuple[Mapping[str, Any], ...]:
    found = []
    for line, where in parsed_lines(files[layout.SCENARIOS], layout.SCENARIOS):
        told = read(_ScenarioLine, line, where)
        _check_task(told.task, done, where)
        _understood(partial(from_mappings, told.edits), where)
        found.append({**told.model_dump(), "edits": json.dumps(told.edits)})
    if _repeats([row["id"] for row in found]) or _repeats([row["name"] for row in found]):
        raise refused(layout.SCENARIOS, "two of its scenarios have one name")
    return tuple(found)


def _selections(files: Files) -> tuple[Mapping[str, Any], ...]:
    found = []
    for line, where in parsed_lines(files.get(layout.SELECTIONS, b""), layout.SELECTIONS):
        told = read(_SelectionLine, line, where)
        _understood(partial(selections.check, told.name, told.pictures), where)
        found.append({"name": told.name, "pictures": json.dumps(told.pictures), "created": told.created})
    if _repeats([row["name"] for row in found]):
        raise refused(layout.SELECTIONS, "two of its selections have one name")
    return tuple(found)


def _marks(files: Files) -> tuple[Mapping[str, Any], ...]:
    found: list[Mapping[str, Any]] = []
    for line, where in parsed_lines(files.get(layout.MARKS, b""), layout.MARKS):
        told = read(_MarkLine, line, where)
        if len(found) == marks.MOST:
            raise refused(layout.MARKS, f"it holds more than {marks.MOST:,} marks")
        _understood(partial(marks.check, told.picture, told.digest, told.concept), where)
        found.append(marks.columns(**told.model_dump()))
    if _repeats([(row["picture"], row["concept"]) for row in found]):
        raise refused(layout.MARKS, "it says two things of one picture and one concept")
    return tuple(found)


def _origin(files: Files) -> Mapping[str, Any] | None:
    if layout.EDITS not in files:
        return None
    return read(_ArchivedOrigin, parsed(files[layout.EDITS], layout.EDITS), layout.EDITS).model_dump()


def _check_task(task: int, done: int, where: str) -> None:
    if task >= done:
        raise refused(where, f"task is none of its {done} finished tasks: {task}")


def _understood(make: Callable[[], object], where: str) -> None:
    """Let somebody read a value who knows what it may be.

    Raises:
        BadInput: it is nothing this Plumage knows.
    """
    try:
        make()
    except BadInput as error:
        raise refused(where, f"{error.given}: {error.allowed}") from error


def _repeats(values: list[Any]) -> bool:
    return len(set(values)) < len(values)
