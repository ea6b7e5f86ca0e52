"""Write a run's story as one PDF: a page for every slide. RUN is an id, its beginning, or `last`."""

from __future__ import annotations

import argparse
import sys

from engine.commands._steps import remark, shown
from engine.commands._tasks import moment
from engine.commands._words import printable
from engine.paths import output_file
from engine.store.store import RunStore

SUMMARY = "write a run's story as one PDF, a page for every slide"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("-o", "--out", required=True, metavar="FILE", help="an older PDF is replaced")
    parser.add_argument("--story", default="all", metavar="NAME", help="forgetting, fix, fool, or all; default: all")
    parser.add_argument("--task", type=int, metavar="N", help="after which task, from 1; default: the last finished")


def run(arguments: argparse.Namespace) -> int:
    """Write it, and print where it is."""
    from engine.session.facts import RunFacts
    from engine.slides.printed import write

    store, path = RunStore(), output_file(arguments.out)
    run_id = store.resolve(arguments.run_id)
    after = moment(arguments.task, store.tasks_done(run_id))
    made = shown(write(RunFacts(store, run_id, after), arguments.story, path))
    for lack in made.lacks:
        remark(f"left out: {printable(lack)}")
    print(f"{made.pages} pages", file=sys.stderr)
    print(printable(str(path)))
    return 0
