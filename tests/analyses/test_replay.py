"""Edits replayed into later tasks, on a real tiny run."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.analyses.performing import answer
from engine.errors import BadInput
from engine.interventions.edits import Edit, Prune, PruneGroup, apply
from engine.interventions.outcome import outcome
from engine.interventions.stored_edits import to_mapping
from engine.jobs.analyses import Question, Result
from engine.session.lab import Lab
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore

EDITS: tuple[Edit, ...] = (PruneGroup("habitat"), PruneGroup("crown"))
START = 1


@pytest.fixture
def lab(own_tiny_home: Path) -> Lab:
    store = RunStore(own_tiny_home)
    return Lab(store, store.resolve("last"))


def replayed(lab: Lab, *edits: Edit, task: int = START, **settings: str | int) -> Result:
    made = Scenarios(lab.store).save(lab.view.id, task, f"edits {len(edits)}", [to_mapping(edit) for edit in edits])
    return answer(lab, Question(lab.view.id, task, "replay", {"scenario": made.id, **settings}))


def test_what_stays_corrected_by_hand(lab: Lab) -> None:
    found = replayed(lab, *EDITS)
    assert found["task"].tolist() == [1, 2] and found["split"].tolist() == ["val", "test", "moved"]
    sample = lab.sample("moved", START)
    labels = sample.labels.numpy()

    def predicted(task: int, edited: bool):  # type: ignore[no-untyped-def]
        model = apply(lab.snapshot(task), EDITS if edited else ())
        return model.from_features(sample.features).logits.argmax(1).numpy()

    start = outcome(predicted(1, False), predicted(1, True), labels, lab.stream.task_of_position, 2)
    assert (found["corrected"][2], found["broken"][2]) == (len(start.corrected), len(start.broken))
    for u, task in enumerate((1, 2)):
        for name, edited in (("kept", True), ("alone", False)):
            right = predicted(task, edited) == labels
            assert found[name][2, u] == right[start.corrected].sum()
    assert found["kept"][2, 0] == found["corrected"][2] and found["alone"][2, 0] == 0
    assert (found["trained"] == -1).all() and not found["skipped"].any()


def test_later_tasks_than_asked_for_do_not_count(lab: Lab) -> None:
    assert replayed(lab, *EDITS, task=0, until=2)["task"].tolist() == [0, 1]


def test_edits_that_find_nothing_are_counted(lab: Lab) -> None:
    assert replayed(lab, Prune("no such concept"))["skipped"].tolist() == [1, 1]


def test_a_scenario_of_another_run_is_refused(lab: Lab) -> None:
    store = lab.store
    other = store.create(lab.config)
    made = Scenarios(store).save(other, START, "theirs", [to_mapping(EDITS[0])])
    with pytest.raises(BadInput, match="belongs to run"):
        answer(lab, Question(lab.view.id, START, "replay", {"scenario": made.id}))


def test_a_scenario_of_another_task_is_refused(lab: Lab) -> None:
    made = Scenarios(lab.store).save(lab.view.id, 0, "early", [to_mapping(EDITS[0])])
    with pytest.raises(BadInput, match="made after task 1"):
        answer(lab, Question(lab.view.id, START, "replay", {"scenario": made.id}))


def test_a_fork_of_something_else_is_refused(lab: Lab) -> None:
    with pytest.raises(BadInput, match="no fork of"):
        replayed(lab, *EDITS, fork=lab.view.id)
