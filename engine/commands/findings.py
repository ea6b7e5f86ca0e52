"""Say what stands out in a run, computed from its stored numbers by declared rules. RUN is an id, the beginning of one,
or `last`."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from engine.commands._tasks import moment
from engine.commands._words import printable
from engine.runs.dossier import Dossier
from engine.runs.store import RunStore

if TYPE_CHECKING:
    from engine.findings.base import Finding

SUMMARY = "say what stands out in a run, with the rule behind it and where to see it"
_WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("--task", type=int, metavar="N", help="after which task, from 1; default: the last finished")
    parser.add_argument("--json", action="store_true", help="one JSON object a finding and line")


def run(arguments: argparse.Namespace) -> int:
    """Print the findings, the weightiest first."""
    from engine.findings.base import findings  # draws on figures, which other commands need not wait for

    store = RunStore()
    run_id = store.resolve(arguments.run_id)
    dossier = Dossier(store, run_id, moment(arguments.task, store.tasks_done(run_id)))
    found = findings(dossier)
    for damage in dossier.damaged:
        what = f"{damage.question.name} after task {damage.question.task + 1}"
        print(f"findings: left out: {what}: {printable(damage.why)}. Compute it again.", file=sys.stderr)
    for finding in found:
        print(json.dumps(_mapping(finding, dossier), allow_nan=False) if arguments.json else _text(finding, dossier))
    if not found and not arguments.json:
        print("Nothing stands out: no rule found more than chance would give.")
    return 0


def _mapping(finding: Finding, dossier: Dossier) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "headline": finding.headline,
        "detail": finding.detail,
        "value": finding.value,
        "unit": finding.unit,
        "weight": finding.weight,
        "caveat": finding.caveat,
        "run": dossier.view.id,
        "after_task": dossier.moment + 1,
        "page": finding.proof.page,
        "address": _address(finding, dossier),
    }


def _text(finding: Finding, dossier: Dossier) -> str:
    more = textwrap.fill(printable(finding.detail), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return f"{printable(finding.headline)}\n{more}\n  {finding.rule}; see {_address(finding, dossier)}\n"


def _address(finding: Finding, dossier: Dossier) -> str:
    """Path and query of the view that proves it, as the dashboard reads them."""
    query = {"run": dossier.view.id, "task": dossier.moment + 1, **finding.proof.query}
    return f"/{finding.proof.page}?{urlencode(query)}"
