"""One reader for stored and foreign structures: what it lets through, and what it refuses in words."""

import os

import pytest

from engine.structures import Malformed, Structure, checked, parse_json, read_file


class Point(Structure):
    x: int
    names: tuple[str, ...] = ()


@pytest.mark.parametrize("text", ['{"a": [1, 2.5, null, true, "ü"]}', "7", '"text"', "[]"])
def test_plain_json_comes_back(text):
    import json

    assert parse_json(text) == parse_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[" * 100_000 + "]" * 100_000, "too deep"),
        ('{"a": 1, "a": 2}', "twice"),
        ("NaN", "no number"),
        ("[1e999]", "too large"),
        ("1" * 5000, "too large"),
        ('"\\ud800"', "no JSON"),
        ("{", "no JSON"),
        (b"\xff\xfe\x00", "no JSON"),
        ("", "no JSON"),
    ],
)
def test_what_is_no_plain_json_is_refused(text, why):
    with pytest.raises(Malformed, match=why):
        parse_json(text)


def test_a_document_larger_than_its_limit_is_not_parsed():
    with pytest.raises(Malformed, match="larger than 4 bytes"):
        parse_json("[1, 2]", limit=4)


def test_numbers_beyond_all_limits_pass_where_they_may():
    assert parse_json("[Infinity, 1e999]", finite=False) == [float("inf"), float("inf")]


def test_a_structure_is_checked_strictly_and_names_the_place():
    assert checked(Point, {"x": 3, "names": ["a"]}) == Point(x=3, names=("a",))
    for value, why in [
        ({"x": "3"}, "x: .*valid integer, not '3'"),
        ({"x": True}, "x: "),
        ({"x": 1, "y": 2}, "y: "),
        ({}, "x: field required"),
        ({"x": 1, "names": ["a", 2]}, r"names\.1: "),
        ([], "the whole: "),
    ]:
        with pytest.raises(Malformed, match=why):
            checked(Point, value)


def test_only_ordinary_files_are_read(tmp_path):
    (tmp_path / "fine").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    assert read_file(tmp_path / "fine") == b"abc"
    for name in ("pipe", "link"):
        with pytest.raises(Malformed, match="ordinary"):
            read_file(tmp_path / name)
    with pytest.raises(Malformed, match="at most 2"):
        read_file(tmp_path / "fine", limit=2)
