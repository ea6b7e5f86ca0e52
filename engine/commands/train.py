"""Train a run in this terminal; the dashboard shows it too. Ctrl-C leaves it resumable."""

from __future__ import annotations

import argparse
import sys

from engine.commands._foreground import follow
from engine.methods.base import METHODS
from engine.params import settings_of
from engine.runs.config import PRESETS, configure
from engine.store.states import RUNNING
from engine.store.store import RunStore
from engine.training.preflight import require

_EVERY = 1000
"""Pictures between two words on how far the check is."""
SUMMARY = "train a continual concept bottleneck model, task by task"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    presets = ", ".join(f"{preset.name} ({preset.help.rstrip('.')})" for preset in PRESETS.values())
    parser.add_argument("--preset", default="demo", metavar="NAME", help=f"where to start from: {presets}")
    parser.add_argument("--method", help=f"how to learn: {', '.join(METHODS.names())}")
    parser.add_argument("--seed", type=int, help="seed of validation split, initial weights and batches")
    parser.add_argument(
        "--set", action="append", nargs="+", default=[], metavar="KEY=VALUE", help="any parameter of run or method"
    )
    parser.add_argument("--name", default="", help="what to call the run")


def run(arguments: argparse.Namespace) -> int:
    """Start a run and follow it to its end."""
    store = RunStore()
    texts = [text for group in arguments.set for text in group]
    config = configure(arguments.preset, settings_of(texts), method=arguments.method, seed=arguments.seed)
    require(config, _told)  # so that no run is left behind that could never start
    run_id = store.create(config, arguments.name, status=RUNNING)
    print(f"run {run_id}: {config.method}, seed {config.seed}", file=sys.stderr)
    return follow(store, run_id)


def _told(what: str, done: int, total: int) -> None:
    """Say now and then how far the check is, where it takes long."""
    if total and done % _EVERY == 0:
        print(f"checked {done} of {total} {what}", file=sys.stderr)
