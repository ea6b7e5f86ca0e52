"""Drafts: what was typed comes back as it was, and what is damaged is said and never believed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.runs.drafts import FORM, MOST, MOST_UNDONE, Drafts, new_id

TYPED = {"path": "/no such/folder", "increment": 2, "name": "été <b>", "settings": {"epochs": 3}}


def test_what_was_typed_comes_back_right_or_wrong(tmp_path: Path) -> None:
    drafts, id = Drafts(tmp_path / "drafts"), new_id()
    assert drafts.newest() is None
    past = [{"increment": n} for n in range(MOST_UNDONE + 5)]
    drafts.save(id, TYPED, past)
    found = drafts.read(id)
    assert found.values == TYPED and list(found.past) == past[-MOST_UNDONE:]
    assert drafts.newest() == id == drafts.listed()[0]
    drafts.remove(id)
    drafts.remove(id)
    assert drafts.listed() == []


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe",
        b"[]",
        json.dumps({"form": FORM + 1, "values": {}, "past": []}).encode(),
        json.dumps({"form": FORM, "values": {}, "past": {}}).encode(),
        json.dumps({"form": FORM, "values": {"colour": 1}, "past": []}).encode(),
        json.dumps({"form": FORM, "values": {"increment": [2]}, "past": []}).encode(),
        json.dumps({"form": FORM, "values": {"increment": None}, "past": []}).encode(),
        json.dumps({"form": FORM, "values": {"settings": {"epochs": {}}}, "past": []}).encode(),
        json.dumps({"form": FORM, "values": {}, "past": [{"colour": 1}]}).encode(),
        json.dumps({"form": FORM, "values": {}, "past": [{}] * (MOST_UNDONE + 1)}).encode(),
    ],
)
def test_a_damaged_file_is_said_by_name(tmp_path: Path, held: bytes) -> None:
    drafts, id = Drafts(tmp_path), new_id()
    (tmp_path / f"{id}.json").write_bytes(held)
    with pytest.raises(BadInput) as said:
        drafts.read(id)
    assert id in said.value.given and "damaged" in said.value.allowed


@pytest.mark.parametrize("id", ["", "../../etc/passwd", "261129-120000-ABCD", "x" * 5000])
def test_what_is_no_draft_is_not_read(tmp_path: Path, id: str) -> None:
    with pytest.raises(BadInput, match="not here"):
        Drafts(tmp_path).read(id)


def test_too_much_is_refused_and_what_was_kept_stays(tmp_path: Path) -> None:
    drafts, id = Drafts(tmp_path), new_id()
    drafts.save(id, TYPED)
    with pytest.raises(BadInput, match="1 MB"):
        drafts.save(id, {"path": "x" * (1 << 20)})
    assert drafts.read(id).values == TYPED


def test_the_oldest_gives_way(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path)
    ids = [f"261129-120000-{n:04x}" for n in range(MOST + 3)]
    for age, id in enumerate(ids):
        drafts.save(id, dict[str, Any](seed=age))
        os.utime(tmp_path / f"{id}.json", (age + 1, age + 1))
    drafts.save(ids[-1], {"seed": 1})
    assert len(drafts.listed()) == MOST and drafts.newest() == ids[-1] and ids[0] not in drafts.listed()
