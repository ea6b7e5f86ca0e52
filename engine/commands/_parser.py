"""The parser of the command line: every file in this folder is a command."""

from __future__ import annotations

import argparse
import importlib
import pkgutil

from engine import commands


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="python -m engine",
        description="Plumage: a concept bottleneck model learns task by task. The same engine as the dashboard's.",
        epilog="Runs and caches live in $PLUMAGE_HOME (default ~/.local/share/plumage). "
        "Exit codes: 0 done, 1 bug, 2 bad input, 3 missing weights, 4 run store, 130 ctrl-C.",
    )
    parsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in pkgutil.iter_modules(commands.__path__):
        if module.name.startswith("_"):
            continue
        command = importlib.import_module(f"{commands.__name__}.{module.name}")
        word = getattr(command, "WORD", module.name)  # some words cannot name a module
        sub = parsers.add_parser(word, help=command.SUMMARY, description=(command.__doc__ or "").strip())
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser
