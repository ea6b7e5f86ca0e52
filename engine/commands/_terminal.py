"""Standard streams that may be missing, full, closed, or know few letters: none of it is a bug, nor hides one."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import Any, TextIO, cast


class OutputLost(Exception):
    """Results could not be written to stdout; `reader_left` where whoever read them, say `head`, has seen enough."""

    def __init__(self, error: OSError) -> None:
        self.reader_left = isinstance(error, BrokenPipeError)
        super().__init__(error.strerror or str(error))


@contextlib.contextmanager
def terminal() -> Iterator[None]:
    """Within it, letters that a stream cannot show become question marks, and messages that nobody can get are dropped.

    Raises:
        OutputLost: results on stdout are lost, as found out by the body or by the end.
    """
    _fill_gaps()
    before = sys.stdout, sys.stderr
    out, err = _Results(before[0], 1), _Messages(before[1], 2)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)
    try:
        yield
    finally:
        try:
            out.flush()
            err.flush()
        finally:
            sys.stdout, sys.stderr = before


class _Stream:
    """A standard stream with its own way to fail."""

    def __init__(self, stream: TextIO | None, number: int) -> None:
        self._stream = stream or open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        self._number = number
        if isinstance(self._stream, io.TextIOWrapper):
            self._stream.reconfigure(errors="replace")

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._lost(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._lost(error)

    def _lost(self, error: OSError) -> None:
        """What still waits to be written goes nowhere, or Python would try, and complain, once more at its end."""
        with contextlib.suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._number)
            os.close(null)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Results(_Stream):
    """Stdout: what is lost there must be told."""

    def _lost(self, error: OSError) -> None:
        super()._lost(error)
        raise OutputLost(error) from error


class _Messages(_Stream):
    """Stderr: nobody can be told."""


def _fill_gaps() -> None:
    """Standard streams that were closed lead nowhere, lest the next file that is opened takes their number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
