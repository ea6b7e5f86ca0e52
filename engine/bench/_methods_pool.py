"""Many cells, each in a process of its own, some at once: progress with the time left on stderr, and no crash.

A process of its own makes the memory that is measured the cell's, and a cell that is killed for its memory takes
nothing with it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from multiprocessing.connection import Connection, wait
from pathlib import Path
from statistics import mean
from typing import Generic, Protocol, TypeVar

from engine.errors import PlumageError


class Named(Protocol):
    """What can be measured by a process."""

    @property
    def words(self) -> str:
        """For people."""


C = TypeVar("C", bound=Named)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Pool(Generic[C]):
    """Does cells in processes of one thread.

    Args:
        act: does one; can be pickled.
        home: handed to it.
        jobs: how many at once.
        sort: what kind of work a cell is, by which the time left is told.
    """

    def __init__(self, act: Callable[[C, Path], None], home: Path, jobs: int, sort: Callable[[C], str]) -> None:
        self._act, self._home, self._jobs, self._sort = act, home, jobs, sort

    def each(self, cells: Sequence[C]) -> dict[int, str]:
        """Do all; returns why those failed that did, by their place."""
        took, failed, began = dict[int, float](), dict[int, str](), time.monotonic()
        with ThreadPoolExecutor(max(1, self._jobs)) as pool:
            futures = {pool.submit(self._one, cell): place for place, cell in enumerate(cells)}
            try:
                for future in as_completed(futures):
                    place = futures[future]
                    took[place], problem = future.result()
                    if problem:
                        failed[place] = problem
                    self._tell(cells, took, place, problem, time.monotonic() - began)
            except BaseException:  # ctrl-C: what waits is not begun; those at work got the signal too
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return failed

    def _one(self, cell: C) -> tuple[float, str]:
        """Seconds, and why it failed, or an empty text."""
        began, context = time.monotonic(), multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_carried_out, args=(self._act, cell, self._home, theirs))
        os.environ.update(dict.fromkeys(_THREADS, "1"))  # read when the process loads its libraries
        process.start()
        theirs.close()
        try:
            problem = str(ours.recv())
        except EOFError:  # it died without a word
            process.join()
            problem = f"its process ended with {process.exitcode}"
        process.join()
        return time.monotonic() - began, problem

    def _tell(self, cells: Sequence[C], took: Mapping[int, float], place: int, problem: str, since: float) -> None:
        sorts = [self._sort(cell) for cell in cells]
        left = seconds_left(sorts, took) / max(1, self._jobs)
        word = f"failed: {problem}" if problem else f"{took[place]:.0f} s"
        told = f"{len(took)} of {len(cells)} cells in {since / 60:.0f} min, about {left / 60:.0f} min left"
        print(f"methods: {cells[place].words}: {word}; {told}", file=sys.stderr, flush=True)


def seconds_left(sorts: Sequence[str], took: Mapping[int, float]) -> float:
    """Seconds of work left: of each cell not done the mean of those of its sort, or of all where none is done.

    Args:
        sorts: of each cell.
        took: seconds of those done, by their place; at least one.
    """
    by_sort: dict[str, list[float]] = {}
    for place, seconds in took.items():
        by_sort.setdefault(sorts[place], []).append(seconds)
    usual = mean(took.values())
    return sum(mean(by_sort.get(sort, [usual])) for place, sort in enumerate(sorts) if place not in took)


def _end_with_parent() -> None:
    """Nobody would hear of the cell any more: it ends as one that is told to, so that its run can be gone on with."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)


def _carried_out(act: Callable[[C, Path], None], cell: C, home: Path, theirs: Connection) -> None:
    """In the process: do it, and say what was wrong."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    problem = ""
    try:
        act(cell, home)
    except PlumageError as error:
        problem = str(error)
    except Exception as bug:
        problem = f"a bug in Plumage: {type(bug).__name__}: {bug}"
    theirs.send(problem)
    theirs.close()
