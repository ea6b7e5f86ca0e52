"""The states of a job, and which may follow which. Every job has them, whatever it does.

`QUEUED` waits for a place; `RUNNING` has one, and a process or one that is just being started; `PAUSED` keeps its
process and everything in memory, and gives its place away. An `INTERRUPTED` one was told to go, or died: the dead
cannot say so themselves, so whoever reads looks whether the process lives (`engine.store.jobs`).
"""

from __future__ import annotations

from collections.abc import Mapping

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
INTERRUPTED, STOPPED, FAILED, FINISHED = "interrupted", "stopped", "failed", "finished"

LIVE = frozenset({QUEUED, RUNNING, PAUSED})
"""A process has it, or will."""
RESUMABLE = frozenset({INTERRUPTED, STOPPED, FAILED})
"""It ended without what it was for, and can be asked for again."""

_AFTER: Mapping[str, frozenset[str]] = {
    QUEUED: frozenset({RUNNING, STOPPED, FAILED, FINISHED}),  # what it was to make may come another way meanwhile
    RUNNING: frozenset({PAUSED, INTERRUPTED, STOPPED, FAILED, FINISHED}),
    PAUSED: frozenset({RUNNING, INTERRUPTED, STOPPED, FAILED}),
    INTERRUPTED: frozenset({QUEUED, RUNNING}),
    STOPPED: frozenset({QUEUED, RUNNING}),
    FAILED: frozenset({QUEUED, RUNNING}),
    FINISHED: frozenset({QUEUED, RUNNING}),  # what was made may be damaged or gone by now
}


def may_follow(before: str, after: str) -> bool:
    """Whether a job may go from one state to the other; to stay is always allowed."""
    return before == after or after in _AFTER[before]
