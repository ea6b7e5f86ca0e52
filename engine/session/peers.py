"""Runs of the same data, tasks, order and backbone by whatever method, with outcomes image by image. No torch here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.array_types import Bools, Ints
from engine.errors import PlumageError
from engine.methods.base import METHODS
from engine.runs.config import RunConfig
from engine.store.store import RunStore
from engine.store.view import RunView

_HOW = {"method", "settings", "seed"}
"""What runs of the same data may differ in."""


@dataclass(frozen=True)
class Peer:
    """A method with its settings, and its runs.

    Attributes:
        method: its name.
        views: the newest run of each seed that got as far as was asked.
    """

    method: str
    views: dict[int, RunView] = field(default_factory=dict)

    @property
    def family(self) -> str:
        """One of `engine.methods.base.FAMILIES`."""
        return METHODS.get(self.method).family

    def right(self, moment: int, split: str) -> Mapping[int, tuple[Ints, Bools]]:
        """By seed, the rows of the test images and which of them are right; without seeds that did not keep it."""
        kept = {seed: _right(view, moment, split) for seed, view in self.views.items()}
        return {seed: found for seed, found in kept.items() if found is not None}


def peers(store: RunStore, view: RunView, moment: int) -> list[Peer]:
    """All methods with runs like one, itself included, that have finished the task `moment`.

    Forks are left out, as they may hold edits that no setting tells of.
    """
    wanted, found = _data_of(view.config), dict[str, Peer]()
    for summary in store.runs():  # the newest first
        if summary.parent is not None or summary.tasks_done <= moment or summary.method not in METHODS.names():
            continue
        try:
            other = RunView(store, summary.id)
            config = other.config
        except PlumageError:  # a damaged or newer run is shown as such where runs are listed
            continue
        if _data_of(config) == wanted:
            how = json.dumps([config.method, config.to_mapping()["settings"]], sort_keys=True)
            found.setdefault(how, Peer(config.method)).views.setdefault(config.seed, other)
    return list(found.values())


def _right(view: RunView, moment: int, split: str) -> tuple[Ints, Bools] | None:
    try:
        found = view.outcomes(moment, split)
    except PlumageError:  # damaged, which is told where that run is looked at
        return None
    if found is None:
        return None
    return np.asarray(found.image, np.int64), np.asarray(found.label == found.predicted)


def _data_of(config: RunConfig) -> dict[str, object]:
    return {key: value for key, value in config.to_mapping().items() if key not in _HOW}
