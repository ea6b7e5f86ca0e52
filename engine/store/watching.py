"""What a run watches: settings, and what people pinned. A pin that is taken away can be put back; no torch here."""

from __future__ import annotations

import json
from dataclasses import dataclass

from engine.errors import BadInput, BadParameter, StoreDamaged
from engine.runs.watch import MOST_CONCEPTS, MOST_TEXT, Kind, Pin, WatchList, WatchSettings
from engine.store.seals import read
from engine.store.store import RunStore
from engine.structures import Malformed, checked, parse_json


@dataclass(frozen=True, slots=True)
class Watching:
    """What the runs of a store watch. Cheap to make; may be used from any thread."""

    store: RunStore

    def list(self, run: str) -> WatchList:
        """Settings, the declared ones where none were chosen, and pins in the order in which they were made.

        Raises:
            StoreDamaged: it is not as it was written.
        """
        with self.store.database.reading() as db:
            chosen = read(db, "watching", "WHERE run = ?", run) if db else []
            pins = read(db, "pins", "WHERE run = ? AND NOT removed ORDER BY id", run) if db else []
        settings = _settings(run, chosen[0]["settings"]) if chosen else WatchSettings()
        return WatchList(settings, tuple(Pin(row["kind"], row["what"], row["data"]) for row in pins))

    def choose(self, run: str, settings: WatchSettings) -> None:
        """Watch by other settings from the next beat on.

        Raises:
            BadParameter: they would have too many pictures watched.
            UnknownRun: there is no such run (any more).
        """
        pinned = sum(pin.kind == "picture" for pin in self.list(run).pins)
        settings.check_size(self._tasks(run), pinned, self._cost(run, settings, pinned))
        query = "INSERT INTO watching (run, settings) VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET settings = ?"
        text = json.dumps(settings.to_mapping())
        self._write(run, query, (run, text, text))

    def pin(self, run: str, pin: Pin) -> None:
        """Watch a picture or a concept; one that is pinned already stays as it is.

        Raises:
            BadInput: there would be too many, or its text is too long.
            UnknownRun: there is no such run (any more).
        """
        if not 1 <= len(pin.what) <= MOST_TEXT:
            raise BadInput(f"pin {pin.what[:40]!r}", f"it is named by 1 to {MOST_TEXT} characters", "Pin another one")
        found = self.list(run)
        same = [other for other in found.pins if other.kind == pin.kind]
        if any(other.what == pin.what for other in same):
            return
        if pin.kind == "picture":
            found.settings.check_size(self._tasks(run), len(same) + 1, self._cost(run, found.settings, len(same) + 1))
        elif found.settings.concepts + len(same) >= MOST_CONCEPTS:
            reason = f"a run watches at most {MOST_CONCEPTS} concepts, and {len(same)} are pinned"
            raise BadInput(f"pin {pin.what!r}", reason, "Take a pin away, or have fewer chosen by themselves")
        query = (
            "INSERT INTO pins (run, kind, what, data) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (run, kind, what) DO UPDATE SET removed = 0"
        )
        self._write(run, query, (run, pin.kind, pin.what, pin.data))

    def unpin(self, run: str, kind: Kind, what: str) -> None:
        """Watch it no longer; to `pin` it again undoes this. What was seen of it stays.

        Raises:
            UnknownRun: there is no such run (any more).
        """
        self._write(run, "UPDATE pins SET removed = 1 WHERE run = ? AND kind = ? AND what = ?", (run, kind, what))

    def _write(self, run: str, query: str, values: tuple[object, ...]) -> None:
        with self.store.writing(run) as db:
            db.execute(query, values)

    def _tasks(self, run: str) -> int:
        return int(self.store.row(run)["tasks_total"] or 1)

    def _cost(self, run: str, settings: WatchSettings, pinned: int) -> str:
        """What a look at all of them would take, from what the last one took; "" where there was none."""
        query = "SELECT task, seconds FROM beats WHERE run = ? ORDER BY task DESC LIMIT 1"
        with self.store.database.reading() as db:
            rows = db.execute(query, (run,)).fetchall() if db else []
        if not rows:
            return ""
        task, seconds = rows[0]
        now = max(1, settings.probes_per_task * (task + 1))
        asked = settings.probes_per_task * self._tasks(run) + pinned
        return f"about {seconds / now * asked:.1f} s a look, at {seconds / now:.2f} s a picture so far"


def _settings(run: str, text: str) -> WatchSettings:
    try:
        return WatchSettings.from_mapping(checked(dict[str, object], parse_json(text)))
    except (Malformed, BadParameter) as error:
        remedy = "Choose anew what is watched; what was seen is safe"
        raise StoreDamaged(f"watching of run {run}", f"it cannot be read ({error})", remedy) from error
