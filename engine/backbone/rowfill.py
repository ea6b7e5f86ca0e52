"""One request for rows of the feature cache: read what is there, compute and store the rest, share work with others."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.backbone.rowfile import RowFile, no_permission

ComputeRows = Callable[[Ints], Floats]
OnProgress = Callable[[int, int], None]

_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 5.0
"""How long to wait for another process's claimed rows without seeing one arrive, before computing them here as well."""


class RowFill:
    """One request for rows of one file.

    Args:
        rows: ascending and distinct, [n].
    """

    def __init__(self, rows: Ints, width: int, compute: ComputeRows, progress: OnProgress | None, chunk: int) -> None:
        self.values = np.zeros((len(rows), width), np.float32)
        self._rows, self._ready = rows, np.zeros(len(rows), bool)
        self._compute, self._progress, self._chunk = compute, progress, max(1, chunk)

    def compute_all(self) -> None:
        """Compute every row, keeping nothing."""
        self._report()
        for start in range(0, len(self._rows), self._chunk):
            self._compute_rows(np.arange(start, min(start + self._chunk, len(self._rows))))

    def run(self, file: RowFile) -> None:
        """Take from the file what is there, compute and store the rest, and let other processes share the work."""
        self._collect(file)
        self._report()
        if self._ready.all():
            return
        if not file.writable:
            raise no_permission(file.path)
        last_arrival = time.monotonic()
        while not self._ready.all():
            patient = time.monotonic() - last_arrival < _PATIENCE_SECONDS
            if self._sweep(file, only_unclaimed=patient) or self._collect(file):
                last_arrival = time.monotonic()
                self._report()
            else:
                time.sleep(_POLL_SECONDS)

    def _sweep(self, file: RowFile, only_unclaimed: bool) -> bool:
        """Compute every missing chunk that no other process has claimed. Returns whether any was."""
        any_done = False
        blocks = self._rows // self._chunk  # the same chunk borders in every process
        for block in np.unique(blocks[~self._ready]).tolist():
            first = block * self._chunk
            claimed = file.claim(first, self._chunk)
            if not claimed and only_unclaimed:
                continue
            try:
                self._collect(file, blocks == block)  # another process may have filled it since we looked
                missing = np.flatnonzero(~self._ready & (blocks == block))
                if len(missing):
                    file.write(self._rows[missing], self._compute_rows(missing))
            finally:
                if claimed:
                    file.release(first, self._chunk)
            any_done = True
        return any_done

    def _collect(self, file: RowFile, among: Bools | None = None) -> bool:
        """Read the rows that are there and still missing here. Returns whether any was."""
        missing = np.flatnonzero(~self._ready if among is None else ~self._ready & among)
        there = missing[file.marks()[self._rows[missing]] != 0]
        values, good = file.read(self._rows[there])
        self.values[there[good]] = values[good]
        self._ready[there[good]] = True
        return bool(good.any())

    def _compute_rows(self, positions: Ints) -> Floats:
        values = checked(self._compute(self._rows[positions]), len(positions), self.values.shape[1])
        self.values[positions] = values
        self._ready[positions] = True
        self._report()
        return values

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(int(self._ready.sum()), len(self._ready))


def checked(values: Floats, count: int, width: int) -> Floats:
    values = np.ascontiguousarray(values, np.float32)
    if values.shape != (count, width):
        raise ValueError(f"computed {values.shape}, expected {(count, width)}")
    return values
