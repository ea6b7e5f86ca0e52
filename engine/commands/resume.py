"""Go on with a run after its last finished task, in this terminal. RUN is an id, the beginning of one, or `last`."""

from __future__ import annotations

import argparse
import sys

from engine.commands._foreground import follow
from engine.errors import NotApplicable
from engine.jobs import control
from engine.store import jobs
from engine.store.states import PAUSED, RUNNING
from engine.store.store import RunStore

SUMMARY = "go on with a stopped, interrupted or failed run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")


def run(arguments: argparse.Namespace) -> int:
    """Resume the run here, or wake its worker where it only pauses."""
    store = RunStore()
    run_id = store.resolve(arguments.run_id)
    status = store.status(run_id)
    if "resume" not in control.can(status):
        raise NotApplicable(f"resume {run_id}", f"it is {status}", "See python -m engine runs")
    if status == PAUSED:
        control.resume(run_id, store)
        print(f"run {run_id} goes on in its own process", file=sys.stderr)
        return 0
    with store.database.writing() as db:
        jobs.ask(db, jobs.TRAINING, run_id, {}, run_id, RUNNING)
    return follow(store, run_id)
