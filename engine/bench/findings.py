"""Whether findings are true: every headline of demo runs recomputed without the rules, and how often each rule speaks.

Each seed is a demo run of its own, with the random-word control, attacks of 4/255 and rules computed for it. A headline
agrees if its number is the recomputed one and it names the same task, class or concept (`engine.bench._findings`).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.analyses.performing import perform
from engine.bench._findings import recomputed
from engine.bench.concepts import trained
from engine.bench.figure import Figure, measured
from engine.findings.base import RULES, Finding, findings
from engine.jobs.analyses import Question
from engine.session.facts import RunFacts
from engine.session.lab import Lab

TITLE = "findings: every headline recomputed"
_ANALYSES: Mapping[str, Mapping[str, str | int]] = {"random_words": {}, "robustness": {"eps": "4"}, "rules": {}}
_MOST_MS = 150.0
_CLOSE = 1e-6
"""Features are single precision; a share of images is the same number however it is counted."""


def run(seeds: Sequence[int]) -> Iterator[Figure]:
    """Measure `findings.*`; what disagrees is told on stderr."""
    with tempfile.TemporaryDirectory(prefix="plumage-bench-") as root:
        labs = [_prepared(trained(Path(root) / str(seed), seed)) for seed in seeds]
        told = [findings(RunFacts(lab.store, lab.view.id)) for lab in labs]
        agreeing = [sum(agrees(one, lab) for one in found) for lab, found in zip(labs, told, strict=True)]
        yield measured("findings.headlines", [len(found) for found in told], "a run")
        shares = [100 * good / len(found) for good, found in zip(agreeing, told, strict=True)]
        yield measured("findings.agreement", shares, "%", least=100.0)
        yield measured("findings.ms", [_milliseconds(lab) for lab in labs], "ms", most=_MOST_MS)
        for rule in RULES:
            speaks = [100.0 * any(one.rule == rule for one in found) for found in told]
            yield measured(f"findings.speaks.{rule}", speaks, "% of runs")


def agrees(finding: Finding, lab: Lab) -> bool:
    """Whether a finding about the newest model is what was recomputed; tells of what is not."""
    told = recomputed(finding.rule, lab, lab.view.tasks_done - 1)
    same = abs(told.value - finding.value) <= _CLOSE * max(1.0, abs(told.value))
    if same and all(word in finding.headline for word in told.words):
        return True
    print(f"{lab.view.id}: “{finding.headline}” ({finding.value:g}), recomputed {told}", file=sys.stderr)
    return False


def _prepared(lab: Lab) -> Lab:
    """The run, with the analyses that rules read."""
    for name, settings in _ANALYSES.items():
        perform(lab.store, Question(lab.view.id, lab.view.tasks_done - 1, name, settings))
    return lab


def _milliseconds(lab: Lab) -> float:
    """Time for all rules, from a run's id to the sorted list."""
    began = time.perf_counter()
    findings(RunFacts(lab.store, lab.view.id))
    return 1000 * (time.perf_counter() - began)
