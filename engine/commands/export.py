"""Write a run to one zip: settings, numbers, models, analyses, tables and report. RUN is an id or `last`.

`import` brings it in again, here or on another machine.
"""

from __future__ import annotations

import argparse
import sys

from engine.commands._steps import remark, shown
from engine.commands._words import printable
from engine.errors import BadParameter
from engine.paths import output_file
from engine.store.store import RunStore

SUMMARY = "write a run to one zip that another Plumage can import"
_MB = 1e6


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("-o", "--out", required=True, metavar="FILE", help="the zip to write")
    parser.add_argument("--replace", action="store_true", help="write over FILE where it exists")
    parser.add_argument("--no-report", action="store_true", help="leave out the report and the tables of its charts")


def run(arguments: argparse.Namespace) -> int:
    """Write it, and print where it is."""
    from engine.archive.write import write

    store, path = RunStore(), output_file(arguments.out)
    run_id = store.resolve(arguments.run_id)
    if path.exists() and not arguments.replace:
        raise BadParameter(f"-o {path}", "this file exists already", "Give another name, or add --replace")
    for damage in shown(write(store, run_id, path, report=not arguments.no_report)):
        remark(f"left out: {printable(damage)}. Compute it again to have it in.")
    print(f"run {run_id}, {path.stat().st_size / _MB:.1f} MB", file=sys.stderr)
    print(printable(str(path)))
    return 0
