"""Write a run's report: one HTML file with every page's charts and tables. RUN is an id, its beginning, or `last`."""

from __future__ import annotations

import argparse
import gc
import os
import sys

from engine.commands._steps import remark, shown
from engine.commands._tasks import moment
from engine.commands._words import printable
from engine.paths import output_file
from engine.store.store import RunStore

SUMMARY = "write a run's report: one HTML file that works anywhere"
_MB = 1e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("-o", "--out", required=True, metavar="FILE", help="an older report is replaced")
    parser.add_argument("--task", type=int, metavar="N", help="after which task, from 1; default: the last finished")
    parser.add_argument("--complete", action="store_true", help="first compute the analyses that it would lack")


def run(arguments: argparse.Namespace) -> int:
    """Write it, and print where it is."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # one picture at a time: threads would only wait for each other
    gc.disable()  # nearly all that is made is kept to the end: looking for garbage would take a tenth of the time
    from engine.report.write import write

    store, path = RunStore(), output_file(arguments.out)
    run_id = store.resolve(arguments.run_id)
    after = moment(arguments.task, store.tasks_done(run_id))
    made = shown(write(store, run_id, path, after, complete=arguments.complete))
    for problem in made.problems:
        remark(f"not computed: {printable(problem)}")
    for loss in made.book.losses:
        remark(f"left out: {printable(loss.what)}: {printable(loss.why)}. {loss.remedy}.")
    gaps = made.book.gaps
    lacks = f", {len(gaps)} part{'s' if len(gaps) > 1 else ''} not shown" if gaps else ""
    size = path.stat().st_size / _MB
    print(f"{len(made.book.exhibits)} charts{lacks}, {size:.1f} MB", file=sys.stderr)
    if any(gap.analysis for gap in gaps) and not arguments.complete:
        print("To have computed what is missing: the same with --complete", file=sys.stderr)
    print(printable(str(path)))
    return 0
