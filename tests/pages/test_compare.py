"""Tasks, Compare: what is chosen, what is said, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.store.store import RunStore
from tests.pages.saying import sound, words
from tests.pages.stores import config, write_run


def test_without_a_run_there_is_one_button(open_page: Any) -> None:
    app = sound(open_page("tasks", tab="compare"))
    assert [button.label for button in app.button] == ["Train the demo"]


def test_one_run_alone_is_offered_company(open_page: Any, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    run = write_run(home, name="*only*")
    app = sound(open_page("tasks", tab="compare"))
    assert "A comparison needs two runs" in words(app)
    app.button(key="offer-finetune").click().run()
    sound(app)
    started = next(r for r in RunStore(home).runs() if r.id != run)
    assert (started.method, started.seed) == ("finetune", config().seed)


def test_two_runs_stand_side_by_side(open_page: Any, home: Path) -> None:
    write_run(home, name="plain")
    write_run(home, name="<b>other</b>", setup=config().changed(variation=0.1))
    app = sound(open_page("tasks", tab="compare"))
    text = words(app)
    assert "against plain" in text
    assert "<b>other</b>" not in "".join(e.value for e in app.html)
    assert len(app.get("plotly_chart")) == 4  # those of the comparison alone: the other tab is not drawn
    for detail, said in (("numbers", "One run each"), ("settings", "They differ in 1 setting")):
        app = sound(open_page("tasks", tab="compare", detail=detail))
        assert said in words(app) and len(app.get("plotly_chart")) == 1  # one of the details, not all of them
        labels = [button.proto.label for button in app.get("download_button")]
        assert labels.count("Save as LaTeX") == 1


def test_other_tasks_are_not_subtracted(open_page: Any, home: Path) -> None:
    write_run(home, name="eight")
    write_run(home, name="six", classes=6)
    app = sound(open_page("tasks", tab="compare"))
    assert "so their matrices are not subtracted" in words(app)
    assert len(app.get("plotly_chart")) == 3


def test_seeds_are_one_side_with_their_spread(open_page: Any, home: Path) -> None:
    for seed in (1, 2):
        write_run(home, name="plain", setup=config().changed(seed=seed))
        write_run(home, name="varied", setup=config().changed(seed=seed, variation=0.1))
    app = sound(open_page("tasks", tab="compare", by="seeds", detail="numbers"))
    assert "2 seeds" in words(app)
    assert "standard deviation over the seeds" in words(app).lower()


def test_the_address_chooses_and_gone_runs_are_named(open_page: Any, home: Path) -> None:
    first, second = write_run(home, name="first"), write_run(home, name="second")
    write_run(home, name="third")
    app = sound(open_page("tasks", tab="compare", runs=f"{first},{second}"))
    assert "first against second" in words(app)
    app = sound(open_page("tasks", tab="compare", runs=f"{first},gone,{second}"))
    assert "run gone" in words(app)
    assert "first against second" in words(app)


@pytest.mark.parametrize("by", ["runs", "seeds", "scenarios"])
def test_every_kind_is_sound_with_unfinished_and_failed_runs(open_page: Any, home: Path, by: str) -> None:
    write_run(home, status="failed", done=0, error="broken")
    write_run(home, status="running", done=2)
    write_run(home, status="interrupted", done=1)
    sound(open_page("tasks", tab="compare", by=by))


def test_a_hundred_runs_are_listed(open_page: Any, home: Path) -> None:
    for number in range(100):
        write_run(home, name=f"run {number}", classes=4, done=1, status="stopped")
    app = sound(open_page("tasks", tab="compare"))
    assert len(app.multiselect[0].options) == 100


def test_scenarios_stand_beside_their_run(open_tiny: Any, own_tiny_home: Path) -> None:
    from engine.interventions.edits import PruneGroup
    from engine.interventions.stored_edits import to_mapping
    from engine.store.scenarios import Scenarios

    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    Scenarios(store).save(run, 2, "without *one*", [to_mapping(PruneGroup("habitat"))])
    app = sound(open_tiny("tasks", tab="compare", by="scenarios").run())
    assert "The run and its scenarios" in words(app)
    assert len(app.get("plotly_chart")) == 1
    assert [str(label) for label in app.multiselect[0].value] == [Scenarios(store).all(run)[0].id]


def test_charts_and_a_sheet_of_them_are_offered_in_every_form(open_page: Any, home: Path) -> None:
    write_run(home, name="first")
    write_run(home, name="second")
    app = open_page("tasks", tab="compare")
    for drawer in ("sheet", "twin-compare-lines-seen"):
        app.session_state[drawer] = True
    sound(app.run())
    labels = {button.key: button.proto.label for button in app.get("download_button")}
    for form in ("svg", "pdf", "png"):
        assert labels[f"{form}-sheet"] == f"Save as {form.upper()}"
        assert labels[f"{form}-compare-lines-seen"] == f"Figure as {form.upper()}"
    app.session_state["sheet-parts"] = []
    app.run()
    assert next(one for one in app.get("download_button") if one.key == "svg-sheet").proto.disabled


def test_every_method_on_the_data_is_in_picture_and_table(open_page: Any, home: Path) -> None:
    for method in ("clg_cbm", "ncm"):
        for seed in (1, 2):
            write_run(home, setup=config().changed(method=method, seed=seed), outcomes=True)
    app = sound(open_page("tasks", tab="compare"))  # of several methods the picture comes first
    assert "2 methods on the same data" in words(app) and "Every number, to be sorted" in words(app)
    (table,) = (frame.value for frame in app.dataframe if "numbers kept a class" in frame.value)
    assert sorted(table["method"]) == ["CLG-CBM", "Nearest class mean"]
    assert table["last minus baseline"].notna().sum() == 1


def test_a_click_on_a_point_opens_its_run(home: Path) -> None:
    def script() -> None:
        from pages.ui.tasks import methods

        methods._on_point("methods")()

    run = write_run(home)
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["methods"] = {"selection": {"points": [{"customdata": [run]}]}}
    assert not app.run().exception
    assert app.session_state["address-held"] == {"run": run}
    app.session_state["methods"] = {"selection": {"points": []}}
    assert app.run().session_state["address-held"] == {"run": run}


def test_the_picture_needs_no_finished_run_of_its_own_and_says_what_is_lost(open_page: Any, home: Path) -> None:
    for method in ("clg_cbm", "ncm"):
        write_run(home, setup=config().changed(method=method), outcomes=True)
    write_run(home, status="running", done=0, setup=config().changed(method="joint"))
    app = sound(open_page("tasks", tab="compare", by="seeds", against="stored"))
    assert "2 methods on the same data" in words(app) and "lost most" in words(app)
    app = sound(open_page("tasks", tab="compare", by="seeds", lost="concepts"))
    assert "Nothing is known to be lost" in words(app)
