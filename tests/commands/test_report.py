"""The command that writes a report: where it is, what it lacks, and what it refuses."""

from pathlib import Path
from typing import ClassVar

import pytest

from engine.__main__ import main
from engine.commands._bar import LOOK
from engine.commands._steps import shown
from engine.jobs.analyses import Analyses, AnalysisState, Question
from engine.report import complete as completing
from engine.report.complete import compute
from engine.steps import Step
from tests.commands.test_cli import Screen
from tests.pages.stores import write_run


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return tmp_path / "home"


def test_it_prints_the_file_and_says_what_is_missing(home, tmp_path, capsys):
    write_run(home, name="first")
    assert main(["report", "last", "-o", str(tmp_path / "r.html")]) == 0
    printed = capsys.readouterr()
    assert Path(printed.out.strip()).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert " charts, " in printed.err and "not shown" in printed.err and "--complete" in printed.err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["nobody", "-o", "r.html"], "has no such run"),
        (["last", "-o", "."], "it is a folder"),
        (["last", "-o", "r.html", "--task", "9"], "4 tasks of the run are finished"),
    ],
)
def test_what_it_cannot_do_is_bad_input(home, tmp_path, capsys, monkeypatch, asked, said):
    monkeypatch.chdir(tmp_path)
    write_run(home)
    assert main(["report", *asked]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()


def test_a_run_without_a_finished_task_has_no_report(home, tmp_path, capsys):
    write_run(home, status="failed", done=0, error="no")
    assert main(["report", "last", "-o", str(tmp_path / "r.html")]) == 2
    assert "none of its tasks is finished" in capsys.readouterr().err


def test_the_moving_line_says_how_far_and_is_gone_at_the_end(monkeypatch):
    monkeypatch.setattr("sys.stderr", screen := Screen(terminal=True))
    monkeypatch.setitem(LOOK, "mininterval", 0.0)
    shown(Step(done, 4, f"drawing {done}") for done in (1, 3))
    assert "[######..................]  25 %  drawing 1" in screen.text and " left" in screen.text
    assert not screen.text.rpartition("\r")[2].strip()


def test_the_maker_is_closed_and_its_value_handed_on():
    closed = []

    def steps():
        try:
            yield Step(0, 1, "x")
            return "made"
        finally:
            closed.append(True)

    assert shown(steps()) == "made" and closed == [True]


class _Asked:
    """Analyses of which each is at work once when looked at, then ends as `ends` says."""

    ends: ClassVar[dict[str, str]] = {}

    def __init__(self, store):
        self.looks, self.cancelled = {}, []
        _Asked.last = self

    def state(self, question):
        looks = self.looks.get(question.name)
        if looks is None:
            return None
        self.looks[question.name] = looks + 1
        status = "running" if looks == 0 else self.ends[question.name]
        error = "no memory" if status == "failed" else None
        return AnalysisState(status, 1, 2, "looking", None, None, error, "here")

    def waits(self, question):
        return None

    def request(self, question):
        self.looks[question.name] = 0

    def cancel(self, question):
        self.cancelled.append(question.name)


@pytest.fixture
def questions(monkeypatch):
    assert {"state", "request", "cancel"} <= set(vars(Analyses))
    monkeypatch.setattr(completing, "Analyses", _Asked)
    monkeypatch.setattr(completing, "_TICK", 0)
    _Asked.ends = {"curves": "finished", "repairs": "failed"}
    return [Question("run", 0, "curves", {}), Question("run", 0, "repairs", {})]


def test_what_is_missing_is_computed_one_after_the_other(questions):
    steps = compute(None, questions)
    told = [next(steps), next(steps)]
    assert [(step.done, step.total) for step in told] == [(50, 200), (150, 200)]
    assert told[0].word == "curves: looking"
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == ("repairs: no memory",)


def test_who_stops_waiting_stops_the_work(questions):
    steps = compute(None, questions)
    next(steps)
    steps.close()
    assert _Asked.last.cancelled == ["curves"]
