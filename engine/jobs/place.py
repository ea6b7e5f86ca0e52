"""Where a job's process runs. Today that is this machine; another place offers the same two functions.

A job is done by `python -m engine work NUMBER`, which outlives who asked for it: it writes how far it is to the store
and its output to a log, so whoever asked can go away, and whoever comes later finds it.
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


@dataclass(frozen=True, slots=True)
class Process:
    """A job's process.

    Attributes:
        pid: its number on its machine.
        mark: what tells it from a later process of the same number (see `engine.store.liveness`).
    """

    pid: int
    mark: str


def start(job: int, log: Path, home: Path, threads: int | None) -> Process:
    """Start a job's process in a session of its own, so that it outlives this one.

    Args:
        job: its number in the store.
        log: file to which its output is added.
        home: where runs and caches live for it.
        threads: as many as the libraries choose if None.

    Raises:
        OSError: the log cannot be written, or no process can be made.
    """
    limits = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            _command(job),
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


def _command(job: int) -> Sequence[str]:
    return [sys.executable, "-m", "engine", "work", str(job)]
