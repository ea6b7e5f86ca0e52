"""The reader leaves with a link, a report, an archive or scalars; nothing is made before it is asked for."""

import io
import zipfile

from engine.archive import scalars
from engine.steps import Step
from engine.store.store import RunStore
from pages.ui import takeaway
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
    assert {"make-report", "make-archive", "make-scalars"} <= keys(app)
    assert not app.exception


def test_before_the_first_task_there_is_an_archive_but_no_report(home, open_page):
    write_run(home, status="running", done=0)
    app = open_page("train")
    app.button(key="take-away").click().run()
    state = {button.key: button.disabled for button in app.button if button.key and button.key.startswith("make-")}
    assert state == {"make-report": True, "make-archive": False, "make-scalars": True}


def test_what_was_made_is_offered_and_what_fails_says_why(home, open_page, monkeypatch):
    write_run(home)
    asked = []

    def make(store, run, moment, path):
        asked.append((run, moment))
        yield Step(1, 2, "half")
        path.write_bytes(b"made")

    good = takeaway.GOODS[0]
    monkeypatch.setattr(takeaway, "GOODS", (takeaway.Good(good.key, "T", "W", "Make", ".html", "text/html", make),))
    app = opened(open_page, task="2")
    app.button(key="make-report").click().run()
    assert asked == [(RunStore(home).resolve("last"), 1)]
    waiting = app.session_state[takeaway._MADE]["report"]
    assert (waiting.moment, waiting.data) == (1, b"made")


def test_scalars_come_as_one_zip(home, monkeypatch, tmp_path):
    def write(store, run, folder):
        (folder / "deep").mkdir()
        (folder / "deep" / "events").write_bytes(b"1")

    monkeypatch.setattr(scalars, "write", write)
    list(takeaway._scalars(RunStore(home), "run", None, tmp_path / "s.zip"))
    assert zipfile.ZipFile(io.BytesIO((tmp_path / "s.zip").read_bytes())).namelist() == ["deep/events"]


def test_the_progress_says_how_long_it_will_take():
    assert takeaway._told(Step(1, 4, "drawing"), 5.0) == "drawing, about 15 s left"
    assert takeaway._told(Step(0, 4, "[x](y)"), 5.0) == r"\[x\](y)"
