"""Where a job's process runs. Today that is this machine; another place offers the same two functions.

A job is a command of `python -m engine` that outlives who asked for it: it writes what it does to the store or its
folder and its output to a log, so whoever asked can go away, and whoever comes later finds it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.home import VARIABLE
from engine.store.liveness import process_mark

_ROOT = Path(__file__).resolve().parents[2]
SHARED = max(1, (os.cpu_count() or 1) // 2)
"""Threads of a background job: two processes that each take every core wait for each other."""


@dataclass(frozen=True, slots=True)
class Process:
    """A job's process.

    Attributes:
        pid: its number on its machine.
        mark: what tells it from a later process of the same number (see `engine.store.liveness`).
    """

    pid: int
    mark: str


def start(arguments: Sequence[str], log: Path, home: Path, threads: int | None = None) -> Process:
    """Start a command in a session of its own, so that it outlives this process.

    Args:
        arguments: after `python -m engine`.
        log: file to which its output is added.
        home: where runs and caches live for it.
        threads: as many as the libraries choose if not given.

    Raises:
        OSError: the log cannot be written, or no process can be made.
    """
    limits = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    with log.open("ab") as output:
        process = subprocess.Popen(
            _command(arguments),
            cwd=_ROOT,
            env={**os.environ, VARIABLE: str(home), **limits},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Process(process.pid, process_mark(process.pid))


def end(pid: int | None, mark: str | None) -> None:
    """Ask a job's process and its helpers to end, if it is still the one that was started."""
    if pid is None or not mark or mark != process_mark(pid):
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        leads = os.getpgid(pid) == pid  # one that somebody began in a terminal may be in the group of others
        (os.killpg if leads else os.kill)(pid, signal.SIGTERM)


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "engine", *arguments]
