"""Bring in a run that `export` wrote, here or elsewhere. The file is checked first and may come from anybody."""

from __future__ import annotations

import argparse
import sys

from engine.commands._steps import shown
from engine.paths import input_file
from engine.store.store import RunStore

WORD = "import"
"""As it is typed: no module can have this name."""
SUMMARY = "bring in a run that was exported elsewhere"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the zip that export wrote")
    parser.add_argument("--again", action="store_true", help="also where the same run is here already")


def run(arguments: argparse.Namespace) -> int:
    """Bring it in, and print its new id."""
    from engine.archive.bring import bringing

    file = input_file(arguments.file, "FILE")
    run_id = shown(bringing(RunStore(), file, arguments.again))
    print(f"See it with: python -m engine show {run_id}", file=sys.stderr)
    print(run_id)
    return 0
