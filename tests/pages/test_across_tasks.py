"""What runs of single methods show: preferences without training and boundaries that nobody told on Tasks, and what
energies expect on Concepts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.analyses.preference_front import PreferenceFront
from engine.jobs.analyses import Analyses, Question
from engine.store.store import RunStore
from tests.job_states import note_analyses
from tests.pages.one_view import open_view
from tests.pages.opening import at_page
from tests.pages.saying import sound, words
from tests.pages.test_pages import chart


@pytest.fixture(scope="module")
def home(elsewhere_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages ask for what is not computed yet, so it is a copy."""
    return Path(shutil.copytree(elsewhere_home, tmp_path_factory.mktemp("across") / "home"))


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("PLUMAGE_HOME", str(home))
    return RunStore(home)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    return note_analyses(monkeypatch)


def run_of(store: RunStore, method: str) -> str:
    return next(summary.id for summary in store.runs() if summary.method == method)


def test_the_slider_says_what_a_preference_would_reach_and_its_address_leads_there(store):
    run = run_of(store, "ibcl")
    found = Analyses(store).result(Question(run, 2, "preference_front", {}))
    assert found is not None and len(found["preference"]) == PreferenceFront().points
    app = sound(at_page("tasks", run=run).run())
    assert "So this run answers." in words(app) and len(chart(app, "preference-points")["data"]) == 3
    assert "preference" not in app.query_params
    app = sound(app.select_slider(key="preference-choice").set_value("75").run())
    assert "If the newest task counts 75 %" in words(app) and "75" in app.query_params["preference"]
    app = sound(at_page("tasks", run=run, preference="75").run())
    marked = chart(app, "preference-points")["data"][-1]
    test = found["split"].tolist().index("test")
    assert (marked["x"][0], marked["y"][0]) == (found["old"][test, 15], found["newest"][test, 15])


def test_a_preference_that_was_not_tried_is_left_out_of_the_address(store):
    app = sound(at_page("tasks", run=run_of(store, "ibcl"), preference="33.3").run())
    assert "So this run answers." in words(app) and "preference" not in app.query_params


def test_boundaries_and_routing_stand_on_the_page_of_a_run_that_was_told_of_none(store):
    app = sound(at_page("tasks", run=run_of(store, "tame")).run())
    assert "Nobody said where tasks begin: it noticed" in words(app)
    assert "of test images find the expert that knows their class" in words(app)
    assert len(chart(app, "routing")["data"]) == 3 and len(chart(app, "stream")["layout"]["shapes"]) == 2


def test_other_methods_and_first_tasks_have_neither(store, asked):
    for run, query in ((run_of(store, "gda"), {}), (run_of(store, "ibcl"), {"task": "1"})):
        app = sound(at_page("tasks", run=run, **query).run())
        assert "preference" not in words(app) and "Nobody said where tasks begin" not in words(app)
    assert {question.name for question in asked} <= {"forgetting_floor"}


@pytest.mark.parametrize(
    ("given", "row"), [("class", "Likely concepts"), ("concept", "Likely other concepts"), ("answer", "Likely classes")]
)
def test_each_table_of_what_energies_expect_is_on_the_page_and_has_its_address(store, given, row):
    app = sound(open_view("weights", run=run_of(store, "ecbm"), given=given))
    assert f"<th scope='col'>{row}</th>" in words(app) and "likely, else" in words(app)
