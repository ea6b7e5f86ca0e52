"""Drop the models after earlier tasks of finished runs, for good, to free disk. RUN is an id, its beginning, or `last`.

Without --yes it is only said what would go and what would be lost. The last model stays, every model that has edits,
and all that was measured, watched, answered or noted.
"""

from __future__ import annotations

import argparse

from engine.commands._words import printable
from engine.store.store import RunStore
from engine.store.thinning import KEPT, LOST, Thinning, plan, thin

SUMMARY = "drop the models after earlier tasks of finished runs, to free disk"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_ids", metavar="RUN", nargs="+", help="ids of runs, their beginnings, or `last`")
    every = "keep the model after every N tasks too (only the last if not given)"
    parser.add_argument("--every", type=int, default=0, metavar="N", help=every)
    parser.add_argument("--yes", action="store_true", help="do it; without it is only said what would happen")


def run(arguments: argparse.Namespace) -> int:
    """Say what goes, and let it go where that is wanted."""
    store = RunStore()
    runs = [store.resolve(given) for given in dict.fromkeys(arguments.run_ids)]
    plans = [plan(store, one, arguments.every) for one in runs]  # all are looked at before one is touched
    for one in plans:
        print(_told(one))
    whole = f"{sum(one.size for one in plans) / 1e6:.1f} MB"
    if not arguments.yes:
        print(f"That frees {whole}, and cannot be undone. Lost would be:")
        print("\n".join(f"- {what}" for what in LOST))
        print(f"{KEPT} Do it: add --yes")
        return 0
    for run_id in runs:
        thin(store, run_id, arguments.every)
    print(f"{whole} are free.")
    return 0


def _told(one: Thinning) -> str:
    return printable(f"{one.run}: without the models after task {_listed(one.dropped)}; with {_listed(one.kept)}")


def _listed(tasks: tuple[int, ...]) -> str:
    return ", ".join(str(task + 1) for task in tasks)
