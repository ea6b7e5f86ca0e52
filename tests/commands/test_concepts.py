"""`python -m engine concepts`: look, keep, edit, export, and what a run's filters left out."""

import csv
import io
import json

import pytest

from engine.__main__ import main
from engine.runs.config import preset
from engine.runs.sources import open_dataset


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    path = tmp_path / "mine.json"
    names = open_dataset(preset("tiny")).class_names
    path.write_text(json.dumps({name: ["a red crown", "a long beak"] for name in names} | {"yak": ["horns"]}))
    return path


TINY = ("--set", "classes=6", "increment=2")


def test_looking_keeps_nothing(file, tmp_path, capsys):
    assert main(["concepts", "look", str(file), *TINY]) == 0
    said = capsys.readouterr().out
    assert "JSON, class name to texts" in said and "6 of the 7 classes" in said and "'yak'" in said
    assert not (tmp_path / "home" / "concepts").exists()
    file.write_text('{"yak": ["horns"]}')
    assert main(["concepts", "look", str(file), *TINY]) == 2
    captured = capsys.readouterr()
    assert "0 of the 1 classes" in captured.out and "no class has this name" in captured.err


def test_a_set_is_kept_edited_shown_and_exported(file, tmp_path, capsys):
    assert main(["concepts", "list"]) == 0 and "No set" in capsys.readouterr().out
    assert main(["concepts", "import", str(file), "--name", "birds"]) == 0
    for edit in (
        ["rename", "a red crown", "a crimson crown"],
        ["add", "webbed feet", "--group", "feet", "--classes", "duck"],
        ["group", "bill", "a long beak"],
        ["merge", "a long beak", "horns"],
        ["drop", "webbed feet"],
        ["undo"],
    ):
        assert main(["concepts", "edit", "birds", *edit]) == 0
    capsys.readouterr()
    assert main(["concepts", "show", "birds"]) == 0
    said = capsys.readouterr()
    assert "webbed feet" in said.out and "renamed from 'a red crown'" in said.out and "set:birds" in said.err
    assert said.out.count(" texts  ") == 5  # the import and four edits; the drop was taken back
    out = tmp_path / "out.csv"
    assert main(["concepts", "export", "birds", "-o", str(out)]) == 0
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert {row["concept"] for row in rows} == {"a crimson crown", "a long beak", "webbed feet"}
    assert main(["concepts", "import", str(out), "--name", "back"]) == 0
    assert main(["concepts", "edit", "birds", "drop", "nobody"]) == 2 and "not in the set" in capsys.readouterr().err
    assert main(["concepts", "edit", "birds", "merge", "a long beak"]) == 2
    assert main(["concepts", "show", "nobody"]) == 2


def test_what_a_runs_filters_left_out(own_tiny_home, monkeypatch, capsys):
    from engine.jobs.training import work
    from engine.store.store import RunStore

    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    store = RunStore(own_tiny_home)
    config = preset("tiny").changed(method="ncm", filter_length=12, filter_alike=0.9)
    run = store.create(config, "short")
    assert work(store, run).status == "finished"
    assert main(["concepts", "left-out", run]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["rule"] for row in rows} == {"filter_length", "filter_alike"}
    for row in rows:
        if row["rule"] == "filter_length":
            assert float(row["value"]) == len(row["concept"]) > 12 == float(row["limit"])
        else:
            assert float(row["value"]) > 0.9 and row["because"] and row["because"] != row["concept"]
    assert {row["task"] for row in rows} == {"1", "2", "3"}
    told = own_tiny_home / "told.json"
    settings = [f"{key}={config.data[key]}" for key in ("classes", "train_per_class", "test_per_class")]
    settings += ["increment=2", "filter_length=12", "filter_alike=0.9"]
    assert main(["concepts", "candidates", "--set", *settings, "-o", str(told)]) == 0
    assert capsys.readouterr().out.strip() == str(told)
    before = json.loads(told.read_text())  # what is said before a run is what its run then does
    gone = {(name, one["text"], one["rule"], one["because"]) for one in before["removed"] for name in one["classes"]}
    assert gone == {(row["class"], row["concept"], row["rule"], row["because"]) for row in rows}
    assert before["kept"] and not {one["text"] for one in before["kept"] if len(one["text"]) > 12}


def test_texts_that_say_nearly_the_same_are_told(file, tmp_path, capsys):
    path, out = tmp_path / "mine.txt", tmp_path / "out.json"
    path.write_text("red crown\na red crown\nlong tail\nzyx\n")
    assert main(["concepts", "alike", str(path), "--above", "0.6", *TINY, "-o", str(out)]) == 0
    (group,) = json.loads(out.read_text())["groups"]
    assert group["texts"] == ["red crown", "a red crown"] and 0.6 < group["cosines"][0] <= 1
    assert main(["concepts", "alike", str(path), "--above", "1.5", *TINY, "-o", str(out)]) == 2
    assert "0.5 to 1" in capsys.readouterr().err


def test_classes_of_a_text_are_edited(file, tmp_path, capsys):
    assert main(["concepts", "import", str(file), "--name", "birds"]) == 0
    assert main(["concepts", "edit", "birds", "classes", "horns", "yak", "gnu"]) == 0
    assert main(["concepts", "show", "birds"]) == 0
    assert "gave 'horns' to yak, gnu" in capsys.readouterr().out
