"""Rows that no run has are refused, each with its reason."""

import pytest

from tests.archive.forge import changed, lines, with_line, with_lines, with_setup


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "x" * 201}, "name: string should have at most 200 characters"),
        ({"name": "\ud800"}, "it is no JSON"),
        ({"name": 7}, "name: input should be a valid string"),
        ({"note": "x" * 2001}, "note: string should have at most 2000"),
        ({"error": "x" * 20_001}, "error: string should have at most 20000"),
        ({"machine": None}, "machine: input should be a valid string"),
        ({"id": "../../etc"}, "id: string should match pattern"),
        ({"parent": "<script>", "parent_task": 0}, "parent: string should match pattern"),
        ({"parent": "260101-000000-wren", "parent_task": 9}, "parent_task is none of its 3"),
        ({"created": 1e12}, "created: input should be less than"),
        ({"created": "now"}, "created: input should be a valid number"),
        ({"created": 10**40}, "is too large"),
        ({"status": "haunted"}, "status: input should be 'queued'"),
        ({"tasks_total": 4}, "does not fit its 3 tasks"),
        ({"setup": None}, "beyond the run's 0 tasks"),
        ({"setup": 3}, "setup: input should be an object"),
        ({"pid": 1}, "pid: extra inputs are not permitted"),
    ],
)
def test_a_row_that_is_none(refused, archive, fields, reason):
    refused(changed(archive, file="run.json", **fields), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"class_names": ["a"] * 5}, "do not share out its classes"),
        ({"class_names": ["a" * 301] * 6}, "class_names.0: string should have at most 300 characters"),
        ({"task_classes": [[0, 1], [2, 3], [4, 4]]}, "do not share out its classes"),
        ({"task_classes": [[0, 1, 2, 3, 4, 5], [], []]}, "do not share out its classes"),
        ({"task_classes": [[0, 1], [2, 3], ["4", 5]]}, "task_classes.2.0: input should be a valid integer"),
        ({"splits": ["moved", "test"]}, "must be test, or test and moved"),
        ({"splits": ["test", "../x"]}, "must be test, or test and moved"),
        ({"test_sizes": {"test": [16, 16, 16]}}, "test_sizes must count 3 tasks of test, moved"),
        ({"test_sizes": {"test": [16, 16], "moved": [16, 16, 16]}}, "must count 3 tasks"),
        (
            {"test_sizes": {"test": [9, 16, 16], "moved": [16, 16, 16]}},
            "are not the 8 a class that the config asks for",
        ),
        (
            {"class_names": [], "task_classes": [], "test_sizes": {"test": [], "moved": []}},
            "do not share out its classes",
        ),
        ({"class_digests": ["a"]}, "class_digests must be as many"),
        ({"code": "x" * 501}, "setup,.*code: string should have at most 500 characters"),
        ({"code": "sources"}, "code names no versions"),
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
        ({"accuracy": 1.5}, "accuracy: input should be less than or equal to 1"),
        ({"accuracy": float("nan")}, "NaN is no number"),
        ({"seconds": True}, "seconds: input should be a valid number"),
        ({"seconds": -1}, "seconds: input should be greater than"),
    ],
)
def test_tasks_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "tasks.jsonl", **fields), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"event": "RunFinished"}, "no event of a training"),
        ({"event": "__class__"}, "no event of a training"),
        ({"task": 3}, "task is beyond the run's 3 tasks"),
        ({"class_ids": "01"}, "class_ids: input should be a valid"),
        ({"class_ids": [-1]}, "class_ids.0: input should be greater than or equal to 0, not -1"),
        ({"class_ids": [10**17]}, "class_ids.0: input should be less than or equal to"),
        ({"surprise": 1}, "surprise: unexpected"),
    ],
)
def test_events_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "events.jsonl", **fields), reason)


def test_fewer_tasks_than_a_finished_run_has(refused, archive):
    refused(with_lines(archive, "tasks.jsonl", lines(archive, "tasks.jsonl")[:2]), "is measured in this run")
