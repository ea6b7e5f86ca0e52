"""The kinds of jobs, and what each may take: who goes first, how many threads, which priority at the processor."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.store import jobs

SHARED = max(1, (os.cpu_count() or 1) // 2)
"""Threads of a background job: two processes that each take every core wait for each other."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    Attributes:
        name: as the store has it.
        pool: kinds of one pool share its places (`engine.jobs.queue`).
        rank: the smallest goes first among what waits; what somebody looks at goes before all.
        nice: how far its process steps back for others at the processor, 0..19.
        threads: of its process; as many as the libraries choose if None.
        heeds: its process looks itself for what is wanted of it, and ends when it is ready to; others are told to go.
    """

    name: str
    pool: str
    rank: int
    nice: int
    threads: int | None
    heeds: bool = False


REPORT = JobKind("report", "files", rank=0, nice=0, threads=1)
ARCHIVE = JobKind("archive", "files", rank=0, nice=0, threads=1)
SCALARS = JobKind("scalars", "files", rank=0, nice=0, threads=1)
SLIDES = JobKind("slides", "files", rank=0, nice=0, threads=1)
IMPORT = JobKind("import", "files", rank=0, nice=0, threads=1)
ERRAND = JobKind("errand", "files", rank=0, nice=0, threads=None)
"""What somebody waits for beside a page; what it measures holds for a training only if it has the threads of one."""
TRAINING = JobKind(jobs.TRAINING, "trainings", rank=1, nice=0, threads=None, heeds=True)
ANALYSIS = JobKind("analysis", "background", rank=2, nice=5, threads=SHARED)
HEALTH = JobKind("health", "background", rank=2, nice=5, threads=SHARED)
BACKBONE = JobKind("backbone", "background", rank=3, nice=10, threads=SHARED)
CONCEPTS = JobKind("concepts", "concepts", rank=0, nice=0, threads=SHARED)
"""In a pool of its own: one that asks a language model waits for it most of the time, and may do so for an hour."""

FILES = (REPORT, ARCHIVE, SCALARS, SLIDES, IMPORT)
"""What somebody waits for beside the page: minutes at most."""
KINDS = {kind.name: kind for kind in (*FILES, ERRAND, TRAINING, ANALYSIS, HEALTH, BACKBONE, CONCEPTS)}
