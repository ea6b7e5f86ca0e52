"""Exit codes that scripts can rely on."""

from __future__ import annotations

from engine.errors import MissingWeights, PlumageError, StoreError, UnknownRun

DONE, BUG, BAD_INPUT, NO_WEIGHTS, STORE = 0, 1, 2, 3, 4
STOPPED, TOLD_TO_END = 130, 143
"""As shells count: 128 plus the signal's number, for ctrl-C and SIGTERM."""


def of(error: Exception) -> int:
    """The exit code for an error."""
    if not isinstance(error, PlumageError):
        return BUG
    if isinstance(error, MissingWeights):
        return NO_WEIGHTS
    if isinstance(error, StoreError) and not isinstance(error, UnknownRun):
        return STORE
    return BAD_INPUT
