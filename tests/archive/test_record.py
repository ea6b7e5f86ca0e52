"""Rows that no run has are refused, each with its reason."""

import pytest

from tests.archive.forge import changed, lines, with_line, with_lines, with_setup


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "x" * 201}, "name is no text of 0 to 200"),
        ({"name": "\ud800"}, "no JSON that can be read"),
        ({"name": 7}, "name is no text"),
        ({"note": "x" * 2001}, "note is no text"),
        ({"error": "x" * 20_001}, "error is no text"),
        ({"machine": None}, "machine is no text"),
        ({"id": "../../etc"}, "no name of a run"),
        ({"parent": "<script>", "parent_task": 0}, "no name of a run"),
        ({"parent": "260101-000000-wren", "parent_task": 9}, "parent_task is no whole number"),
        ({"created": 1e12}, "created is no number"),
        ({"created": "now"}, "created is no number"),
        ({"created": 10**40}, "no JSON that can be read"),
        ({"status": "haunted"}, "none that a run has"),
        ({"tasks_total": 4}, "does not fit its 3 tasks"),
        ({"setup": None}, "beyond the run's 0 tasks"),
        ({"setup": 3}, "setup is no dict"),
        ({"pid": 1}, "unknown field 'pid'"),
    ],
)
def test_a_row_that_is_none(refused, archive, fields, reason):
    refused(changed(archive, file="run.json", **fields), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"class_names": ["a"] * 5}, "do not share out its classes"),
        ({"class_names": ["a" * 301] * 6}, "class_names is no list of texts"),
        ({"task_classes": [[0, 1], [2, 3], [4, 4]]}, "do not share out its classes"),
        ({"task_classes": [[0, 1, 2, 3, 4, 5], [], []]}, "do not share out its classes"),
        ({"task_classes": [[0, 1], [2, 3], ["4", 5]]}, "no list of whole numbers"),
        ({"splits": ["moved", "test"]}, "must be test, or test and moved"),
        ({"splits": ["test", "../x"]}, "must be test, or test and moved"),
        ({"test_sizes": {"test": [16, 16, 16]}}, "lacks the field 'moved'"),
        ({"test_sizes": {"test": [16, 16], "moved": [16, 16, 16]}}, "must count 3 tasks"),
        ({"learns_concepts": False}, "no such model|not those|missing|must have shape|is measured"),
    ],
)
def test_a_layout_that_is_none(refused, archive, fields, reason):
    refused(with_setup(archive, **fields), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"method": "mind_reading"}, "config.json.*method 'mind_reading': known are"),
        ({"telepathy": 1}, "no such parameter"),
        ({"classes": 10**6}, "classes must be"),
        ({"classes": 8}, "the config asks for 8"),
        ({"settings": {"telepathy": 1}}, "no such parameter"),
        ({"settings": []}, "must map names to values"),
        ({"seed": "1993; DROP TABLE runs"}, "seed must be"),
    ],
)
def test_a_config_that_is_none(refused, archive, fields, reason):
    refused(changed(archive, file="config.json", **fields), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"task": 1}, "out of order"),
        ({"accuracy": 1.5}, "accuracy is no number from 0 to 1"),
        ({"accuracy": float("nan")}, "accuracy is no number"),
        ({"seconds": True}, "seconds is no number"),
        ({"seconds": -1}, "seconds is no number"),
    ],
)
def test_tasks_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "tasks.jsonl", **fields), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event": "RunFinished"}, "no event of a training"),
        ({"event": "__class__"}, "no event of a training"),
        ({"task": 3}, "task is no whole number"),
        ({"class_ids": "01"}, "class_ids is no list"),
        ({"surprise": 1}, "unknown field 'surprise'"),
    ],
)
def test_events_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "events.jsonl", **fields), reason)


def test_fewer_tasks_than_a_finished_run_has(refused, archive):
    refused(with_lines(archive, "tasks.jsonl", lines(archive, "tasks.jsonl")[:2]), "is measured in this run")
