"""Which backbone holds after a task, where a run hardens its backbone before each of them. No torch here.

A run with `RunConfig.hardening` keeps one backbone a task in open_clip's `local-dir:` form beside its snapshots. It is
written to a temporary folder and renamed, so it is there whole or not at all, and never changes afterwards: forks share
the files of those they keep. All other runs have one backbone for all tasks, and nothing of this touches them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from engine.backbone.presets import LOCAL
from engine.runs.config import NO_COMPENSATION, NO_HARDENING, RunConfig

BEFORE = -1
"""The "task" before the first: the run's starting backbone."""
_FOLDER = "towers"
_UNFINISHED = ".part"


def changes_backbone(config: RunConfig) -> bool:
    """Whether the run's backbone is another one after each task."""
    return config.hardening != NO_HARDENING


def compensates_drift(config: RunConfig) -> bool:
    """Whether statistics of earlier classes change with the backbone, so that every task has its own of all classes."""
    return changes_backbone(config) and config.drift_compensation != NO_COMPENSATION


def spec_after(folder: Path, config: RunConfig, task: int) -> str:
    """Spec of the backbone that holds after a task (`BEFORE` for the starting one).

    Args:
        folder: the run's.
    """
    if task <= BEFORE or not changes_backbone(config):
        return config.backbone
    return f"{LOCAL}{tower(folder, task)}"


def tower(folder: Path, task: int) -> Path:
    """Where the tower after a task lies in a run's folder."""
    return folder / _FOLDER / f"task-{task:02d}"


def unfinished(folder: Path, task: int) -> Path:
    """An empty folder for a tower in the making."""
    path = tower(folder, task).with_suffix(_UNFINISHED)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def publish(folder: Path, task: int) -> None:
    """Put the tower in the making into its place, in one move."""
    made = tower(folder, task).with_suffix(_UNFINISHED)
    for path in made.iterdir():  # the weights shall be on the disk before their name is
        with path.open("rb") as file:
            os.fsync(file.fileno())
    made.rename(tower(folder, task))


def drop_unfinished(folder: Path) -> None:
    """Remove what a worker that was killed left."""
    for path in (folder / _FOLDER).glob(f"*{_UNFINISHED}"):
        shutil.rmtree(path, ignore_errors=True)


def share(source: Path, target: Path, after_task: int) -> None:
    """Give another run the towers up to a task, without a second copy where the file system can do that."""
    for task in range(after_task + 1):
        if tower(source, task).exists():
            shutil.copytree(tower(source, task), tower(target, task), copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
