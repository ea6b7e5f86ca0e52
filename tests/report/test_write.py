"""A report is written whole or not at all, and over nothing but an older report."""

import errno
import os

import pytest

from engine.errors import BadInput
from engine.report import write as writing
from engine.report.frame import GENERATOR
from engine.report.write import check, save


def test_a_file_that_is_no_report_is_not_overwritten(tmp_path):
    path = tmp_path / "thesis.html"
    path.write_text("<!doctype html><html>my thesis")
    with pytest.raises(BadInput, match="no Plumage report"):
        check(path)
    assert path.read_text().endswith("my thesis")


def test_an_older_report_may_be(tmp_path):
    path = tmp_path / "report.html"
    path.write_text(f'<!doctype html><html lang="en"><head><meta name="generator" content="{GENERATOR}">')
    check(path)


def test_a_page_is_told_to_be_a_report(tmp_path, hostile_page):
    path = tmp_path / "report.html"
    save(hostile_page, path)
    check(path)
    assert path.read_text(encoding="utf-8") == hostile_page


@pytest.mark.parametrize("place", ["", "missing/report.html"])
def test_a_place_that_cannot_be_is_refused_before_any_work(tmp_path, place):
    with pytest.raises(BadInput):
        next(writing.write(None, "run", tmp_path / place))


def test_a_full_disk_leaves_the_old_report_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadInput, match="no space left"):
        save("new", path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["report.html"]
