"""Analyses and edits that this Plumage does not know, or that do not fit, are refused."""

import pytest

from engine.archive.bring import bring
from engine.errors import BadInput
from engine.records.arrays import pack, unpack
from tests.analyses.test_returns import mutations
from tests.archive.forge import contents, lines, replaced, with_line, with_lines


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "os"}, "analysis 'os': known are"),
        ({"settings": {"telepathy": 1}}, "no such parameter"),
        ({"settings": []}, "settings: input should be an object"),
        ({"task": 3}, "task is none of its 3 finished tasks"),
        ({"folder": "../.."}, "holds no arrays"),
    ],
)
def test_analyses_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "analyses.jsonl", **fields), reason)


def test_an_analysis_with_the_arrays_of_another(refused, archive):
    curves = next(line["folder"] for line in lines(archive, "analyses.jsonl") if line["name"] == "curves")
    refused(with_line(archive, "analyses.jsonl", folder=curves), "no such array is declared")


def test_an_answer_without_a_question_and_a_question_with_two(refused, archive):
    known, files = lines(archive, "analyses.jsonl"), contents(archive)
    refused(with_lines(archive, "analyses.jsonl", known[1:]), "does not say what it is the answer to")
    first = known[0]["folder"]
    twin = {n.replace(first, "twin-9"): data for n, data in files.items() if n.startswith(f"analyses/{first}/")}
    doubled = [*known, {**known[0], "folder": "twin-9"}]
    refused(with_lines(replaced(archive, **twin), "analyses.jsonl", doubled), "two answers to one question")


def test_no_mutation_of_an_analysis_array_is_brought_in(refused, archive):
    """Of some arrays one of the mutations that are refused on reading (all of them: tests/analyses/test_returns.py)."""
    files = contents(archive)
    for number, name in enumerate(sorted(n for n in files if n.startswith("analyses/"))[::4]):
        array, folder = unpack(files[name]), name.split("/")[1]
        odd = [one for _, one in mutations(array) if one.size or array.size]
        where = f"^analyses/({folder}|{folder}/.*npy) in this archive: "
        refused(replaced(archive, **{name: pack(odd[number % len(odd)])}), where)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"edits": []}, "edits: list should have at least 1 item"),
        ({"edits": [7]}, "edits.0: input should be an object"),
        ({"edits": [{"kind": "format_disk"}]}, "format_disk"),
        ({"name": ""}, "name: string should have at least 1 character"),
        ({"name": "second"}, "have one name"),
        ({"task": -1}, "task: input should be greater than or equal to 0"),
        ({"note": "x" * 2001}, "note: string should have at most 2000"),
    ],
)
def test_scenarios_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "scenarios.jsonl", **fields), reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"present": None}, "present: input should be a valid boolean"),
        ({"present": 1}, "present: input should be a valid boolean"),
        ({"picture": "../../etc"}, "a picture is named SPLIT:NUMBER"),
        ({"digest": "4" * 63}, "64 hex digits"),
        ({"concept": ""}, "1 to 200 characters"),
        ({"concept": "x" * 201}, "1 to 200 characters"),
        ({"concept": "hooked bill"}, "two things of one picture and one concept"),
        ({"marked": -1.0}, "marked: input should be greater than or equal to 0"),
        ({"who": "me"}, "who: extra inputs are not permitted"),
    ],
)
def test_marks_that_are_none(refused, archive, fields, reason):
    refused(with_line(archive, "marks.jsonl", **fields), reason)


def test_more_marks_than_a_run_keeps(refused, archive, monkeypatch):
    monkeypatch.setattr("engine.store.marks.MOST", 2)
    refused(archive, "more than 2 marks")


def test_a_note_on_edits_that_is_none(refused, archive):
    refused(
        replaced(archive, **{"edits.json": b'{"run": "a", "scenario": "b", "task": "c"}'}),
        "task: input should be a valid integer",
    )
    refused(replaced(archive, **{"edits.json": b"[]"}), "the whole: input should be an object")


def test_a_file_that_is_not_there(store, tmp_path):
    with pytest.raises(BadInput, match="it cannot be read"):
        bring(store, tmp_path / "none.zip")
    with pytest.raises(BadInput, match="it cannot be read"):
        bring(store, tmp_path)
