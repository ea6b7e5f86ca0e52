"""Where commands write to and read from: what cannot be used is said at once, and nothing is changed by trying."""

import os

import pytest

from engine.__main__ import main

WRITERS = {
    "file": (["export", "last", "--no-report", "-o"], ["report", "last", "-o"]),
    "folder": (["scalars", "last", "-o"], ["pretrain", "--out"], ["robustify", "--out"]),
}
BAD = ["", "  ", "half\udce9", "/proc/plumage", "a" * 300, "~nobody-of-this-name/x", "file/x", "pipe"]


@pytest.fixture
def here(tiny_home, tmp_path, monkeypatch):
    """An empty working directory with a file, a folder and a pipe in it."""
    monkeypatch.setenv("PLUMAGE_HOME", str(tiny_home))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def refused(capsys, words):
    code = main(words)
    said = capsys.readouterr()
    assert code == 2 and said.out == "" and said.err.startswith(f"{words[0]}: "), said.err
    assert said.err.count("\n") == 1 and "\udce9" not in said.err
    return said.err


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("bad", BAD)
def test_a_place_that_cannot_be_written_is_said_before_any_work(here, capsys, kind, bad):
    for words in WRITERS[kind]:
        refused(capsys, [*words, bad])
    assert sorted(path.name for path in here.iterdir()) == ["file", "folder", "pipe"]
    assert (here / "file").read_text() == "mine" and not list((here / "folder").iterdir())


def test_a_folder_where_a_file_belongs_and_the_other_way_round(here, capsys):
    for words in WRITERS["file"]:
        assert "it is a folder" in refused(capsys, [*words, "folder"])
    for words in WRITERS["folder"]:
        assert "not a folder" in refused(capsys, [*words, "file"])
    assert (here / "file").read_text() == "mine"


@pytest.mark.parametrize("bad", [*BAD, "folder", "nowhere", "/dev/zero"])
def test_only_an_ordinary_file_is_imported(here, capsys, bad):
    refused(capsys, ["import", bad])


def test_the_folder_of_drawn_birds_is_checked_as_well(here, capsys):
    for command in ("pretrain", "robustify"):
        assert "--pool" in refused(capsys, [command, "--out", "new", "--pool", "file"])
    assert not (here / "new").exists()


@pytest.mark.parametrize("path", ["/proc", "~nobody-of-this-name/x", " ", "half\udce9"])
def test_a_folder_of_images_that_is_none(here, tmp_path, monkeypatch, capsys, path):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    assert main(["train", "--preset", "tiny", "--set", "dataset=folder", f"path={path}"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said and "bug" not in said


def test_a_job_that_nobody_asked_for(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    for number in ("7", "-1", "9" * 18):
        assert "job" in refused(capsys, ["work", "--", number])


def test_a_home_that_can_be_none(monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", "~nobody-of-this-name/x")
    assert "PLUMAGE_HOME" in refused(capsys, ["runs"])


def test_a_backbone_is_stored_by_its_whole_path(monkeypatch, tmp_path):
    from engine.runs.config import configure

    monkeypatch.chdir(tmp_path)
    assert configure("tiny", {"backbone": "local-dir:mine"}).backbone == f"local-dir:{tmp_path / 'mine'}"
    assert configure("tiny", {"backbone": "aviary-clip"}).backbone == "aviary-clip"
