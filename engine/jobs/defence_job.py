"""How far a backbone is that is being made here: read from what lives and what lies there. No torch here.

A dead process cannot say that it died, so nobody's word is taken for it: job.json holds what was asked for, the command
itself writes progress.json and its log, and the process table knows whether it is at work.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.backbone.presets import CONFIG_FILE, LOCAL, WEIGHTS_FILE
from engine.params import Value
from engine.store.liveness import alive

JOB_FILE, PROGRESS_FILE, LOG_FILE = "job.json", "progress.json", "robustify.log"
TURN = "turn"
"""Whether a job has a place among those at work; in `job.json`."""
COMMAND = "robustify"
"""The command that makes a backbone; its errors begin with its name."""
_TAIL = 4000  # bytes at the end of a log in which its last words are looked for
_CAN: Mapping[str, frozenset[str]] = {
    "running": frozenset({"stop"}),
    "stopped": frozenset({"resume", "drop"}),
    "interrupted": frozenset({"resume", "drop"}),
    "failed": frozenset({"resume", "drop"}),
    "finished": frozenset({"drop"}),
}


@dataclass(frozen=True, slots=True)
class Job:
    """A backbone that is being made, or was.

    Attributes:
        name: also its folder's.
        folder: where it lies.
        defence: name of the defence, or `""` where nobody wrote it down.
        settings: what differs from the defence's defaults.
        start: spec of the backbone it begins with.
        created: unix time in seconds.
        status: running, interrupted, stopped, failed or finished.
        stopping: it was asked to stop and has not ended yet.
        waiting: its process is there, and waits for a place among the background jobs.
        phase: what the command says it is doing, or `""`.
        step, steps: steps done and in all; 0 until known.
        seconds: active time so far.
        losses: each loss by name, as last reported.
        error: why it failed, for people, or None.
    """

    name: str
    folder: Path
    defence: str
    settings: Mapping[str, Value]
    start: str
    created: float
    status: str
    stopping: bool
    waiting: bool
    phase: str
    step: int
    steps: int
    seconds: float
    losses: Mapping[str, float]
    error: str | None

    @property
    def spec(self) -> str:
        """The backbone as a run's setting."""
        return f"{LOCAL}{self.folder}"

    @property
    def seconds_left(self) -> float | None:
        """An estimate, or None before the first step of training."""
        if not self.step or not self.seconds:
            return None
        return self.seconds / self.step * max(self.steps - self.step, 0)

    @property
    def can(self) -> frozenset[str]:
        """Which of stop, resume and drop make sense now."""
        return _CAN[self.status] if not self.stopping else frozenset()


def state_of(folder: Path) -> Job:
    """The job in a folder, whatever lies there."""
    asked, told = read(folder / JOB_FILE), read(folder / PROGRESS_FILE)
    lives = bool(asked) and alive(asked.get("pid"), asked.get("mark"), time.time() - _number(asked, "began"))
    complete = (folder / WEIGHTS_FILE).exists() and (folder / CONFIG_FILE).exists()
    error = None if lives else _last_words(folder, int(_number(asked, "log_from")))
    if lives:
        status = "running"
    elif complete and (told.get("status") == "finished" or not asked):
        status, error = "finished", None
    elif asked.get("wanted") == "stop":
        status, error = "stopped", None
    else:
        status = "failed" if error or not asked else "interrupted"
    if not asked and status == "failed":
        error = f"{JOB_FILE} is missing or damaged"
    settings, losses = asked.get("settings"), told.get("losses")
    return Job(
        name=folder.name,
        folder=folder,
        defence=str(asked.get("defence", "")),
        settings=settings if isinstance(settings, dict) else {},
        start=str(asked.get("start", "")),
        created=_number(asked, "created"),
        status=status,
        stopping=lives and asked.get("wanted") == "stop",
        waiting=lives and asked.get(TURN) is False,
        phase=str(told.get("status", "")),
        step=int(_number(told, "step")),
        steps=int(_number(told, "steps")),
        seconds=_number(told, "seconds"),
        losses={k: _number(losses, k) for k in losses} if isinstance(losses, dict) else {},
        error=error,
    )


def _last_words(folder: Path, since: int) -> str | None:
    """What the command said when it failed; None where it was killed and could not say anything."""
    try:
        with (folder / LOG_FILE).open("rb") as log:
            log.seek(max(since, log.seek(0, os.SEEK_END) - _TAIL))
            lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        return None
    said = [line for line in lines if line.startswith(f"{COMMAND}: ")]
    if said:
        return said[-1].removeprefix(f"{COMMAND}: ")
    broken = next((i for i, line in enumerate(lines) if line.startswith("This is a bug")), None)
    return f"{lines[broken - 1]} ({folder / LOG_FILE})" if broken else None


def read(path: Path) -> dict[str, Any]:
    """A JSON object; empty where it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(found: Mapping[str, Any], key: str) -> float:
    value = found.get(key, 0)
    return float(value) if isinstance(value, int | float) else 0.0
