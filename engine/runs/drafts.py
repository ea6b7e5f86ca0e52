"""Runs that are being set up: what was typed so far, kept so that a closed tab loses nothing.

A draft holds values as they stand in the fields, right or wrong; whether they make a run is asked of `RunConfig`.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.data.sources.base import SOURCES
from engine.errors import BadInput
from engine.files import remove, storage_errors, write_text
from engine.params import Value, parameters_of
from engine.runs.config import RunConfig

FORM = 1
"""Version of the files."""
MOST = 50
"""Drafts that are kept; a new one pushes out the oldest."""
MOST_UNDONE = 30
"""Changes of a draft that can be taken back."""
Values = Mapping[str, Any]
_ID = re.compile(r"[0-9]{6}-[0-9]{6}-[0-9a-f]{4}")
_LARGEST = 1 << 20
_SETTINGS, _NAME = "settings", "name"


@dataclass(frozen=True, slots=True)
class RunDraft:
    """What was typed so far.

    Attributes:
        id: of the draft.
        changed: when it was changed last, in seconds since 1970.
        values: what differs from the values that a draft begins with: parameters of the run and of its data by name,
            the method's own under `"settings"`, what the run shall be called under `"name"`.
        past: what they were before each change that can be taken back, the last change last.
    """

    id: str
    changed: float
    values: Values
    past: tuple[Values, ...] = ()


class Drafts:
    """The drafts in a folder, a file each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, id: str, values: Values, past: Sequence[Values] = ()) -> None:
        """Keep a draft whole, over what it was, with the last `MOST_UNDONE` of its changes.

        Raises:
            BadInput: too much was typed.
            StoreError: it cannot be written.
        """
        held = {"form": FORM, "values": dict(values), "past": [dict(one) for one in past[-MOST_UNDONE:]]}
        text = json.dumps(held, ensure_ascii=False, indent=1)
        if len(text.encode()) > _LARGEST:
            raise BadInput(f"draft {id}", f"it may have {_LARGEST >> 20} MB", "Name files in place of long lists")
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_text(text, self._path(id))
            for old in self._files()[MOST:]:
                remove(old)

    def read(self, id: str) -> RunDraft:
        """A draft.

        Raises:
            BadInput: there is none, or its file is damaged.
        """
        path = self._path(id) if _ID.fullmatch(id) else None
        if path is None or not path.is_file():
            raise BadInput(
                f"draft {id[:40]!r}", "it is not here: it was started, removed, or made elsewhere", "Begin anew"
            )
        try:
            with storage_errors(path):
                raw = path.read_bytes()[: _LARGEST + 1]
            values, past = _checked(json.loads(raw))
            return RunDraft(id, path.stat().st_mtime, values, past)
        except (ValueError, RecursionError) as error:
            raise BadInput(
                f"draft {path}", f"its file is damaged ({error})", "Remove that file and begin anew"
            ) from error

    def newest(self) -> str | None:
        """The draft that was changed last, if there is any."""
        return next((path.stem for path in self._files()), None)

    def listed(self) -> list[str]:
        """All drafts, the one changed last first."""
        return [path.stem for path in self._files()]

    def remove(self, id: str) -> None:
        """Be rid of a draft; nothing happens where it is gone already."""
        if _ID.fullmatch(id):
            with storage_errors(self._folder):
                remove(self._path(id))

    def _path(self, id: str) -> Path:
        return self._folder / f"{id}.json"

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        with storage_errors(self._folder):
            found = [path for path in self._folder.glob("*.json") if _ID.fullmatch(path.stem)]
            return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def new_id() -> str:
    """An id that no other draft has; it begins with the date."""
    return f"{time.strftime('%y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


def _checked(held: object) -> tuple[Values, tuple[Values, ...]]:
    """The values in a file, and what they were.

    Raises:
        ValueError: it holds anything but plain values of known names.
    """
    if not isinstance(held, dict) or set(held) != {"form", "values", "past"} or held["form"] != FORM:
        raise ValueError(f"it must be an object with form {FORM}, values and past")
    if not isinstance(held["past"], list) or len(held["past"]) > MOST_UNDONE:
        raise ValueError(f"past must list at most {MOST_UNDONE} states")
    for values in (held["values"], *held["past"]):
        _check_values(values)
    return held["values"], tuple(held["past"])


def _check_values(values: object) -> None:
    if not isinstance(values, dict):
        raise ValueError("values must map names to plain values")
    known = {p.name for p in parameters_of(RunConfig)}
    known |= {p.name for source in map(SOURCES.get, SOURCES) for p in parameters_of(source)}
    for name, value in values.items():
        if name == _SETTINGS:
            if not isinstance(value, dict) or not all(_plain(one) for one in value.values()):
                raise ValueError("settings must map names to plain values")
        elif name not in known | {_NAME} or not _plain(value):
            raise ValueError(f"{name[:40]!r} is nothing that a run has, or its value is not plain")


def _plain(value: object) -> bool:
    return isinstance(value, Value)
