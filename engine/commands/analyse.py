"""Compute one analysis of a run and keep it, as the dashboard does in the background. RUN is an id or `last`."""

from __future__ import annotations

import argparse
import json
import sys

from engine.commands import _codes
from engine.commands._place import add_place, answering, where_of
from engine.commands._steps import drawing
from engine.commands._tasks import moment
from engine.errors import NotApplicable
from engine.jobs.analyses import Analyses, Question
from engine.jobs.working import Stopped
from engine.params import parse_settings, settings_of
from engine.store.states import STOPPED
from engine.store.store import RunStore

SUMMARY = "compute one analysis of a run (exemplars, embedding map, ...) and keep it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("name", metavar="NAME", help="which analysis: a file's name in engine/analyses")
    parser.add_argument("--task", type=int, metavar="N", help="after which task, from 1; default: the last finished")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", dest="sets", help="its settings")
    add_place(parser, "analysis")


def run(arguments: argparse.Namespace) -> int:
    """Compute it in this process or on a cluster, or say that it is there."""
    from engine.analyses.base import ANALYSES
    from engine.analyses.performing import perform

    store, where = RunStore(), where_of(arguments)
    run_id = store.resolve(arguments.run_id)
    settings = parse_settings(ANALYSES.get(arguments.name), settings_of(arguments.sets))
    question = Question(run_id, _task(store, run_id, arguments.task), arguments.name, settings)
    try:
        with drawing() as tell:
            result = perform(store, question, tell, where.to_arguments(), answering(where))
    except Stopped as stop:
        return _codes.STOPPED if stop.status == STOPPED else _codes.TOLD_TO_END
    state = Analyses(store).state(question)
    took = f" in {state.seconds:.1f} s" if state and state.seconds is not None else ""
    print(f"{arguments.name} of {question.run} after task {question.task + 1}{took}", file=sys.stderr)
    print(json.dumps({name: list(array.shape) for name, array in result.items()}))
    return 0


def _task(store: RunStore, run_id: str, asked: int | None) -> int:
    done = store.tasks_done(run_id)
    if not done:
        raise NotApplicable(f"run {run_id}", "none of its tasks is finished yet", "Wait for the first")
    after = moment(asked, done)
    return done - 1 if after is None else after
