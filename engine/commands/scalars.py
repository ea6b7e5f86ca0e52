"""Write a run's curves to a folder that TensorBoard reads. RUN is an id or `last`."""

from __future__ import annotations

import argparse
import sys

from engine.commands._words import printable
from engine.paths import output_file, output_folder
from engine.store.store import RunStore

SUMMARY = "write a run's curves for TensorBoard"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("-o", "--out", required=True, metavar="FOLDER", help="made if not there; NAME.zip packs it")


def run(arguments: argparse.Namespace) -> int:
    """Write them, and print where they are."""
    from engine.archive.scalars import write, write_packed

    store = RunStore()
    run_id = store.resolve(arguments.run_id)
    if arguments.out.endswith(".zip"):
        path = output_file(arguments.out)
        write_packed(store, run_id, path)
        print(printable(str(path)))
        return 0
    folder = output_folder(arguments.out, "-o")
    points = write(store, run_id, folder)
    print(f"run {run_id}: {points} points; look at them with: tensorboard --logdir {folder}", file=sys.stderr)
    print(printable(str(folder)))
    return 0
