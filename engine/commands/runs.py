"""List all runs, the newest first."""

from __future__ import annotations

import argparse
import dataclasses
import json

from engine.commands._words import date, percent, printable, table
from engine.store.store import RunStore
from engine.store.summary import RunSummary

SUMMARY = "list all runs"
_HEADING = ("run", "status", "method", "seed", "tasks", "last", "average", "started", "name")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Print the list."""
    store = RunStore()
    found = store.runs()
    if arguments.json:
        for summary in found:
            print(json.dumps(dataclasses.asdict(summary)))
    elif found:
        print(table([_HEADING, *(_row(summary) for summary in found)]))
    else:
        print(f"No runs yet in {store.home}. Start one: python -m engine train --preset demo")
    return 0


def _row(summary: RunSummary) -> tuple[str, ...]:
    return (
        summary.id,
        summary.status,
        summary.method or "?",
        "?" if summary.seed is None else str(summary.seed),
        f"{summary.tasks_done}/{summary.tasks_total or '?'}",
        percent(summary.last_accuracy),
        percent(summary.average_accuracy),
        date(summary.created),
        printable(summary.name),
    )
