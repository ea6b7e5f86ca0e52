"""Compute one analysis of a run and keep it, as the dashboard does in the background. RUN is an id or `last`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys

from engine.commands._steps import drawing
from engine.commands._tasks import moment
from engine.errors import BadParameter, NotApplicable
from engine.jobs.analyses import Analyses, Question
from engine.params import Value, parse_settings, settings_of
from engine.store.store import RunStore
from engine.structures import Malformed, checked, parse_json

SUMMARY = "compute one analysis of a run (exemplars, embedding map, ...) and keep it"

_NICENESS = 5
_MOST_TASKS = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("name", metavar="NAME", help="which analysis: a file's name in engine/analyses")
    parser.add_argument("--task", type=int, metavar="N", help="after which task, from 1; default: the last finished")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", dest="sets", help="its settings")
    parser.add_argument("--claimed", help=argparse.SUPPRESS)  # the dashboard's settings, announced in the store


def run(arguments: argparse.Namespace) -> int:
    """Compute it in this process, or say that it is there."""
    from engine.analyses.base import ANALYSES
    from engine.analyses.performing import perform

    claimed = arguments.claimed is not None
    if claimed:  # in the background of a dashboard: what the reader does comes first
        with contextlib.suppress(OSError):
            os.nice(max(0, _NICENESS - os.nice(0)))  # who was started by another analysis has it already
    store = RunStore()
    analyses = Analyses(store)
    if claimed:  # every error from here on is recorded, for the page that waits
        question = _claimed(arguments)
    else:
        run_id = store.resolve(arguments.run_id)
        settings = parse_settings(ANALYSES.get(arguments.name), settings_of(arguments.sets))
        question = Question(run_id, _task(store, run_id, arguments.task), arguments.name, settings)
        if not analyses.claim(question) and analyses.result(question) is None:
            raise NotApplicable(f"analysis {arguments.name}", "another process computes it", "Wait for that one")

    try:
        with drawing() as tell:
            result = perform(store, question, tell)
    finally:
        analyses.advance()  # its place is free now
    state = analyses.state(question)
    took = f" in {state.seconds:.1f} s" if state and state.seconds is not None else ""
    print(f"{arguments.name} of {question.run} after task {question.task + 1}{took}", file=sys.stderr)
    print(json.dumps({name: list(array.shape) for name, array in result.items()}))
    return 0


def _claimed(arguments: argparse.Namespace) -> Question:
    """The question that a dashboard announced in the store."""
    try:
        settings = checked(dict[str, Value], parse_json(arguments.claimed))
    except Malformed as error:
        allowed = f"it must be the settings as one JSON object; {error}"
        raise BadParameter(f"--claimed {arguments.claimed}", allowed, "Leave this option to the dashboard") from error
    if arguments.task is None or not 1 <= arguments.task <= _MOST_TASKS:
        raise BadParameter(f"--task {arguments.task}", "--claimed needs a task of the run", "Give its number, from 1")
    return Question(arguments.run_id, arguments.task - 1, arguments.name, settings)


def _task(store: RunStore, run_id: str, asked: int | None) -> int:
    done = store.tasks_done(run_id)
    if not done:
        raise NotApplicable(f"run {run_id}", "none of its tasks is finished yet", "Wait for the first")
    after = moment(asked, done)
    return done - 1 if after is None else after
