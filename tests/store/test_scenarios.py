"""Scenarios never change, drafts are never lost, and nothing foreign gets in."""

import json

import pytest

from engine.errors import BadInput, NotApplicable
from engine.runs.config import configure, preset
from engine.store.scenarios import MAX_EDITS, MAX_FILE, MAX_NAME, Scenarios
from tests.job_states import set_status

PRUNE = {"edit": "prune_group", "group": "habitat"}
SET = {"edit": "set_weight", "concept": "hooked <b>bill</b>", "class_id": 2, "value": 1.5}


@pytest.fixture
def run(empty_store):
    run_id = empty_store.create(preset("tiny"))
    finish(empty_store, run_id)
    return run_id


def finish(store, run_id):
    """One finished task, as far as this store's tables know."""
    with store.database.writing() as db:
        db.execute(
            "INSERT INTO tasks (run, task, seconds, peak_memory_mb, accuracy, finished) "
            "VALUES (?, 0, 1.0, 1.0, 0.5, 1.0)",
            (run_id,),
        )


@pytest.fixture
def scenarios(empty_store):
    return Scenarios(empty_store)


def test_what_is_saved_comes_back_and_stays(scenarios, run):
    assert scenarios.all(run) == []
    first = scenarios.save(run, 0, "  no   habitat ", [PRUNE, SET], "a note")
    assert (first.name, first.note, first.task, first.base) == ("no habitat", "a note", 0, None)
    second = scenarios.save(run, 0, "more", [PRUNE], base=first.id)
    assert scenarios.all(run) == [second, first]
    assert scenarios.get(run, first.id) == first
    assert first.edits == (PRUNE, SET)


def test_a_taken_name_overwrites_nothing(scenarios, run):
    kept = scenarios.save(run, 0, "mine", [PRUNE])
    with pytest.raises(BadInput, match=r"'mine'.*never changes.*another name"):
        scenarios.save(run, 0, "mine", [SET])
    assert scenarios.all(run) == [kept]


def test_removing_can_be_undone(scenarios, run):
    first = scenarios.save(run, 0, "mine", [PRUNE])
    scenarios.remove(run, first.id)
    assert scenarios.all(run) == []
    scenarios.restore(run, first.id)
    assert scenarios.all(run) == [first]
    scenarios.remove(run, first.id)
    scenarios.save(run, 0, "mine", [SET])
    with pytest.raises(BadInput, match="taken its name"):
        scenarios.restore(run, first.id)


@pytest.mark.parametrize(
    ("name", "edits"), [("", [PRUNE]), ("x" * (MAX_NAME + 1), [PRUNE]), ("x", []), ("x", [PRUNE] * (MAX_EDITS + 1))]
)
def test_nameless_empty_and_endless_scenarios_are_refused(scenarios, run, name, edits):
    with pytest.raises(BadInput):
        scenarios.save(run, 0, name, edits)
    assert scenarios.all(run) == []


def test_a_scenario_of_another_run_is_refused(scenarios, run, empty_store):
    other = empty_store.create(preset("tiny"))
    theirs = scenarios.save(other, 0, "theirs", [PRUNE])
    with pytest.raises(BadInput, match=f"belongs to run {other}"):
        scenarios.get(run, theirs.id)
    with pytest.raises(BadInput, match="nobody knows it"):
        scenarios.get(run, "nonsense")


def test_export_and_import_between_runs_on_the_same_data(scenarios, run, empty_store):
    first = scenarios.save(run, 0, "mine", [PRUNE, SET], "note é")
    data = scenarios.export(run, first.id)
    twin = empty_store.create(configure("tiny", {}, seed=7))
    with pytest.raises(BadInput, match="has finished 0"):
        scenarios.import_(twin, data)
    finish(empty_store, twin)
    again = scenarios.import_(twin, data)
    assert (again.name, again.note, again.edits) == ("mine", "note é", (PRUNE, SET))
    foreign = empty_store.create(configure("tiny", {"world_seed": "7"}))
    finish(empty_store, foreign)
    with pytest.raises(BadInput, match="other data"):
        scenarios.import_(foreign, data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"format": "plumage scenario 1"}',
        b"[" * 100_000,
        b"x" * (MAX_FILE + 1),
        json.dumps({"format": "plumage scenario 1", "data": {}, "task": 0, "name": "", "note": "", "edits": [1]}),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(scenarios, run, data):
    with pytest.raises(BadInput, match="this file"):
        scenarios.import_(run, data if isinstance(data, bytes) else data.encode())
    assert scenarios.all(run) == []


def test_a_draft_survives_and_tells_two_tabs_apart(scenarios, run):
    draft = scenarios.open_draft(run, 0)
    assert scenarios.drafts(run) == []  # nothing to lose yet
    one = scenarios.write_draft(draft, [PRUNE], [], seen=0)
    assert one == 1
    kept = scenarios.draft(draft)
    assert (kept.edits, kept.redo, kept.revision) == ((PRUNE,), (), 1)
    with pytest.raises(NotApplicable, match="another tab"):
        scenarios.write_draft(draft, [SET], [], seen=0)  # a second tab that saw the empty draft
    assert scenarios.draft(draft).edits == (PRUNE,)
    scenarios.write_draft(draft, [], [PRUNE], seen=1)
    assert [d.redo for d in scenarios.drafts(run)] == [(PRUNE,)]  # undone is not lost
    scenarios.drop_draft(draft)
    assert scenarios.draft(draft) is None
    with pytest.raises(NotApplicable):
        scenarios.write_draft(draft, [SET], [], seen=2)


def test_scenarios_go_with_their_run(scenarios, run, empty_store):
    scenarios.save(run, 0, "mine", [PRUNE])
    scenarios.write_draft(scenarios.open_draft(run, 0), [PRUNE], [], 0)
    set_status(empty_store, run, "stopped")
    empty_store.delete(run)
    assert scenarios.all(run) == scenarios.drafts(run) == []
