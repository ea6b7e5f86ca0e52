"""Repair: edits, their effect, drafts in two tabs, scenarios, what was lost, what clicks are worth."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from engine.analyses.performing import perform
from engine.errors import BadInput
from engine.interventions.edits import Prune, PruneGroup
from engine.interventions.evidence import EARLIER
from engine.interventions.stored_edits import to_mapping
from engine.jobs.analyses import Analyses, Question
from engine.jobs.training import work
from engine.runs.config import preset
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore
from pages.ui.repair.model_keep import import_scenario
from tests.job_states import adopt, note_analyses
from tests.pages.opening import at_page
from tests.pages.test_pages import chart, sound, words

_APP = Path(__file__).resolve().parents[2] / "app.py"
EVIL = "<img src=x onerror=alert(1)> **bold**"
LAST = 2


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the page asked for; no process is started."""
    return note_analyses(monkeypatch)


@pytest.fixture
def store(own_tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    return RunStore(own_tiny_home)


@pytest.fixture
def opened(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the part, in a session that has seen words before; each call is a tab of its own."""
    st.cache_data.clear()
    st.cache_resource.clear()

    def go(kind: str | None = "group", **query: str) -> AppTest:
        app = AppTest.from_file(str(_APP), default_timeout=90)
        app.session_state["text-painted"] = True
        app.session_state["address-held"] = query
        if kind is not None:
            app.session_state["model-kind"] = kind
        return app.switch_page("pages/repair.py").run()

    return go


def run_of(store: RunStore) -> str:
    return store.resolve("last")


def kept(store: RunStore) -> list[Any]:
    return [draft.edits for draft in Scenarios(store).drafts(run_of(store))]


def click(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def undoing(app: AppTest) -> list[str]:
    """Which of the buttons that take edits back are there and can be pressed."""
    keys = ("model-undo", "model-redo", "model-reset")
    return [button.key for button in app.button if button.key in keys and not button.disabled]


def tab(app: AppTest, name: str) -> AppTest:
    """Open another tab of the page."""
    app.query_params["tab"] = name
    return app.run()


def test_without_edits_nothing_is_stored_and_the_repairs_are_asked_for(
    opened: Callable[..., AppTest], store: RunStore, asked: list[Question]
) -> None:
    app = opened(kind=None)
    sound(app)
    assert [question.name for question in asked] == ["repairs"]
    assert not undoing(app) and not kept(store)


def test_an_edit_shows_at_once_and_is_written_down(opened: Callable[..., AppTest], store: RunStore) -> None:
    app = click(opened(), "model-prune-group")
    sound(app)
    assert "Nothing about habitat counts" in words(app)
    assert kept(store) == [(to_mapping(PruneGroup("habitat")),)]
    symbols = [trace["marker"]["symbol"] for trace in chart(app, "model-before-after")["data"] if "marker" in trace]
    assert "diamond" in symbols
    assert app.query_params["draft"] == Scenarios(store).drafts(run_of(store))[0].id


def test_undo_redo_and_reset(opened: Callable[..., AppTest], store: RunStore) -> None:
    app = click(opened(), "model-prune-group")
    app = click(app, "model-undo")
    assert undoing(app) == ["model-redo"] and Scenarios(store).drafts(run_of(store))[0].redo
    app = click(app, "model-redo")
    assert "Nothing about habitat counts" in words(app)
    app = click(app, "model-reset")
    assert undoing(app) == ["model-redo"]
    assert app.query_params["task"] in ("3", ["3"])  # the edited model is looked at, also while the run trains on


def test_every_way_to_edit(opened: Callable[..., AppTest], store: RunStore) -> None:
    app = opened()
    for kind, button in (("concept", "model-prune"), ("weight", "model-set"), ("fix", "model-fix-now")):
        app.segmented_control(key="model-kind").set_value(kind).run()
        sound(app)
        app = click(app, button)
        sound(app)
    assert [edit["kind"] for edit in kept(store)[0]] == ["prune", "set_weight", "fit_to_fix"]


def test_a_repair_is_one_click_away(opened: Callable[..., AppTest], store: RunStore) -> None:
    question = Question(run_of(store), LAST, "repairs", {})
    perform(store, question)
    app = opened(kind=None)
    sound(app)
    assert "of the same elsewhere" in words(app)
    assert len(chart(app, "model-repairs")["data"]) == 2
    app = click(app, "model-repair-free_light")
    sound(app)
    assert "as if habitat told little" in words(app)


def test_two_tabs_at_one_draft_lose_nobodys_edit(opened: Callable[..., AppTest], store: RunStore) -> None:
    first = click(opened(), "model-prune-group")
    draft = Scenarios(store).drafts(run_of(store))[0].id
    second = opened(draft=draft)
    assert "Nothing about habitat counts" in words(second)
    first.segmented_control(key="model-kind").set_value("concept").run()
    first = click(first, "model-prune")
    second = click(second, "model-undo")
    assert "Two tabs were at the same edits" in words(second)
    drafts = {d.id: (d.edits, d.redo) for d in Scenarios(store).drafts(run_of(store))}
    assert len(drafts) == 2 and len(drafts[draft][0]) == 2  # the first tab's edits stand
    (own,) = [value for key, value in drafts.items() if key != draft]
    assert own == ((), (to_mapping(PruneGroup("habitat")),))
    sound(second)


def test_the_second_tab_is_told_and_may_take_the_others_edits(opened: Callable[..., AppTest], store: RunStore) -> None:
    first = click(opened(), "model-prune-group")
    second = opened(draft=Scenarios(store).drafts(run_of(store))[0].id)
    click(first, "model-undo")
    second.run()
    assert "Another tab has changed these edits" in words(second)
    second = click(second, "model-theirs")
    assert undoing(second) == ["model-redo"] and "Another tab" not in words(second)


def test_edits_left_unsaved_can_be_continued(opened: Callable[..., AppTest], store: RunStore) -> None:
    left = Scenarios(store).open_draft(run_of(store), LAST, edits=[to_mapping(Prune(EVIL)), to_mapping(Prune("x"))])
    app = opened()
    assert "2 edits of the model after task 3 not saved yet" in words(app)
    app = click(app, f"model-go-on-{left}")
    sound(app)
    assert EVIL not in words(app) and "&lt;img src=x" in words(app)
    assert "this model has nothing of that" in words(app)


def test_a_scenario_is_saved_compared_opened_and_removed(opened: Callable[..., AppTest], store: RunStore) -> None:
    app = click(opened(), "model-prune-group")
    app.text_input(key="model-name").set_value(EVIL).run()
    app = click(app, "model-save-now")
    sound(app)
    (saved,) = Scenarios(store).all(run_of(store))
    assert (saved.name, saved.task, saved.edits) == (EVIL, LAST, (to_mapping(PruneGroup("habitat")),))
    assert EVIL not in words(app) and not kept(store)
    app = tab(app, "kept")
    ticks = chart(app, "model-side")["layout"]["yaxis"]["ticktext"]
    assert ticks[0] == "The run" and len(ticks) == 3 and not any("<img" in tick for tick in ticks)
    app = click(app, "model-remove")
    sound(app)
    assert not Scenarios(store).all(run_of(store))
    app = click(app, "model-restore")
    assert [s.id for s in Scenarios(store).all(run_of(store))] == [saved.id]
    app = click(tab(app, "edit"), "model-reset")
    app = click(tab(app, "kept"), "model-open")
    assert "Nothing about habitat counts" in words(app) and "tab" not in app.query_params  # where edits are made


def test_a_name_that_is_taken_is_told_and_nothing_is_lost(opened: Callable[..., AppTest], store: RunStore) -> None:
    Scenarios(store).save(run_of(store), LAST, "mine", [to_mapping(Prune("x"))])
    app = click(opened(), "model-prune-group")
    app.text_input(key="model-name").set_value("mine").run()
    app = click(app, "model-save-now")
    assert "Give it another name" in words(app)
    assert len(Scenarios(store).all(run_of(store))) == 1 and len(kept(store)) == 1


def test_a_scenario_after_the_last_task_says_why_nothing_lasts(opened: Callable[..., AppTest], store: RunStore) -> None:
    Scenarios(store).save(run_of(store), LAST, "late", [to_mapping(PruneGroup("habitat"))])
    app = opened(tab="kept")
    assert "No later task is finished" in words(app)
    assert app.button(key="model-train-on").disabled


def test_a_scenario_of_a_run_that_still_learns(opened: Callable[..., AppTest], store: RunStore) -> None:
    with store.database.writing() as db:
        db.execute("DELETE FROM tasks WHERE task = 2")
        db.execute("DELETE FROM metrics WHERE task = 2")
    Scenarios(store).save(run_of(store), 1, "early", [to_mapping(PruneGroup("habitat"))])
    app = opened(tab="kept")
    sound(app)
    assert "The later tasks are still being learnt" in words(app)


def test_a_draft_of_another_task_is_offered_and_leads_there(opened: Callable[..., AppTest], store: RunStore) -> None:
    draft = Scenarios(store).open_draft(run_of(store), 0, edits=[to_mapping(PruneGroup("habitat"))])
    app = opened(draft=draft)
    sound(app)
    assert "1 edit of the model after task 1 not saved yet" in words(app) and not undoing(app)
    app = click(app, f"model-go-on-{draft}")
    sound(app)
    assert app.query_params["task"] == "1" and "Nothing about habitat counts" in words(app)
    assert len(kept(store)) == 1


def test_files_that_are_no_scenario_of_this_data_are_refused(store: RunStore) -> None:
    run = run_of(store)
    made = Scenarios(store).save(run, LAST, "out", [to_mapping(Prune("x"))])
    data = Scenarios(store).export(run, made.id)
    renamed = json.loads(data) | {"name": "back"}
    assert import_scenario(run, json.dumps(renamed).encode()).edits == made.edits
    for foreign in (
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        json.dumps(renamed | {"name": "b", "edits": [{"kind": "explode"}]}).encode(),
        json.dumps(renamed | {"name": "c", "edits": "none"}).encode(),
        json.dumps(renamed | {"name": "d", "data": {"dataset": "folder"}}).encode(),
        json.dumps(renamed | {"name": "e", "task": 99}).encode(),
    ):
        with pytest.raises(BadInput):
            import_scenario(run, foreign)
    assert len(Scenarios(store).all(run)) == 2


def test_a_refit_without_covariances_says_why_and_can_be_undone(
    opened: Callable[..., AppTest], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.interventions.repair.why_no_refit", lambda *_: "the run's method kept no covariances")
    edit = {"kind": "refit_without", "group": "habitat", "freedom": 3.0, "sparsity": 0.03}
    draft = Scenarios(store).open_draft(run_of(store), LAST, edits=[edit])
    app = opened(draft=draft)
    assert "kept no covariances" in words(app)
    app = click(app, "model-undo")
    sound(app)
    assert undoing(app) == ["model-redo"]


def test_training_on_starts_a_fork_and_says_where_it_is(
    opened: Callable[..., AppTest], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    run = run_of(store)
    Scenarios(store).save(run, 1, "early", [to_mapping(PruneGroup("habitat"))])
    app = click(opened(run=run, task="2", tab="kept"), "model-train-on")
    sound(app)
    (child,) = [r.id for r in store.runs() if r.id != run]
    assert store.tasks_done(child) == 2
    assert f"run {child}" in words(app).replace("\\", "")
    assert not [button for button in app.button if button.key == "model-train-on"]


@pytest.mark.parametrize("method", ["ncm", "zero_shot"])
def test_a_model_without_concepts_has_none_to_edit(
    opened: Callable[..., AppTest], store: RunStore, asked: list[Question], method: str
) -> None:
    run = store.create(preset("tiny").changed(method=method))
    assert work(store, run).status == "finished"
    app = opened(run=run)
    sound(app)
    assert "forgotten" in words(app) and not asked  # what was lost can be said of any model
    assert not {"Edit", "Scenarios", "Clicks", "Claims"} & {*app.get("button_group")[0].options}
    sound(tab(app, "edit"))  # by link
    assert "has no concepts" in words(app) and not asked


def test_a_link_to_another_runs_scenario_is_refused(opened: Callable[..., AppTest], store: RunStore) -> None:
    run = run_of(store)
    other = store.create(preset("tiny"))
    foreign = Scenarios(store).save(other, LAST, "theirs", [to_mapping(PruneGroup("habitat"))])
    app = opened(run=run, scenario=foreign.id, tab="kept")
    sound(app)
    assert f"It belongs to run {other}" in words(app)
    assert "No scenario is saved yet" in words(app)


def test_concepts_without_groups_can_still_be_pruned_one_by_one(
    opened: Callable[..., AppTest], store: RunStore, asked: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("model_edit", "model_repair"):
        monkeypatch.setattr(f"pages.ui.repair.{part}.groups", lambda snapshot: {})
    app = opened(kind=None)
    sound(app)
    assert app.segmented_control(key="model-kind").options == ["A concept", "A weight", "A mistake"] and not asked
    assert "no longer counts" in words(click(app, "model-prune"))


# -- clicks ------------------------------------------------------------------------------------------------------------


def test_what_clicks_are_worth_in_a_run_that_is_still_training(
    opened: Callable[..., AppTest], store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(store)
    for name in ("oracles", "curves"):
        question = Question(run, 1, name, {})
        perform(store, question)
    adopt(store, run, os.getpid(), "running")
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(Analyses, "request", lambda self, question: asked.append(dict(question.settings)))

    app = opened(tab="clicks", task="2")
    sound(app)
    text = words(app)
    assert "What a click is worth" in text and "answers an image" in text and "Answering all:" in text
    assert "Answers about the picture alone" in text and "names the class" in text  # what is assumed, before all else
    assert EARLIER in text and "without a label" in text
    assert len(app.get("plotly_chart")) >= 3 and not asked

    for key, value in (("competence", "80"), ("knows", "class"), ("levels", "labelled")):
        app.query_params[key] = value
    sound(app.run())  # another person is another question
    assert asked[-1] == {"competence": 0.8, "truth": "class", "levels": "labelled"}

    monkeypatch.setattr("engine.analyses.intervention_setup.why_no_truth", lambda lab: "its data do not say")
    sound(app.run())
    assert "No curves for this run" in words(app) and "its data do not say" in words(app)


# -- what was lost -----------------------------------------------------------------------------------------------------


def test_what_was_lost_is_divided_task_by_task(forgetful_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_resource.clear()  # a copy has the same run's name, and is another run
    monkeypatch.setenv("PLUMAGE_HOME", str(forgetful_home))
    app = at_page("repair", tab="lost").run()
    sound(app)
    assert len(chart(app, "forgotten-bars")["data"]) == 3
    assert "images forgotten, most by head drift" in words(app)
    app.query_params["task"] = "1"
    sound(app.run())
    assert "Nothing can be forgotten before the second task" in words(app)
    st.cache_resource.clear()
