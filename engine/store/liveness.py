"""Whether a run's worker lives. A killed worker cannot say that it died, so nobody's word is taken for it."""

from __future__ import annotations

import platform
from pathlib import Path

from engine.files import process_lives

STALE = 30.0
"""Seconds without a heartbeat after which a worker on another machine counts as dead. As far ahead is no sign of life
either: a clock was set."""
_STATE, _START = 0, 19  # fields of /proc/PID/stat behind the command's name: state, start time since boot


def process_mark(pid: int) -> str:
    """Machine and start time of a process: a process that later gets the same number has another mark."""
    return f"{platform.node()}:{_stat(pid)[_START] if _stat(pid) else ''}"


def alive(pid: int | None, mark: str | None, heartbeat_age: float) -> bool:
    """Whether the process is still the one that was marked.

    Args:
        pid, mark: as recorded; None while a worker is still being started.
        heartbeat_age: seconds since its last sign of life; below zero where a clock was set back since.
    """
    if pid is None or not mark:
        return abs(heartbeat_age) < STALE
    if mark.partition(":")[0] != platform.node():  # a shared directory: only the heartbeat can tell
        return abs(heartbeat_age) < STALE
    if not Path("/proc/self/stat").exists():
        return process_lives(pid)
    stat = _stat(pid)
    return bool(stat) and stat[_STATE] not in "ZX" and process_mark(pid) == mark


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
