"""What a run watched, in an archive: `watching.json`, one .npz file a beat, and people's own pictures.

watching.json                 settings, pins, and of every beat its task, its epoch and the seconds it took
film/task-00/00020.npz        the arrays of a beat (`engine.records.watched`); epoch 0: after the task
film/pins/0.webp              a pinned picture that is no picture of the data
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from engine.archive.foreign import parsed, read, refused
from engine.errors import BadImage, BadParameter
from engine.records.events import RunStarted
from engine.records.watched import beat_of
from engine.runs.watch import MOST_TEXT, Kind, WatchSettings
from engine.session.uploads import harmless
from engine.store import rows
from engine.store.seals import damaged, whole
from engine.store.seals import read as read_rows
from engine.structures import Count, Measure, Structure

WATCHING = "watching.json"
_MOST_PINS = 1000


class _Pin(Structure):
    kind: Kind
    what: Annotated[str, Field(min_length=1, max_length=MOST_TEXT)]
    file: Annotated[str, Field(max_length=40)] | None


class _Beat(Structure):
    task: Count
    epoch: Count
    seconds: Measure


class _Watching(Structure):
    settings: dict[str, Any] | None
    pins: Annotated[list[_Pin], Field(max_length=_MOST_PINS)]
    beats: list[_Beat]


@dataclass(frozen=True, slots=True)
class StoredFilm:
    """What a run watched, as the store's tables hold it: rows of `watching` (or none), `pins` and `beats`, but for
    the run's id."""

    settings: str | None = None
    pins: tuple[Mapping[str, Any], ...] = ()
    beats: tuple[Mapping[str, Any], ...] = ()

    def insert(self, db: sqlite3.Connection, run: str) -> None:
        """Add every row."""
        if self.settings is not None:
            rows.add(db, "watching", {"run": run, "settings": self.settings})
        for table, given in (("pins", self.pins), ("beats", self.beats)):
            for row in given:
                rows.add(db, table, {"run": run, **row})


def stored(db: sqlite3.Connection, run: str) -> tuple[StoredFilm, tuple[str, ...]]:
    """What the store holds, and which beats are left out because they are damaged.

    Raises:
        StoreDamaged: settings or pins are.
    """
    chosen = read_rows(db, "watching", "WHERE run = ?", run)
    pins = read_rows(db, "pins", "WHERE run = ? AND NOT removed ORDER BY id", run)
    beats = db.execute("SELECT * FROM beats WHERE run = ? ORDER BY task, epoch = 0, epoch", (run,)).fetchall()
    left_out = tuple(f"beat {damaged('beats', row).given}: it is damaged" for row in beats if not whole("beats", row))
    return StoredFilm(
        chosen[0]["settings"] if chosen else None,
        tuple({name: pin[name] for name in ("kind", "what", "data")} for pin in pins),
        tuple(
            {name: beat[name] for name in ("task", "epoch", "seconds", "data")}
            for beat in beats
            if whole("beats", beat)
        ),
    ), left_out


def files(film: StoredFilm) -> dict[str, bytes]:
    """The files of an archive; none where nothing was watched."""
    if film == StoredFilm():
        return {}
    found: dict[str, bytes] = {_place(beat["task"], beat["epoch"]): bytes(beat["data"]) for beat in film.beats}
    pins = []
    for number, pin in enumerate(film.pins):
        file = _pin(number) if pin["data"] else None
        found |= {file: bytes(pin["data"])} if file else {}
        pins.append({"kind": pin["kind"], "what": pin["what"], "file": file})
    told = {
        "settings": None if film.settings is None else json.loads(film.settings),
        "pins": pins,
        "beats": [{name: beat[name] for name in ("task", "epoch", "seconds")} for beat in film.beats],
    }
    return {**found, WATCHING: json.dumps(told, indent=1, ensure_ascii=False).encode()}


def film(given: Mapping[str, bytes], setup: RunStarted | None) -> StoredFilm:
    """What a run watched, out of an archive's files, every value checked.

    Raises:
        BadInput: something is missing, of the wrong type, or does not fit the run.
    """
    there = {name for name in given if name.startswith("film/")}
    if WATCHING not in given:
        if there:
            raise refused(min(there), f"{WATCHING} does not say what it is")
        return StoredFilm()
    told = read(_Watching, parsed(given[WATCHING], WATCHING), WATCHING)
    pins = tuple(_pinned(pin, number, given) for number, pin in enumerate(told.pins))
    if len({(pin["kind"], pin["what"]) for pin in pins}) < len(pins):
        raise refused(WATCHING, "it pins one thing twice")
    places = [(beat.task, beat.epoch) for beat in told.beats]
    if len(set(places)) < len(places):
        raise refused(WATCHING, "it lists one beat twice")
    beats = tuple(_beat(beat, given, setup) for beat in told.beats)
    if odd := there - {_place(*place) for place in places} - {pin.file for pin in told.pins}:
        raise refused(min(odd), f"{WATCHING} does not say what it is")
    return StoredFilm(_settings(told.settings), pins, beats)


def _settings(values: dict[str, Any] | None) -> str | None:
    if values is None:
        return None
    try:
        return json.dumps(WatchSettings.from_mapping(values).to_mapping())
    except BadParameter as error:
        raise refused(WATCHING, f"{error.given}: {error.allowed}") from error


def _pinned(pin: _Pin, number: int, given: Mapping[str, bytes]) -> Mapping[str, Any]:
    data = b""
    if pin.file is not None:
        if pin.file != _pin(number) or pin.file not in given or pin.kind != "picture":
            raise refused(WATCHING, f"the picture of a pin lies in no such file: {pin.file!r}")
        try:
            data = harmless(given[pin.file], pin.file)
        except BadImage as error:
            raise refused(pin.file, error.allowed) from error
    return {"kind": pin.kind, "what": pin.what, "data": data}


def _beat(beat: _Beat, given: Mapping[str, bytes], setup: RunStarted | None) -> Mapping[str, Any]:
    place = _place(beat.task, beat.epoch)
    if place not in given or setup is None:
        raise refused(WATCHING, f"there is no such beat: {place}")
    data = given[place]
    try:
        beat_of(beat.task, beat.epoch, beat.seconds, data, setup)
    except ValueError as error:
        raise refused(place, str(error)) from error
    return {"task": beat.task, "epoch": beat.epoch, "seconds": beat.seconds, "data": data}


def _place(task: int, epoch: int) -> str:
    return f"film/task-{task:02d}/{epoch:05d}.npz"


def _pin(number: int) -> str:
    return f"film/pins/{number}.webp"
