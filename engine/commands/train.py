"""Train a run in this terminal; the dashboard shows it too. Ctrl-C leaves it resumable."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from engine.commands._foreground import follow
from engine.methods.base import METHODS
from engine.params import parameters_of, parse_settings, settings_of
from engine.runs import protocols
from engine.runs.config import PRESETS, RunConfig, configure
from engine.runs.watch import WatchSettings
from engine.store.states import RUNNING
from engine.store.store import RunStore
from engine.store.watching import Watching
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
    watched = ", ".join(parameter.name for parameter in parameters_of(WatchSettings))
    parser.add_argument(
        "--watch",
        action="append",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help=f"what is looked at while it learns, which changes no result: {watched}",
    )
    parser.add_argument("--name", default="", help="what to call the run")


def run(arguments: argparse.Namespace) -> int:
    """Start a run and follow it to its end."""
    store = RunStore()
    sets = settings_of(_texts(arguments.set))
    config = configure(arguments.preset, sets, method=arguments.method, seed=arguments.seed)
    if protocols.PROTOCOL in sets:
        print(protocols.told(sets[protocols.PROTOCOL]), file=sys.stderr)
    watch = _watched(arguments.watch, config)
    require(config, _told)  # so that no run is left behind that could never start
    run_id = store.create(config, arguments.name, status=RUNNING)
    Watching(store).choose(run_id, watch)
    print(f"run {run_id}: {config.method}, seed {config.seed}", file=sys.stderr)
    return follow(store, run_id)


def _watched(given: Sequence[Sequence[str]], config: RunConfig) -> WatchSettings:
    settings = WatchSettings.from_mapping(parse_settings(WatchSettings, settings_of(_texts(given))))
    settings.check_size(config.tasks_total or 1)
    return settings


def _texts(groups: Sequence[Sequence[str]]) -> list[str]:
    return [text for group in groups for text in group]


def _told(what: str, done: int, total: int) -> None:
    """Say now and then how far the check is, where it takes long."""
    if total and done % _EVERY == 0:
        print(f"checked {done} of {total} {what}", file=sys.stderr)
