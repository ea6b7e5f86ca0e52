"""The kinds of jobs, and what each may take: who goes first, how many threads, which priority at the processor."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.store import jobs
from engine.store.jobs import Job

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
CELL = JobKind(jobs.TRAINING, "cells", rank=4, nice=5, threads=1, heeds=True)
"""A training that an experiment asked for: one of many, on one core each, behind whoever sits at the dashboard."""
EXPERIMENT = JobKind("experiment", "experiments", rank=0, nice=0, threads=1, heeds=True)
"""It begins trainings and waits for them; it computes nothing itself."""
ANALYSIS = JobKind("analysis", "background", rank=2, nice=5, threads=SHARED)
HEALTH = JobKind("health", "background", rank=2, nice=5, threads=SHARED)
BACKBONE = JobKind("backbone", "background", rank=3, nice=10, threads=SHARED)
CONCEPTS = JobKind("concepts", "concepts", rank=0, nice=0, threads=SHARED)
"""In a pool of its own: one that asks a language model waits for it most of the time, and may do so for an hour."""

FILES = (REPORT, ARCHIVE, SCALARS, SLIDES, IMPORT)
"""What somebody waits for beside the page: minutes at most."""
KINDS = {kind.name: kind for kind in (*FILES, ERRAND, TRAINING, EXPERIMENT, ANALYSIS, HEALTH, BACKBONE, CONCEPTS)}
OF = "experiment"
"""Argument of a training that names the experiment which asked for it."""


def kind_of(job: Job) -> JobKind | None:
    """The kind of a job; None for one of a newer Plumage."""
    if job.kind == TRAINING.name and OF in job.arguments:
        return CELL
    return KINDS.get(job.kind)
