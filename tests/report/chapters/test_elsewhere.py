"""What reports show of runs of single methods, and of what was unlearnt."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.exhibits.concepts.expected import EXPECTED, TITLES
from engine.exhibits.exhibit import Exhibit
from engine.exhibits.repair import unlearning
from engine.exhibits.tasks import boundaries, preferences
from engine.report.chapters import concepts, repair, tasks
from engine.report.chapters.base import Gap
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.job_states import note_analyses


def facts(home: Path, **wanted: str) -> RunFacts:
    store = RunStore(home)
    run = next(one for one in store.runs() if all(getattr(one, name) == value for name, value in wanted.items()))
    return RunFacts(store, run.id)


def shown(found, *kinds):
    """The exhibits of some kinds; and of the gaps in their place, why."""
    exhibits = [one for one in found if isinstance(one, Exhibit) and one.kind in kinds]
    gaps = [one for one in found if isinstance(one, Gap) and set(one.kinds) & set(kinds)]
    return exhibits, gaps


@pytest.fixture(scope="module")
def of_another(elsewhere_home):
    """Tasks of a run of another method."""
    return list(tasks.chapter(facts(elsewhere_home, method="gda")))


def test_the_proof_is_in_the_report_of_the_fork_and_of_its_run(elsewhere_home):
    for name in ("without 1 image", "whole"):
        exhibits, gaps = shown(list(repair.chapter(facts(elsewhere_home, name=name))), unlearning.UNLEARNING)
        assert len(exhibits) == 1 and not gaps and "As if never seen" in exhibits[0].headline
    assert "“without 1 image”" in exhibits[0].caption


def test_a_run_that_has_forgotten_nothing_says_what_to_do(gda_home, elsewhere_home, monkeypatch):
    note_analyses(monkeypatch)
    _, (gap,) = shown(list(repair.chapter(facts(gda_home))), unlearning.UNLEARNING)
    assert (gap.why, gap.remedy) == ("nothing of this run has been unlearnt", "Open Forget on the Repair page")
    _, (gap,) = shown(list(repair.chapter(facts(elsewhere_home, method="ibcl"))), unlearning.UNLEARNING)
    assert "is not made of sums over images" in gap.why and "without_images" in gap.remedy


@pytest.mark.parametrize(
    ("method", "kinds", "each"),
    [
        ("ibcl", (preferences.PREFERENCES,), ["preference-front-test", "preference-front-moved"]),
        (
            "tame",
            (boundaries.BOUNDARIES, boundaries.ROUTING),
            ["task-boundaries", "expert-routing-test", "expert-routing-moved"],
        ),
    ],
)
def test_what_only_runs_of_one_method_show(elsewhere_home, of_another, method, kinds, each):
    exhibits, gaps = shown(list(tasks.chapter(facts(elsewhere_home, method=method))), *kinds)
    assert [one.key for one in exhibits] == each and not gaps
    exhibits, gaps = shown(of_another, *kinds)
    assert not exhibits and [gap.kinds for gap in gaps] == [kinds]


def test_all_three_tables_of_what_energies_expect_are_in_the_report(elsewhere_home):
    exhibits, gaps = shown(list(concepts.chapter(facts(elsewhere_home, method="ecbm"))), EXPECTED)
    assert [one.key for one in exhibits] == [f"expected-{which}" for which in TITLES] and not gaps
    given, pairs, answers = (one.table() for one in exhibits)
    classes = given.pop("class")
    assert list(pairs)[1:] == list(given) == pairs["concept"] and list(answers)[1:] == classes
    first = [[column[row] for name, column in answers.items() if name != "concept"] for row in range(len(given))]
    for row in first:  # p(y | c) is one distribution for each concept
        assert sum(row) == pytest.approx(1, abs=1e-3)
