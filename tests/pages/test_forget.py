"""Forget on purpose: what is chosen, the fork that is made of it, and its proof."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import NotApplicable
from engine.jobs import errands
from engine.session.forgetting import forks
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.job_states import done_here, note_analyses
from tests.pages.opening import at_page
from tests.pages.saying import sound, words
from tests.pages.test_pages import chart


@pytest.fixture
def store(elsewhere_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """A GDA run with a fork that has unlearnt one image, and its proof."""
    home = Path(shutil.copytree(elsewhere_home, tmp_path / "home"))
    monkeypatch.setenv("PLUMAGE_HOME", str(home))
    return RunStore(home)


@pytest.fixture
def run(store: RunStore) -> str:
    return next(summary.id for summary in store.runs() if summary.name == "whole")


@pytest.fixture
def opened(run: str) -> Callable[..., AppTest]:
    return lambda **query: sound(at_page("repair", **{"run": run, "tab": "forget", **query}).run())


def test_the_proof_of_a_fork_stands_on_its_page_and_on_that_of_its_run(opened, store, run, monkeypatch):
    asked = note_analyses(monkeypatch)
    (fork,) = forks(store, run)
    for query in ({}, {"run": fork.id}):
        app = opened(**query)
        assert "As if never seen, to " in words(app) and "a membership test" in words(app)
        assert len(chart(app, "membership")["data"][0]["y"]) == 3
    assert not asked
    app = opened()
    assert f"“without 1 image”: run {fork.id}, finished, 3 of 3 tasks." in words(app)
    app = app.button(key=f"forget-see-{fork.id}").click().run()
    assert fork.id in app.query_params["run"]


def test_nothing_can_be_begun_before_something_is_chosen(opened):
    app = opened()
    assert app.button(key="forget-start").disabled and "Choose a class, or click pictures." in words(app)


def test_what_a_link_names_is_chosen_and_what_nobody_learnt_is_not(opened, store, run):
    view = RunView(store, run)
    (gone, kept) = view.task_classes[0][:2]
    app = opened(forget=f"{gone},999,x", **{"forget-images": "7777777,-1"})
    assert f"To be forgotten: all of {view.class_names[gone]}." in words(app)
    assert str(gone) in app.query_params["forget"] and "forget-images" not in app.query_params
    assert view.class_names[gone] not in app.selectbox(key="forget-of-choice").options
    assert view.class_names[kept] in app.selectbox(key="forget-of-choice").options


def test_start_makes_the_fork_with_its_proof_and_nothing_is_chosen_any_more(opened, store, run, monkeypatch):
    done_here(monkeypatch)
    view = RunView(store, run)
    gone = view.task_classes[1][0]
    app = opened(forget=str(gone))
    app = sound(app.button(key="forget-start").click().run())
    made, before = forks(store, run)
    fork = RunView(store, made.id)
    assert view.class_names[gone] not in fork.class_names and fork.status == "finished"
    job = errands.find(store, errands.unlearning(run))
    assert (job.status, job.made, job.run) == ("finished", made.id, run)
    assert f"“without {view.class_names[gone]}”" in words(app) and "As if never seen" in words(app)
    assert "forget" not in app.query_params and app.button(key="forget-start").disabled
    assert before.name == "without 1 image"


def test_what_is_at_work_shows_how_far_it_is_and_can_be_cancelled(opened, store, run, monkeypatch):
    note_analyses(monkeypatch)
    gone = RunView(store, run).task_classes[1][0]
    app = sound(opened(forget=str(gone)).button(key="forget-start").click().run())
    assert not [button for button in app.button if button.key == "forget-start"]
    with pytest.raises(NotApplicable, match=f"errand unlearn {run}"):
        errands.unlearn(store, run, [], [0], "again")
    app = sound(app.button(key="forget-cancel").click().run())
    assert "Cancelled; nothing was made." in words(app) and len(forks(store, run)) == 1


def test_all_classes_are_refused_at_once(opened, store, run, monkeypatch):
    note_analyses(monkeypatch)
    every = ",".join(map(str, RunView(store, run).class_ids_seen(2)))
    app = sound(opened(forget=every).button(key="forget-start").click().run())
    assert "A model that has unlearnt every class is none" in words(app)
    assert errands.find(store, errands.unlearning(run)) is None


def test_a_method_that_cannot_unlearn_says_so_and_what_to_do(opened, store):
    other = next(summary.id for summary in store.runs() if summary.method == "ibcl")
    app = opened(run=other)
    assert "is not made of sums over images" in words(app) and "train a run without them" in words(app)
    app = opened(run=other, tab="lost")
    assert "forget" not in app.segmented_control(key="tab-choice").options
