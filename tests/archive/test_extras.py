"""Analyses and edits that this Plumage does not know, or that do not fit, are refused."""

import pytest

from engine.archive.bring import bring
from engine.errors import BadInput
from tests.archive.forge import lines, replaced, with_line, with_lines


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "os"}, "analysis 'os': known are"),
        ({"settings": {"telepathy": 1}}, "no such parameter"),
        ({"settings": []}, "settings is no dict"),
        ({"task": 3}, "task is no whole number"),
        ({"folder": "../.."}, "holds no arrays"),
        ({"folder": "embedding_map-2"}, "holds no arrays|does not say"),
    ],
)
def test_analyses_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "analyses.jsonl", **fields), reason)


def test_an_answer_without_a_question_and_a_question_with_two(refused, archive):
    known = lines(archive, "analyses.jsonl")
    refused(with_lines(archive, "analyses.jsonl", known[1:]), "does not say what it is the answer to")
    doubled = [known[0], {**known[1], "name": known[0]["name"], "settings": known[0]["settings"]}, known[2]]
    refused(with_lines(archive, "analyses.jsonl", doubled), "two answers to one question")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"edits": []}, "no list of 1 to"),
        ({"edits": [7]}, "no list of 1 to"),
        ({"edits": [{"kind": "format_disk"}]}, "format_disk"),
        ({"name": ""}, "name is no text of 1"),
        ({"name": "second"}, "have one name"),
        ({"task": -1}, "task is no whole number"),
        ({"note": "x" * 2001}, "note is no text"),
    ],
)
def test_scenarios_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "scenarios.jsonl", **fields), reason)


def test_a_note_on_edits_that_is_none(refused, archive):
    refused(
        replaced(archive, **{"edits.json": b'{"run": "a", "scenario": "b", "task": "c"}'}), "task is no whole number"
    )
    refused(replaced(archive, **{"edits.json": b"[]"}), "no JSON object")


def test_a_file_that_is_not_there(store, tmp_path):
    with pytest.raises(BadInput, match="it cannot be read"):
        bring(store, tmp_path / "none.zip")
    with pytest.raises(BadInput, match="it cannot be read"):
        bring(store, tmp_path)
