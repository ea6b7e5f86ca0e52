"""Something for the processes of a bench to do; light, because each of them loads it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PoolJob:
    """Does what its words say."""

    words: str


def act(job: PoolJob, home: Path) -> None:
    """Fail, die, leave a file, or tell who is at it and never end."""
    if job.words == "bug":
        raise ValueError("a fault")
    if job.words == "killed":
        os._exit(9)
    if job.words == "endless":
        (home / "at it").write_text(str(os.getpid()))
        time.sleep(600)
    (home / job.words).write_text("done")
