"""Measure: accuracy, time, memory. NAME is a bench (`demo`) or the beginning of a figure's name (`demo.forgetting`)."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine import bench
from engine.device import machine
from engine.errors import BadParameter, MissingWeights, NotApplicable

if TYPE_CHECKING:
    from engine.bench.figure import Figure

SUMMARY = "measure accuracy, time and memory, with spread over seeds"
SEEDS = (1993, 1994, 1995)
_OPTIONS = ("jobs", "methods", "data")
"""What some benches take; to others they are refused."""
_NO_BENCH = "figure"  # the module that declares what a figure is


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "name", nargs="?", default="", metavar="NAME", help=f"one of {', '.join(names())}; default: all"
    )
    parser.add_argument("--seeds", type=int, nargs="+", metavar="N", help="seeds to repeat with")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes at once, where a bench can use several")
    parser.add_argument("--methods", nargs="+", metavar="METHOD", help="of bench methods: only these")
    parser.add_argument("--data", nargs="+", metavar="DATA", help="of bench methods: only these data sets")
    parser.add_argument("--json", action="store_true", help="one JSON object a figure and line")


def run(arguments: argparse.Namespace) -> int:
    """Run the benches asked for and print their figures as they come."""
    chosen = arguments.name.partition(".")[0]
    if chosen and chosen not in names():
        raise BadParameter(f"bench {arguments.name!r}", f"known are {', '.join(names())}", "Choose one")
    given = {key: getattr(arguments, key) for key in _OPTIONS if getattr(arguments, key) is not None}
    shown, left_out = 0, False
    for name in [chosen] if chosen else names():
        seeds = arguments.seeds or usual_seeds(name)
        print(f"{name} on {machine()}, seeds {', '.join(map(str, seeds))}", file=sys.stderr)
        try:
            for figure in figures(name, seeds, arguments.name, **given):
                print(as_json(figure, seeds) if arguments.json else as_text(figure), flush=True)
                shown += 1
        except (NotApplicable, MissingWeights) as reason:  # it needs what is not on every machine
            left_out = True
            print(f"{name} is left out. {reason}", file=sys.stderr)
    if not shown and not left_out:
        raise BadParameter(f"bench {arguments.name!r}", "no figure has a name that begins so", "Run the whole bench")
    return 0


def names() -> list[str]:
    """Every bench, found by its file."""
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name != _NO_BENCH and m.name[0] != "_")


def usual_seeds(name: str) -> tuple[int, ...]:
    """The seeds that a bench declares, or `SEEDS`."""
    found: tuple[int, ...] = getattr(importlib.import_module(f"{bench.__name__}.{name}"), "SEEDS", SEEDS)
    return found


def figures(name: str, seeds: Sequence[int], only: str = "", **options: Any) -> Iterator[Figure]:
    """The figures of one bench whose names begin with `only`.

    A bench whose `run` takes a second parameter `only` is told, so that it can leave out the work for the others.

    Args:
        options: further parameters of its `run`.

    Raises:
        BadParameter: it takes no such option.
    """
    measure: Callable[..., Iterable[Figure]] = importlib.import_module(f"{bench.__name__}.{name}").run
    takes = inspect.signature(measure).parameters
    for option in options:
        if option not in takes:
            raise BadParameter(f"bench {name} --{option}", "it takes no such option", "Leave it out")
    told = {"only": only} if "only" in takes else {}
    for figure in measure(seeds, **told, **options):
        if figure.name.startswith(only):
            yield figure


def as_json(figure: Figure, seeds: Sequence[int]) -> str:
    """The figure as one line of JSON, with all that a page about it must say: seeds, machine and commit.

    Args:
        seeds: those that were asked for.
    """
    values: dict[str, Any] = {
        "name": figure.name,
        "value": figure.value,
        "spread": figure.spread,
        "unit": figure.unit,
        "target": figure.target,
        "met": figure.met,
        **({"note": figure.note} if figure.note else {}),
        "seeds": list(figure.seeds or seeds),
        "machine": machine(),
        "commit": _commit(),
    }
    return json.dumps(values)


@cache
def _commit() -> str:
    """The commit this code is of, with a `+` where files have changed since; empty outside of a repository."""
    command = ["git", "describe", "--always", "--exclude=*", "--dirty=+"]
    with contextlib.suppress(OSError):
        asked = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent, check=False)
        return asked.stdout.strip()
    return ""


def as_text(figure: Figure) -> str:
    """The figure as a line for people."""
    spread = f" ± {figure.spread:.3g}" if figure.spread is not None else ""
    verdict = {True: "met", False: "NOT MET", None: ""}[figure.met]
    target = f"  target {figure.target} {verdict}" if figure.target else ""
    return f"{figure.name:36} {figure.value:.4g}{spread} {figure.unit}{target}  {figure.note}".rstrip()
