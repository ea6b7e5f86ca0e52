"""What a run watched, row by row, as archives take it out of a store and put it into one. No torch here."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.store.rows import add
from engine.store.seals import damaged, read, whole


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
            add(db, "watching", {"run": run, "settings": self.settings})
        for table, given in (("pins", self.pins), ("beats", self.beats)):
            for row in given:
                add(db, table, {"run": run, **row})


def stored(db: sqlite3.Connection, run: str) -> tuple[StoredFilm, tuple[str, ...]]:
    """What the store holds, and which beats are left out because they are damaged.

    Raises:
        StoreDamaged: settings or pins are.
    """
    chosen = read(db, "watching", "WHERE run = ?", run)
    pins = read(db, "pins", "WHERE run = ? AND NOT removed ORDER BY id", run)
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
