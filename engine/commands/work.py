"""Do one job of the store in this process. The dashboard starts these; its folder in `jobs` is called NUMBER."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys

from engine.commands import _codes, _steps
from engine.commands._words import printable
from engine.jobs.analyses import WHERE, Question
from engine.jobs.kinds import ANALYSIS, EXPERIMENT, TRAINING, kind_of
from engine.jobs.working import AtWork, Stopped, carry_out
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.states import FAILED, FINISHED, INTERRUPTED, STOPPED
from engine.store.store import RunStore

SUMMARY = "do a job that waits, in this process (the dashboard starts these)"
_CODES = {FINISHED: _codes.DONE, STOPPED: _codes.STOPPED, INTERRUPTED: _codes.TOLD_TO_END}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("number", metavar="NUMBER", type=int, help="the job's number")


def run(arguments: argparse.Namespace) -> int:
    """Do it; how it ended is written down in the store."""
    store = RunStore()
    store.check_writable()
    with store.database.reading() as db:
        assert db is not None  # it was written to just now
        job = jobs.get(db, arguments.number)
    with contextlib.suppress(OSError, AttributeError):  # what the reader does comes first
        kind = kind_of(job)
        os.nice(max(0, (kind.nice if kind else 0) - os.nice(0)))  # who was started by another job may have it already
    end = carry_out(store, job, lambda at_work: _do(job, at_work))
    if end.status == FAILED:
        print(printable(f"{job.kind}: {end.message}"), file=sys.stderr)
        return _codes.of(end.problem) if end.problem else _codes.BUG
    return _CODES[end.status]


def _do(job: Job, at_work: AtWork) -> str | None:
    if job.kind == TRAINING.name:
        from engine.jobs.training import learn

        learn(at_work, job.subject)
        return None
    if job.kind == ANALYSIS.name:
        from engine.analyses.performing import compute
        from engine.commands._place import answering
        from engine.experiments.where import Where

        compute(at_work, Question.of(job), elsewhere=answering(Where.of_arguments(job.arguments.get(WHERE, {}))))
        return None
    if job.kind == EXPERIMENT.name:
        from engine.commands._place import place_for
        from engine.experiments.driving import drive
        from engine.experiments.where import Where

        drive(at_work, int(job.subject), place=place_for(Where.of_arguments(job.arguments)))
        return None
    return _command(job, at_work)


def _command(job: Job, at_work: AtWork) -> str:
    """A job that is a command: its steps are the job's, and what it prints last is what came out."""
    from engine.commands._parser import build_parser

    arguments = build_parser().parse_args(job.arguments["command"])
    printed = io.StringIO()
    with _steps.told_to(at_work), contextlib.redirect_stdout(printed):
        code = arguments.run(arguments)
    if code == _codes.TOLD_TO_END:
        raise Stopped(INTERRUPTED)
    lines = printed.getvalue().strip().splitlines()
    return lines[-1] if lines else ""
