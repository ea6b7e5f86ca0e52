"""Bringing in a run on Home: what comes in is shown, what does not is refused with the reason and stays out."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.archive.write import write
from engine.store.store import RunStore
from tests.job_states import done_here
from tests.pages.saying import words


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, no_jobs: None) -> None:
    """The job that a click asks for is done when the click returns."""
    done_here(monkeypatch)


@pytest.fixture(scope="module")
def archive(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The tiny run as an archive."""
    store, path = RunStore(tiny_home), tmp_path_factory.mktemp("sent") / "run.zip"
    for _ in write(store, store.resolve("last"), path, report=False):
        pass
    return path.read_bytes()


def box(app: AppTest, data: bytes) -> AppTest:
    """Choose a file and bring it in."""
    app.file_uploader(key="bring-in-file").set_value(("run.zip", data, "application/zip")).run()
    app.button(key="bring-in-now").click().run()
    app.run()  # as its fragment does when it sees that the job has ended
    assert not app.exception
    return app


@pytest.fixture
def app(home: Path) -> AppTest:
    """The box by itself."""

    def script() -> None:
        from pages.ui.home import bring_in

        bring_in.box()

    return AppTest.from_function(script, default_timeout=90).run()


def test_nothing_can_be_brought_in_before_a_file_is_chosen(app):
    assert app.button(key="bring-in-now").disabled and "Up to 200 MB here" in words(app)


def test_a_refusal_names_the_reason_and_stays_until_another_file_is_chosen(app, home, archive):
    assert "no zip file" in words(box(app, b"holiday pictures"))
    assert "no zip file" in words(app.run())
    assert "cut off on the way" in words(box(app, archive[:1000]))
    assert RunStore(home).runs() == [] and not (home / "runs").exists()


def test_a_run_comes_in_once_and_home_shows_it(open_page, home, archive):
    app = open_page("home")
    said = words(box(app, archive))
    (run,) = RunStore(home).runs()
    assert run.tasks_done == 3 and f"It is here as {run.id}." in said
    app.button(key="bring-in-look").click().run()
    assert app.query_params["run"] == run.id
    said = words(box(app, archive))
    assert f"it is here already, as {run.id}" in said and len(RunStore(home).runs()) == 1
