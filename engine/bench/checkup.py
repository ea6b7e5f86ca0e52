"""How long `doctor --check` takes over a store of 200 runs of the demo, and whether it finds a flipped bit.

One demo run is trained, unless the newest finished one is there to be copied; its rows and files are copied 200 times
into a store of its own. Each seed is one repetition in a process of its own, and flips one bit of one stored model.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.bench.figure import Figure, measured
from engine.bench.page import finished_run
from engine.home import VARIABLE
from engine.store.states import FINISHED
from engine.store.store import RunStore
from engine.store.summary import stored_config

TITLE = "seconds to go through a store of 200 runs"
RUNS = 200
MOST_SECONDS = 10.0
_ROOT = Path(__file__).resolve().parents[2]


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Check a store of copies of the newest finished demo run once for each seed; without one, train it first."""
    source = RunStore()
    chosen = finished_run(source)
    with tempfile.TemporaryDirectory() as folder:
        store = _copies(source, chosen, Path(folder))
        _check(store)  # so that every repetition finds the files in memory
        found = [_check(store) for _ in seeds]
        yield measured("checkup.seconds", [seconds for seconds, _ in found], "s", most=MOST_SECONDS)
        yield measured("checkup.falsely_damaged", [float(code) for _, code in found], "exit code", most=0.0)
        noticed = [float(_check_damaged(store, seed)) for seed in seeds]
        yield measured("checkup.flipped_bit_noticed", noticed, "share", least=1.0)


def _copies(source: RunStore, chosen: str, home: Path) -> RunStore:
    """A store of `RUNS` runs that are the chosen one, each with files of its own."""
    shutil.copytree(source.home, home / "store", ignore=shutil.ignore_patterns("cache", "runs"))
    shutil.copytree(source.folder(chosen), RunStore(home / "store").folder(chosen))
    store = RunStore(home / "store")
    for other in store.runs():
        if other.id != chosen:
            store.delete(other.id)
    config, last = stored_config(store.row(chosen)), store.tasks_done(chosen) - 1
    for _ in range(RUNS - 1):
        made = store.create(config, status=FINISHED)
        store.copy_tasks(chosen, made, last)
        shutil.copytree(store.snapshots(chosen), store.snapshots(made), dirs_exist_ok=True)
    return store


def _check(store: RunStore) -> tuple[float, int]:
    """Seconds and exit code of the command."""
    command = [sys.executable, "-m", "engine", "doctor", "--check"]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=_ROOT, env={**os.environ, VARIABLE: str(store.home)}, capture_output=True)
    return time.perf_counter() - began, done.returncode


def _check_damaged(store: RunStore, seed: int) -> bool:
    """Whether one flipped bit in one model is noticed; it is put back."""
    draw = random.Random(seed)
    path = draw.choice(sorted(store.home.glob("runs/*/snapshots/*.safetensors")))
    whole = path.read_bytes()
    at = draw.randrange(len(whole))
    try:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << draw.randrange(8))]) + whole[at + 1 :])
        return _check(store)[1] != 0
    finally:
        path.write_bytes(whole)
