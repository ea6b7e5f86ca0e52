"""Runs that differ in nothing but the backbone: what a defence changes can be told from them. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import PlumageError
from engine.runs.config import RunConfig
from engine.store.store import RunStore
from engine.store.view import RunView

_JOINT = "joint"
"""The method that learns everything at once."""


@dataclass(frozen=True, slots=True)
class Twin:
    """Another run of the same settings on another backbone.

    Attributes:
        run_id, name: which run.
        backbone: its spec.
        status: as `RunView.status`.
        tasks_done: how many tasks it has finished.
    """

    run_id: str
    name: str
    backbone: str
    status: str
    tasks_done: int


def twins(store: RunStore, view: RunView) -> tuple[Twin, ...]:
    """All twins of a run, newest first; of several on one backbone the newest that got furthest."""
    wanted = _without_backbone(view.config)
    found: dict[str, Twin] = {}
    for summary in store.runs():
        if summary.parent is not None:  # a fork may hold edits that its config does not tell
            continue
        try:
            config = RunView(store, summary.id).config
        except PlumageError:  # a damaged or newer run is shown as such where runs are listed
            continue
        if config.backbone == view.config.backbone or _without_backbone(config) != wanted:
            continue
        twin = Twin(summary.id, summary.name, config.backbone, summary.status, summary.tasks_done)
        known = found.get(twin.backbone)
        if known is None or twin.tasks_done > known.tasks_done:
            found[twin.backbone] = twin
    return tuple(found.values())


def joint_of(store: RunStore, view: RunView, moment: int) -> RunView | None:
    """The newest run that learnt the same data with the same seed all at once, as far as a moment; or None."""
    wanted = _data_of(view.config)
    for summary in store.runs():
        if summary.method != _JOINT or summary.tasks_done <= moment or summary.parent is not None:
            continue
        try:
            other = RunView(store, summary.id)
            if _data_of(other.config) == wanted:
                return other
        except PlumageError:  # as above
            continue
    return None


def _data_of(config: RunConfig) -> dict[str, object]:
    """What a run learns, and through which backbone, but not how."""
    return {key: value for key, value in config.to_mapping().items() if key not in {"method", "settings"}}


def _without_backbone(config: RunConfig) -> dict[str, object]:
    return {key: value for key, value in config.to_mapping().items() if key != "backbone"}
