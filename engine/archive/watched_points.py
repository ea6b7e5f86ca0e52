"""What was watched of a run as points and pictures for TensorBoard: the film, beat by beat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.figures.heat import Picture, overlay
from engine.metrics.attention_shift import NAMES
from engine.records.arrays import Array
from engine.records.events import Watched
from engine.records.watched import AFTER
from engine.store.view import RunView

_OF_PROBES = ("margin", "attacked_margin")
_OF_CONCEPTS = ("alignment", "drift", "accuracy")
_MAPS = ("row_map", "attacked_row_map")
_SIDE = 96
"""Pixels of a map's picture."""


@dataclass(frozen=True, slots=True)
class WatchedPicture:
    """A map at one beat: RGB, uint8 [S, S, 3]."""

    tag: str
    picture: Picture
    step: int
    time: float


def points(view: RunView, clock: Sequence[float]) -> Iterator[tuple[str, float, int, float]]:
    """Tag, value, step and time of every number: by probe, by concept, and of all probes together.

    Args:
        clock: when each task began, and when the last of them ended.
    """
    for beat, step, time in _dated(view, clock):
        values = {**_one_by_one(beat), **_together(beat)}
        for tag, value in values.items():
            yield f"watched_{tag}", value, step, time


def pictures(view: RunView, clock: Sequence[float]) -> Iterator[WatchedPicture]:
    """The row-guided maps after every task, clean and attacked, each probe's on one scale over the run."""
    film = [at for at in _dated(view, clock) if at[0].epoch == AFTER]
    limits: dict[str, float] = {}
    for beat, _, _ in film:
        for place, name in enumerate(beat.arrays["probe"].tolist()):
            sizes = [np.nanmax(np.abs(heat), initial=0.0) for kind in _MAPS if (heat := beat.arrays[kind][place]).size]
            limits[name] = max(limits.get(name, 0.0), *map(float, sizes), 0.0)
    for beat, step, time in film:
        for kind in _MAPS:
            for place, name in enumerate(beat.arrays["probe"].tolist()):
                heat = beat.arrays[kind][place].astype(np.float32)
                if heat.size and np.isfinite(heat).all():
                    yield WatchedPicture(f"watched_{kind}/{_plain(name)}", _drawn(heat, limits[name]), step, time)


def _drawn(heat: Array, limit: float) -> Picture:
    blank = np.full((_SIDE, _SIDE, 3), 255, np.uint8)
    return overlay(blank, heat, limit or None)


def _one_by_one(beat: Watched) -> dict[str, float]:
    found = {}
    for name in _OF_PROBES:
        for probe, value in zip(beat.arrays["probe"].tolist(), beat.arrays[name].tolist(), strict=True):
            found[f"{name}/{_plain(probe)}"] = value
    for name in _OF_CONCEPTS:
        for concept, value in zip(beat.arrays["concept"].tolist(), beat.arrays[name].tolist(), strict=True):
            found[f"{name}/{_plain(concept)}"] = value
    return found


def _together(beat: Watched) -> dict[str, float]:
    """Means over the probes that can be looked at, and what became of the head."""
    there = beat.arrays["lost"] == ""
    found = {"head/moved": float(beat.arrays["moved"])}
    if there.any():
        found["attack/fooled"] = float(beat.arrays["fooled"][there].mean())
        for guide in ("row", "text"):
            for name, value in zip(NAMES, beat.arrays[f"{guide}_shift"][there].mean(0).tolist(), strict=True):
                found[f"{guide}_shift/{name}"] = value
    return found


def _plain(name: str) -> str:
    """A name as a tag may hold it."""
    return re.sub(r"[^-\w.]", "_", name, flags=re.ASCII)


def _dated(view: RunView, clock: Sequence[float]) -> Iterator[tuple[Watched, int, float]]:
    """Every beat with its step, the epochs of learning of all tasks so far, and its time."""
    epochs: dict[int, dict[int, float]] = {}
    for row in view.epochs():
        if row.phase == "train":
            epochs.setdefault(row.task, {})[row.epoch] = row.seconds
    for beat in view.film().beats:
        own, before = epochs.get(beat.task, {}), sum(max(len(epochs.get(task, {})), 1) for task in range(beat.task))
        after = beat.epoch == AFTER
        step = before + (max(len(own), 1) if after else beat.epoch)
        began = clock[min(beat.task, len(clock) - 1)]
        ended = clock[min(beat.task + 1, len(clock) - 1)]
        yield beat, step, ended if after else began + own.get(beat.epoch, 0.0)
