"""Which task a command is about."""

from __future__ import annotations

from engine.errors import BadParameter


def moment(asked: int | None, done: int) -> int | None:
    """The task that `--task` asks for, from 0, or None where it was not given.

    Args:
        asked: as people count, from 1.
        done: how many tasks are finished.

    Raises:
        BadParameter: it is none of them.
    """
    if asked is not None and not 1 <= asked <= done:
        raise BadParameter(f"--task {asked}", f"{done} tasks of the run are finished", "Choose one of them")
    return None if asked is None else asked - 1
