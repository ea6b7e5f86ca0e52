"""The reader leaves with a link, a report, an archive or scalars; nothing is made before it is asked for."""

import zipfile
from pathlib import Path

from engine.archive import scalars
from engine.errors import BadParameter
from engine.jobs import files
from engine.jobs.kinds import REPORT, SCALARS
from engine.steps import Step
from engine.store.store import RunStore
from tests.job_states import done_here
from tests.pages.saying import words
from tests.pages.stores import write_run


def opened(open_page, **query):
    app = open_page("tasks", **query)
    app.button(key="take-away").click().run()
    return app


def keys(app):
    return {button.key for button in app.button}


def test_the_button_opens_what_can_be_taken(home, open_page):
    write_run(home)
    app = opened(open_page)
    assert {"make-report", "make-slides", "make-archive", "make-scalars"} <= keys(app)
    assert not app.exception


def test_before_the_first_task_there_is_an_archive_but_no_report(home, open_page):
    write_run(home, status="running", done=0)
    app = open_page("run")
    app.button(key="take-away").click().run()
    state = {button.key: button.disabled for button in app.button if button.key and button.key.startswith("make-")}
    assert state == {"make-report": True, "make-slides": True, "make-archive": False, "make-scalars": True}


def test_what_was_made_is_offered_and_what_fails_says_why(home, open_page, monkeypatch):
    run = write_run(home)
    done_here(monkeypatch)
    app = opened(open_page, task="2")
    app.button(key="make-report").click().run()
    made = files.made(RunStore(home), REPORT, run, 1)
    assert made.status == "finished", made.error
    assert Path(made.made).read_text().startswith("<!doctype html>") and "Make it anew" in {
        button.label for button in app.button
    }

    def refuse(store, run, path, moment, complete):
        yield Step(1, 2, "half")
        assert complete
        raise BadParameter("a chart", "too large", "Choose another")

    monkeypatch.setattr("engine.report.write.write", refuse)
    app.checkbox(key="complete-report").check().run()
    app.button(key="make-report").click().run()
    assert "a chart: too large. Choose another." in words(app).replace("A chart", "a chart")
    assert "Make the report" in {button.label for button in app.button}


def test_one_in_the_making_is_told_and_can_be_cancelled(home, open_page):
    run, store = write_run(home), RunStore(home)
    files.make(store, SCALARS, run, 3)
    app = opened(open_page)
    assert "scalars-cancel" in keys(app) and "make-scalars" not in keys(app)
    app.button(key="scalars-cancel").click().run()
    assert files.made(store, SCALARS, run, 3).status == "stopped"


def test_scalars_come_as_one_zip(tiny_home, tmp_path):
    store = RunStore(tiny_home)
    scalars.write_packed(store, store.resolve("last"), tmp_path / "s.zip")
    (name,) = zipfile.ZipFile(tmp_path / "s.zip").namelist()
    assert name.startswith("events.out.tfevents.")
