"""How long the report of a finished demo run takes, from the start of the command to its end, and how large it is.

Each seed is one repetition in a process of its own; the files it reads were read before, so it measures work and not
the disk. What no analysis was computed for is missing from it, as it says.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.bench.figure import Figure, measured
from engine.bench.page import finished_run
from engine.errors import PlumageError
from engine.store.store import RunStore

TITLE = "seconds and megabytes of a report"
TARGETS = {"seconds": 10.0, "megabytes": 12.0}
_MB = 1e6
_ROOT = Path(__file__).resolve().parents[2]


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Write the report of the newest finished demo run once for each seed; without one, train it first."""
    chosen = finished_run(RunStore())
    _write(chosen)  # so that every repetition finds the files in memory
    found = [_write(chosen) for _ in seeds]
    for at, (name, unit) in enumerate((("seconds", "s"), ("megabytes", "MB"))):
        yield measured(f"report.{name}", [one[at] for one in found], unit, most=TARGETS[name])


def _write(chosen: str) -> tuple[float, float]:
    """Seconds and megabytes.

    Raises:
        PlumageError: the command did not end well.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        command = [sys.executable, "-m", "engine", "report", chosen, "-o", str(path)]
        began = time.perf_counter()
        done = subprocess.run(command, cwd=_ROOT, env=os.environ, capture_output=True, text=True)
        seconds = time.perf_counter() - began
        if done.returncode:
            raise PlumageError(f"report of {chosen}", done.stderr.strip()[-300:], "Run the command by hand to see more")
        return seconds, path.stat().st_size / _MB
