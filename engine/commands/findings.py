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
from engine.runs.suited import Stranger, stranger
from engine.session.facts import RunFacts
from engine.store.store import RunStore

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
    facts = RunFacts(store, run_id, moment(arguments.task, store.tasks_done(run_id)))
    found, warned = findings(facts), stranger(facts.view.config)
    if warned and not arguments.json:
        print(_warned(warned))
    for damage in facts.damaged:
        what = f"{damage.question.name} after task {damage.question.task + 1}"
        print(f"findings: left out: {what}: {printable(damage.why)}. Compute it again.", file=sys.stderr)
    for finding in found:
        print(json.dumps(_mapping(finding, facts), allow_nan=False) if arguments.json else _text(finding, facts))
    if not found and not arguments.json:
        print("Nothing stands out: no rule found more than chance would give.")
    return 0


def _mapping(finding: Finding, facts: RunFacts) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "headline": finding.headline,
        "detail": finding.detail,
        "value": finding.value,
        "unit": finding.unit,
        "weight": finding.weight,
        "caveat": finding.caveat,
        "caution": warned.headline if (warned := stranger(facts.view.config)) else None,
        "run": facts.view.id,
        "after_task": facts.moment + 1,
        "page": finding.proof.page,
        "exhibit": finding.proof.exhibit,
        "address": _address(finding, facts),
    }


def _text(finding: Finding, facts: RunFacts) -> str:
    more = textwrap.fill(printable(finding.detail), _WIDTH, initial_indent="  ", subsequent_indent="  ")
    return f"{printable(finding.headline)}\n{more}\n  {finding.rule}; see {_address(finding, facts)}\n"


def _warned(found: Stranger) -> str:
    more = textwrap.fill(
        f"{found.detail}. {found.remedy}.", _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False
    )
    return f"Caution: {printable(found.headline)}\n{more}\n"


def _address(finding: Finding, facts: RunFacts) -> str:
    """Path and query of the view that proves it, as the dashboard reads them."""
    query = {"run": facts.view.id, "task": facts.moment + 1, **finding.proof.address}
    return f"/{finding.proof.page}?{urlencode(query)}"
