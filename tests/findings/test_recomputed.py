"""Every headline of five trained runs is true: its number worked out anew from models, features and stored arrays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.bench import findings as bench
from engine.bench._findings import RECOMPUTED, recomputed
from engine.bench.findings import agrees
from engine.findings.base import RULES, findings
from engine.session.facts import RunFacts
from tests.findings.conftest import ANALYSED, FORGETFUL, SEEDS

CLOSE = 1e-6


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("moment", [1, 2])
def test_every_headline_is_recomputed(five_labs, seed, moment):
    lab = five_labs[seed]
    for finding in findings(RunFacts(lab.store, lab.view.id, moment)):
        told = recomputed(finding.rule, lab, moment)
        assert finding.value == pytest.approx(told.value, abs=CLOSE, rel=CLOSE), finding.headline
        for word in told.words:
            assert word in finding.headline, (finding.headline, told)


def test_every_rule_can_be_recomputed():
    assert set(RULES) == RECOMPUTED


def test_the_runs_give_most_rules_something_to_say(five_labs):
    spoke = {seed: {f.rule for f in findings(RunFacts(lab.store, lab.view.id))} for seed, lab in five_labs.items()}
    assert all("worst_forgetting" in spoke[seed] for seed in FORGETFUL)
    assert {"under_attack"} <= spoke[ANALYSED]
    assert len(set.union(*spoke.values())) >= 9, spoke


def test_a_headline_that_is_not_true_is_seen(five_labs):
    lab = five_labs[FORGETFUL[0]]
    found = findings(RunFacts(lab.store, lab.view.id))
    assert all(agrees(finding, lab) for finding in found)
    assert not any(agrees(replace(finding, value=finding.value + 0.01), lab) for finding in found)
    worst = next(finding for finding in found if finding.rule == "worst_forgetting")
    assert not agrees(replace(worst, headline="Something else lost most"), lab)


def test_the_bench_counts_headlines_agreement_and_who_speaks(five_labs, monkeypatch):
    monkeypatch.setattr(bench, "trained", lambda home, seed: five_labs[seed])
    monkeypatch.setattr(bench, "_ANALYSES", {})
    found = {figure.name: figure for figure in bench.run(FORGETFUL)}
    assert found["findings.agreement"].value == 100.0 and found["findings.agreement"].met
    assert found["findings.speaks.worst_forgetting"].value == 100.0
    assert found["findings.speaks.random_words"].value == 0.0
    assert {f"findings.speaks.{rule}" for rule in RULES} <= set(found)
