"""What ended jobs leave is cleared away: files that nobody came for, and folders of jobs that are gone."""

from __future__ import annotations

import contextlib
import shutil
import time

from engine.home import jobs_folder
from engine.jobs.kinds import CONCEPTS, ERRAND, FILES, IMPORT
from engine.store import jobs
from engine.store.store import RunStore

GIVEN = "given.zip"
"""The archive that an import reads, in its job's folder."""
_KEPT = 24 * 3600.0
"""Seconds that a file that was made waits for whoever asked for it."""
_MOST = 12
"""Files of each kind that wait at most; the oldest go first."""
_YOUNG = 60.0
"""Seconds for which a folder without a job is left alone: its job may be just being written."""


def clear(store: RunStore) -> None:
    """Forget files made long ago, and delete folders in `jobs` that belong to no job.

    Raises:
        StoreError: the store cannot be written.
    """
    with store.database.writing() as db:
        for kind in (*FILES, CONCEPTS, ERRAND):
            ended = [job for job in jobs.of_kind(db, kind.name) if not job.live]
            old = [job for n, job in enumerate(ended) if n >= _MOST or (job.ended or job.asked) < time.time() - _KEPT]
            for job in old:
                jobs.drop(db, job.kind, job.subject)
        brought = [job.id for job in jobs.of_kind(db, IMPORT.name) if not job.live]
        known = {str(number) for number in jobs.numbers(db)}
    for number in brought:
        (jobs_folder(store.home) / str(number) / GIVEN).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not there yet, or another process clears too
        for folder in jobs_folder(store.home).iterdir():
            if folder.name not in known and folder.stat().st_mtime < time.time() - _YOUNG:
                shutil.rmtree(folder, ignore_errors=True)
