"""A run as a film: everything that its player (`assets/ui/film.js`) draws, as one mapping for JSON. No torch.

The player is the same on the page of a run, on a slide and in a report; whoever draws it hands on `FilmFigure.text`.
Its time is made of moments: a place in a task, which is a beat, the task's end, or both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.figures import film_words
from engine.figures.film_cast import Cast, cast
from engine.figures.film_frames import frames, known
from engine.metrics.accuracy import finished
from engine.metrics.attention_shift import GROWS
from engine.records.events import Watched
from engine.records.watched import AFTER, moment_of

When = tuple[int, int]
"""A moment: task, and epochs of learning inside of it or `AFTER`."""
PANELS = ("weights", "attention", "attack")
"""What can only be drawn of beats; accuracy and forgetting need finished tasks alone."""
_ROOM = 0.02
"""Between the lines of forgetting and the ends of their axis, as a share of accuracy."""
_STEP = 0.05
"""Such an axis begins and ends at a multiple of this."""


@dataclass(frozen=True, slots=True)
class Footage:
    """What a film is made of.

    Attributes:
        run, title: its id, and what people call it.
        classes: names in the order of learning, of all tasks.
        owner: the task that brings each.
        accuracy: matrix [T, T], 0..1, NaN where not known.
        seen: accuracy on all classes seen after each task, [T].
        beats: in order.
        pictures: data addresses of probes, by name.
        headlines: what happened, one a moment (see `moments`).
        missing: by panel, why there is nothing to see of it at any moment.
        notes: what else has to be known, for example that a beat is damaged.
        epochs: of learning that a task has, as far as that is known.
        opening: the headline before the first moment.
    """

    run: str
    title: str
    classes: tuple[str, ...]
    owner: tuple[int, ...]
    accuracy: Floats
    seen: Floats
    beats: tuple[Watched, ...] = ()
    pictures: Mapping[str, str] = field(default_factory=dict)
    headlines: Sequence[str] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    epochs: int = 0
    opening: str = ""


@dataclass(frozen=True)
class FilmFigure:
    """A film as a figure.

    Attributes:
        data: what the player takes (see `drawn`).
    """

    data: Mapping[str, Any]

    @cached_property
    def text(self) -> str:
        """The same as JSON."""
        return json.dumps(self.data, separators=(",", ":"), allow_nan=False)


def moments(beats: Sequence[Watched], tasks_done: int) -> list[When]:
    """Every beat and the end of every finished task, in order."""
    places = {(beat.task, beat.epoch) for beat in beats} | {(task, AFTER) for task in range(tasks_done)}
    return sorted(places, key=lambda place: moment_of(*place))


def code(task: int, epoch: int) -> str:
    """A moment in an address: `4` after task 4, `4.20` inside of it after 20 epochs."""
    return f"{task + 1}" if epoch == AFTER else f"{task + 1}.{epoch}"


def rows_until(when: When, tasks_done: int) -> int:
    """Rows of the accuracy matrix that are known at a moment."""
    task, epoch = when
    return min(task + (epoch == AFTER), tasks_done)


def drawn(footage: Footage) -> FilmFigure:
    """The film of a run."""
    done = len(finished(footage.accuracy))
    when = moments(footage.beats, done)
    by_place = {(beat.task, beat.epoch): beat for beat in footage.beats}
    beats = [by_place.get(place) for place in when]
    actors = cast(footage.beats)
    return FilmFigure(
        {
            "run": footage.run,
            "title": footage.title,
            "classes": footage.classes,
            "owner": footage.owner,
            "tasks": len(footage.accuracy),
            "epochs": max([footage.epochs, *(epoch + 1 for _, epoch in when)]),
            "matrix": [[known(100 * v, 1) for v in row[: t + 1]] for t, row in enumerate(footage.accuracy[:done])],
            "axis": axis(footage.accuracy),
            "moments": when,
            "rows": [rows_until(place, done) for place in when],
            "heads": footage.headlines,
            "opening": footage.opening,
            "told": [
                film_words.told(footage, actors, beats, at, rows_until(when[at], done)) for at in range(len(when))
            ],
            "nothing": film_words.told(footage, actors, [None], 0, 0),
            "missing": footage.missing,
            "notes": footage.notes,
            "grows": GROWS.tolist(),
            **_actors(actors, footage),
            **frames(beats, actors),
        }
    )


def axis(accuracy: Floats) -> tuple[float, float]:
    """Ends of the axis of forgetting, in per cent: so that what was lost is seen, wherever it lies."""
    values = accuracy[np.isfinite(accuracy)]
    if not len(values):
        return 0.0, 100.0
    low = max(0.0, np.floor((values.min() - _ROOM) / _STEP) * _STEP)
    high = min(1.0, np.ceil((values.max() + _ROOM) / _STEP) * _STEP)
    return round(100 * float(low), 1), round(100 * float(high), 1)


def _actors(actors: Cast, footage: Footage) -> dict[str, Any]:
    """Probes, concepts and classes that the beats speak of, each once."""
    return {
        "probes": [
            {
                "ref": probe.ref,
                "class": probe.label,
                "task": probe.arrived,
                "reason": probe.reason,
                "picture": footage.pictures.get(probe.ref, ""),
            }
            for probe in actors.probes
        ],
        "concepts": [
            {"text": one.text, "group": one.group, "why": one.why, "born": one.born} for one in actors.concepts
        ],
        "columns": actors.columns,
    }
