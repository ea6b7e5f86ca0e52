"""What is dear to make is made once for all processes of a test run, and each reads a copy of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ASKED_ELSEWHERE = frozenset({"preference_front", "task_boundaries", "unlearning"})
"""Analyses that the tiny run has nothing for: they are of one method alone, or of a fork that has unlearnt."""


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that `make` filled, in whichever process came first; the others wait for it. To be read only."""
    base = factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = root / f"shared-{name}", root / f"shared-{name}.done"
    with (root / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed half-way
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def own_copy(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A copy of such a folder for this process, where what is read may also be cached."""
    return Path(shutil.copytree(made_once(factory, name, make), factory.mktemp(name) / "home"))
