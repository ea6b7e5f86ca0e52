"""What hangs on a run, out of an archive's files: finished analyses, saved edits, and where a fork's edits came from.

Imports torch: an analysis and an edit know themselves what they can be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.analyses.base import ANALYSES
from engine.archive import layout
from engine.archive.arrays import checked
from engine.archive.fields import Fields, parsed, parsed_lines, refused
from engine.errors import BadInput
from engine.interventions.edits import from_mappings
from engine.runs.scenarios import MAX_EDITS, MAX_NAME, MAX_NOTE

Files = Mapping[str, bytes]

_ANALYSIS = ("folder", "task", "name", "settings", "seconds", "machine")
_SCENARIO = ("id", "task", "name", "note", "created", "base", "edits")
_ORIGIN = ("run", "scenario", "task")
_ARRAY = re.compile(r"analyses/([^/]+)/([^/]+)\.npy")
_LATEST = 4e9  # unix time in seconds
_MOST_MACHINE, _MOST_ID, _MOST_FOLDER = 500, 64, 80  # characters


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished analysis: its columns in the store, what it was asked with, and .npy bytes by name."""

    row: Mapping[str, Any]
    settings: Mapping[str, Any]
    arrays: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Extras:
    """What hangs on a run.

    Attributes:
        answers: finished analyses, the oldest first.
        scenarios: their columns in the store, the oldest first; `id` and `base` are those of the archive.
        origin: what `engine.runs.persist.origin` reads, or None where the run did not start from edits.
    """

    answers: tuple[Answer, ...]
    scenarios: tuple[Mapping[str, Any], ...]
    origin: Mapping[str, Any] | None


def extras(files: Files, done: int) -> Extras:
    """Read and check them.

    Args:
        done: finished tasks of the run.

    Raises:
        BadInput: something is missing, of the wrong type, out of its limits, or nothing this Plumage knows.
    """
    return Extras(_answers(files, done), _scenarios(files, done), _origin(files))


def _answers(files: Files, done: int) -> tuple[Answer, ...]:
    arrays: dict[str, dict[str, bytes]] = {}
    for name, data in files.items():
        if found := _ARRAY.fullmatch(name):
            checked(data, name)
            arrays.setdefault(found[1], {})[found[2]] = data
    answers = [_answer(line, where, arrays, done) for line, where in _lines(files, layout.ANALYSES)]
    if arrays:
        raise refused(f"analyses/{min(arrays)}", f"{layout.ANALYSES} does not say what it is the answer to")
    if _repeats([(a.row["task"], a.row["name"], json.dumps(a.settings, sort_keys=True)) for a in answers]):
        raise refused(layout.ANALYSES, "it gives two answers to one question")
    return tuple(answers)


def _answer(line: object, where: str, arrays: dict[str, dict[str, bytes]], done: int) -> Answer:
    fields = Fields(line, where, _ANALYSIS)
    name, settings = fields.text("name", 64), fields.any("settings", dict)
    _understood(lambda: ANALYSES.get(name).from_mapping(settings), where)
    own = arrays.pop(fields.text("folder", _MOST_FOLDER), None)
    if own is None:
        raise fields.wrong("folder", "holds no arrays, or those of two analyses")
    row = {
        "task": fields.whole("task", high=done - 1),
        "name": name,
        "seconds": None if fields.is_none("seconds") else fields.number("seconds"),
        "machine": fields.text("machine", _MOST_MACHINE),
    }
    return Answer(row, settings, own)


def _scenarios(files: Files, done: int) -> tuple[Mapping[str, Any], ...]:
    found = [_scenario(line, where, done) for line, where in _lines(files, layout.SCENARIOS)]
    if _repeats([row["id"] for row in found]) or _repeats([row["name"] for row in found]):
        raise refused(layout.SCENARIOS, "two of its scenarios have one name")
    return tuple(found)


def _scenario(line: object, where: str, done: int) -> Mapping[str, Any]:
    fields = Fields(line, where, _SCENARIO)
    edits = fields.any("edits", list)
    if not 1 <= len(edits) <= MAX_EDITS or not all(isinstance(edit, dict) for edit in edits):
        raise refused(where, f"it holds no list of 1 to {MAX_EDITS} edits")
    _understood(lambda: from_mappings(edits), where)
    return {
        "id": fields.text("id", _MOST_ID, 1),
        "task": fields.whole("task", high=done - 1),
        "name": fields.text("name", MAX_NAME, 1),
        "note": fields.text("note", MAX_NOTE),
        "created": fields.number("created", high=_LATEST),
        "base": None if fields.is_none("base") else fields.text("base", _MOST_ID, 1),
        "edits": json.dumps(edits),
    }


def _origin(files: Files) -> Mapping[str, Any] | None:
    if layout.EDITS not in files:
        return None
    fields = Fields(parsed(files[layout.EDITS], layout.EDITS), layout.EDITS, _ORIGIN)
    texts = {name: fields.text(name, _MOST_ID, 1) for name in ("run", "scenario")}
    return {**texts, "task": fields.whole("task")}


def _lines(files: Files, name: str) -> list[tuple[object, str]]:
    """Every line of a .jsonl file, and what messages call it."""
    return [(line, f"{name}, line {number + 1},") for number, line in enumerate(parsed_lines(files[name], name))]


def _understood(read: Callable[[], object], where: str) -> None:
    """Let somebody read a value who knows what it may be.

    Raises:
        BadInput: it is nothing this Plumage knows.
    """
    try:
        read()
    except BadInput as error:
        raise refused(where, f"{error.given}: {error.allowed}") from error


def _repeats(values: list[Any]) -> bool:
    return len(set(values)) < len(values)
