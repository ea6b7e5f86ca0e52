"""The page Experiments: a declaration becomes runs, and what they say is told without being trained here."""

from __future__ import annotations

import json

import pytest

from engine.experiments.cells import cells
from engine.experiments.experiment import Experiment
from engine.experiments.search import known
from engine.jobs import experiments
from engine.jobs.kinds import OF
from engine.records.identity import code_version
from engine.store.experiments import KeptExperiments
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from tests.job_states import set_status
from tests.pages.saying import words
from tests.pages.stores import write_run

NAME = "<b>Rivals</b> & $co$"


def declared(**changes):
    values = {
        "name": NAME,
        "preset": "tiny",
        "set": {"classes": "8"},
        "axes": {"method": ["ncm", "clg_cbm"], "seed": ["1", "2"]},
    }
    return Experiment.from_mapping({**values, **changes})


@pytest.fixture
def kept(home):
    """An experiment whose four runs are finished, one of a fifth failed."""
    one = declared()
    number = KeptExperiments(RunStore(home).database).save(one.name, one.to_mapping())
    for cell in cells(one, known(one, ())):
        write_run(home, setup=cell.config, outcomes=True, code=code_version())
    return number


def said(app):
    assert not app.exception
    return words(app)


def test_without_one_there_is_the_form(open_page):
    app = open_page("experiments")
    assert "A new experiment" in said(app) and "Demo" in str(app.button_group) + said(app)
    assert app.button(key="experiment-begin").disabled


def test_what_is_declared_is_counted_kept_and_begun(open_page, home):
    app = open_page("experiments")
    app.text_input(key="experiment-name").set_value(NAME).run()
    app.multiselect(key="experiment-methods").set_value(["ncm", "gda"]).run()
    app.text_input(key="experiment-orders").set_value("5, 6").run()
    assert app.info[0].value.startswith("2 x 3 x 2 = 12 runs")
    app.button(key="experiment-begin").click().run()
    store = RunStore(home)
    (one,) = KeptExperiments(store.database).all()
    assert one.name == NAME and one.declared["axes"] == {
        "method": ["ncm", "gda"],
        "seed + world_seed": ["1993", "7", "11"],
        "order_seed": ["5", "6"],
    }
    assert one.declared["set"] == {"order": "seed"} and experiments.status(store, one.id) == "running"
    assert NAME in "".join(title.value for title in app.title).replace("\\", "")
    assert "12 of 12 runs to do" in said(app)


def test_what_is_wrong_stands_there_and_nothing_begins(open_page, home):
    app = open_page("experiments")
    app.text_input(key="experiment-name").set_value("one").run()
    app.text_input(key="experiment-seeds").set_value("1, 1").run()
    assert "stands there twice" in " ".join(one.value for one in app.error)
    assert app.button(key="experiment-begin").disabled and KeptExperiments(RunStore(home).database).all() == []


def test_finished_runs_make_a_leaderboard(open_page, kept):
    app = open_page("experiments", experiment=str(kept))
    told = said(app)
    assert "All runs are finished." in told and "Best by validation: " in told
    table = app.dataframe[0].value
    assert {*table["method"]} == {"Nearest class mean", "CLG-CBM"} and [*table["runs"]] == [2, 2]
    assert "method makes most of a difference" in told
    assert not [button for button in app.button if button.key in ("experiment-start", "experiment-resume")]


def test_what_failed_is_named_with_its_reason(open_page, home, kept):
    one = declared(axes={"method": ["ncm", "clg_cbm"], "seed": ["1", "2", "3"]})
    KeptExperiments(RunStore(home).database).change(kept, one.name, one.to_mapping())
    odd = next(cell for cell in cells(one, known(one, ())) if cell.config.seed == 3)
    write_run(home, setup=odd.config, status="failed", done=1, error="No memory was left.", code=code_version())
    app = open_page("experiments", experiment=str(kept))
    assert "1 run did not finish" in said(app) and "2 of 6 runs to do" in said(app)
    assert any("No memory was left." in str(table.value.to_dict()) for table in app.dataframe)
    app.button(key="experiment-start").click().run()
    assert experiments.status(RunStore(home), kept) == "running" and "Cancel" in [b.label for b in app.button]
    app.button(key="experiment-cancel").click().run()
    assert experiments.status(RunStore(home), kept) == "stopped"


def test_some_settings_are_shown_and_the_link_says_which(open_page, kept):
    app = open_page("experiments", experiment=str(kept))
    app.multiselect(key="only-1-choice").set_value(["clg_cbm"]).run()
    assert app.dataframe[0].value["method"].tolist() == ["CLG-CBM"] and "1 of 2 settings are shown" in said(app)
    assert [*app.query_params["only-1"]] == ["2"]
    both = open_page("experiments", experiment=str(kept))
    again = open_page("experiments", experiment=str(kept), **{"only-1": "2"})
    one, two = again.dataframe[0].value, both.dataframe[0].value
    row = two[two["method"] == "CLG-CBM"].iloc[0]
    assert len(two) == 2 and one.iloc[0].equals(row), "intervals are corrected for all, whatever is shown"
    assert len(open_page("experiments", experiment=str(kept), **{"only-1": "9.x"}).dataframe[0].value) == 2


def test_one_that_is_put_away_or_gone_is_said_to_be_and_comes_back(open_page, home, kept):
    store = RunStore(home)
    app = opened_away(open_page, kept)
    app.button(key="experiment-put-away").click().run()
    assert KeptExperiments(store.database).all() == [] and "A new experiment" in said(app)
    assert len(store.runs()) == 4 and "is put away." in said(app)
    app.button(key="experiment-undo-button").click().run()
    assert [one.id for one in KeptExperiments(store.database).all()] == [kept] and "is put away" not in said(app)
    assert "This experiment is gone" in said(open_page("experiments", experiment="77"))


def test_it_goes_with_the_runs_that_it_began_and_they_come_back_with_it(open_page, home, kept):
    store, shelf = RunStore(home), Shelf(RunStore(home))
    mine, starred, _, others = (run.id for run in store.runs())
    with store.database.writing() as db:
        for run in (mine, starred):
            db.execute("UPDATE jobs SET arguments = ? WHERE run = ?", (json.dumps({OF: kept}), run))
        db.execute("UPDATE jobs SET arguments = ? WHERE run = ?", (json.dumps({OF: kept + 1}), others))
    shelf.star(starred)
    app = opened_away(open_page, kept)
    assert "It began 1 run, which take" in said(app)
    app.button(key="experiment-put-away-all").click().run()
    assert [entry.run.id for entry in shelf.bin()] == [mine] and KeptExperiments(store.database).all() == []
    app.button(key="experiment-undo-button").click().run()
    assert shelf.bin() == [] and len(store.runs()) == 4 and len(KeptExperiments(store.database).all()) == 1


def test_nothing_goes_where_one_of_its_runs_trains_again(open_page, home, kept):
    store = RunStore(home)
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET arguments = ?", (json.dumps({OF: kept}),))
    app = opened_away(open_page, kept)
    set_status(store, store.runs()[0].id, "queued")
    app.button(key="experiment-put-away-all").click().run()
    assert "Stop it first" in said(app)
    assert Shelf(store).bin() == [] and len(KeptExperiments(store.database).all()) == 1


def opened_away(open_page, number):
    app = open_page("experiments", experiment=str(number))
    app.session_state["experiment-away"] = True
    return app.run()


def test_thinning_its_runs_is_offered_and_says_why_not(open_page, home, kept):
    store = RunStore(home)
    with store.database.writing() as db:
        db.execute("UPDATE jobs SET arguments = ?", (json.dumps({OF: kept}),))
    app = open_page("experiments", experiment=str(kept))
    app.session_state["experiment-thin"] = True
    app.run()
    assert "every model that is there would stay" in said(app)  # these runs have numbers and no files
    assert "1 more cannot be thinned" in said(app) and not app.exception


def test_a_note_is_kept_and_shown(open_page, home, kept):
    KeptExperiments(RunStore(home).database).note(kept, "seeds were too few <i>")
    assert "seeds were too few" in said(open_page("experiments", experiment=str(kept)))


def test_its_runs_are_tagged_at_once_and_untagged(open_page, home, kept):
    store, shelf = RunStore(home), Shelf(RunStore(home))
    other = write_run(home)
    shelf.tag({store.runs()[1].id: ["old"]})
    app = open_page("experiments", experiment=str(kept))
    app.session_state["experiment-tags"] = True
    app.run()
    app.text_input(key="shelf-tags-add").set_value(" <b>rivals</b> ")
    app.button(key="shelf-tags-save").click().run()
    assert "Tags changed on 4 runs." in said(app)
    found = {entry.run.id: entry.tags for entry in shelf.entries()}
    assert found.pop(other) == () and sorted(found.values()) == [("<b>rivals</b>",)] * 3 + [("<b>rivals</b>", "old")]
    app.button(key="experiment-tags-back").click().run()
    assert sorted(entry.tags for entry in shelf.entries()) == [(), (), (), (), ("old",)]
    assert "Tags changed" not in said(app)


def test_one_that_cannot_be_done_any_more_says_why(open_page, home, kept, behind_its_back):
    store = RunStore(home)
    values = {**declared().to_mapping(), "set": {"no_such_parameter": "1"}}
    KeptExperiments(store.database).change(kept, NAME, values)
    app = open_page("experiments", experiment=str(kept))
    assert "no_such_parameter" in said(app)
    assert opened_away(open_page, kept).button(key="experiment-put-away")


def test_seeds_of_one_setting_of_one_task_are_shown_too(open_page, home):
    one = declared(axes={"seed": ["1", "2"]}, set={"classes": "8", "increment": "8"})
    number = KeptExperiments(RunStore(home).database).save(one.name, one.to_mapping())
    for cell in cells(one, known(one, ())):
        write_run(home, setup=cell.config, increment=8, outcomes=True, code=code_version())
    app = open_page("experiments", experiment=str(number), measure="forgetting")
    assert "With a single task there is none" in said(app)
    assert "ends at" in said(open_page("experiments", experiment=str(number)))


def test_a_cluster_is_named_on_the_page_and_what_names_none_is_said(open_page, home, monkeypatch):
    pytest.importorskip("ray", reason="optional: requirements-ray.txt")
    app = open_page("experiments")
    app.text_input(key="experiment-name").set_value("away").run()
    app.text_input(key="experiment-on").set_value("somewhere").run()
    assert "on = 'somewhere': a cluster is ray" in app.error[0].value.replace("\\", "")
    assert app.button(key="experiment-begin").disabled
    app.text_input(key="experiment-on").set_value("192.0.2.7:6379").run()
    app.number_input(key="experiment-memory").set_value(1.5).run()
    app.button(key="experiment-begin").click().run()
    (one,) = KeptExperiments(RunStore(home).database).all()
    job = experiments.find(RunStore(home), one.id)
    told = {"on": "192.0.2.7:6379", "cpus": 1, "memory": 1.5, "gpus": 0.0}
    assert told.items() <= job.arguments.items() and "on" not in one.declared
    experiments.cancel(RunStore(home), one.id)
    app = open_page("experiments", experiment=str(one.id))
    assert (
        app.text_input(key=f"experiment-{one.id}-on").value == "192.0.2.7:6379"
    )  # where it goes on, if nobody objects
    monkeypatch.setattr("engine.experiments.where.find_spec", lambda name: None)
    assert "pip install -r requirements-ray.txt" in app.run().error[0].value.replace("\\", "")
