"""The Weights view: the grid needs no backbone, a click is an address, and evidence is what the model computes."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import MissingWeights
from engine.exhibits.concepts.evidence import ends
from engine.explain.wording import definition, sentence
from engine.session.lab import Lab
from engine.store.store import RunStore
from tests.pages import concept_runs as runs
from tests.pages.one_view import open_view
from tests.pages.test_pages import chart, sound, words

GRID = "weights-grid"
EVIL = "<img src=x onerror=alert(1)> **bold**"


@pytest.fixture(autouse=True)
def nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test starts a process."""
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)


@pytest.fixture
def no_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backbone is gone, so whatever needs it says so."""

    def refuse(*args: object) -> None:
        raise MissingWeights("backbone", "its weights are gone", "Put them back")

    monkeypatch.setattr("pages.ui.laboratory.open", refuse)


def numbers(values: Any) -> list[float]:
    """An array of a chart, which Plotly may have packed."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"])).tolist()
    return list(values)


def rows_and_columns(app: AppTest) -> tuple[list[str], list[str]]:
    """Names on both axes of the grid."""
    layout = chart(app, GRID)["layout"]
    return layout["yaxis"]["ticktext"], layout["xaxis"]["ticktext"]


@pytest.fixture
def lab(own_tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The tiny run, which the view shows too."""
    monkeypatch.setattr("streamlit.page_link", lambda *args, **more: None)  # there are no pages here
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    store = RunStore(own_tiny_home)
    return Lab(store, store.resolve("last"))


# -- the grid ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["running", "interrupted", "stopped", "failed", "finished"])
def test_the_grid_is_there_in_every_state_and_without_a_backbone(home: Path, no_lab: None, state: str) -> None:
    runs.write_concepts(home, status=state, done=4 if state == "finished" else 2)
    app = open_view("weights")
    sound(app)
    classes, concepts = rows_and_columns(app)
    assert len(classes) == len(concepts) == (8 if state == "finished" else 4)
    assert "Its weights are gone" in words(app)


def test_numbers_say_how_sparse_the_head_is(home: Path, no_lab: None) -> None:
    """Each class has its own concept, and seven of eight also the first: 15 weights of 64."""
    runs.write_concepts(home)
    text = words(open_view("weights"))
    assert "<dt>Concepts a class rests on (NEC)</dt><dd>1.9 of 8</dd>" in text
    assert "a weight counts beyond 0.00001" in text
    assert "<dt>Weights as good as zero</dt><dd>76.6 %</dd>" in text
    assert "<dt>Concepts no class uses</dt><dd>0</dd>" in text
    assert "<dt>Classes that use a concept</dt><dd>1.9 of 8</dd>" in text


def test_groups_and_tasks_filter_both_sides(home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    classes, concepts = rows_and_columns(open_view("weights", group="bill"))
    assert (len(classes), concepts) == (8, ["hooked bill"])
    classes, concepts = rows_and_columns(open_view("weights", brought="2", of="3"))
    assert (len(classes), set(concepts)) == (2, {"green back", "two eyes"})


def test_filters_that_leave_nothing_say_so(home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    text = words(open_view("weights", group="bill", brought="2"))
    assert "No concept is left" in text


def test_alike_rows_lie_together_and_the_learnt_order_is_kept(home: Path, no_lab: None) -> None:
    run = runs.write_concepts(home)
    names = [name[:23] for name in runs.stores.open_dataset(runs.stores.config()).class_names]
    classes, concepts = rows_and_columns(open_view("weights", order="learnt"))
    assert [c[:10] for c in classes] == [n[:10] for n in names]
    assert concepts == list(runs.TEXTS)
    again, _ = rows_and_columns(open_view("weights", run=run))
    assert sorted(again) == sorted(classes)


def test_an_earlier_moment_has_fewer_classes_in_the_same_order(home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_view("weights", task="2")
    classes, concepts = rows_and_columns(app)
    assert len(classes) == len(concepts) == 4
    assert "after task 2" in words(app).lower()


def test_two_moments_are_compared_where_both_know_the_class(home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_view("weights", against="2")
    classes, _ = rows_and_columns(app)
    text = words(app)
    assert len(classes) == 4
    assert "4 classes that came between have nothing to compare" in text
    assert "No weight has changed" in text  # the written run's weights stay as they are
    assert "<dd class='pl-other'>1.8 of 4 after task 2</dd>" in text


def test_the_moment_itself_is_nothing_to_compare_with(home: Path, no_lab: None) -> None:
    runs.write_concepts(home)
    app = open_view("weights", against="4")
    assert app.selectbox(key="against-choice").options == ["nothing", "after task 1", "after task 2", "after task 3"]
    assert "against" not in app.query_params


def test_markup_in_names_stays_text(home: Path, no_lab: None) -> None:
    runs.write_concepts(home, texts=(EVIL, *runs.TEXTS[1:]), names=(EVIL, *(f"class {i}" for i in range(7))))
    app = open_view("weights", concept=EVIL, **{"class": EVIL})
    sound(app)
    assert "<img src=x" not in words(app)
    assert "<img" not in json.dumps(chart(app, GRID))


def test_a_click_on_a_cell_is_its_class_and_its_concept(home: Path, no_lab: None) -> None:
    from pages.ui.concepts import weights

    def script() -> None:
        from pages.ui import panels
        from pages.ui.concepts import weights

        names, words = ["wren", "owl"], ["red crown", "woods"]
        panels.on_point(weights._CHART, lambda row, column: weights._clicked(names[row], words[column]))()

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state[weights._CHART] = {"selection": {"points": [{"x": 1, "y": 0}]}}
    app.run()
    assert not app.exception
    assert app.session_state["address-held"] == {"class": "wren", "concept": "woods"}


def test_a_change_runs_with_time_whichever_moment_was_chosen_first(lab: Lab) -> None:
    change = (lab.snapshot(2).head[:2, : len(lab.snapshot(0).bank)] - lab.snapshot(0).head).numpy()
    for moment, against in (("3", "1"), ("1", "3")):
        app = open_view("weights", task=moment, against=against, order="learnt", top="160")
        cells = np.nan_to_num(np.array(numbers(chart(app, GRID)["data"][0]["z"]), float)).reshape(change.shape)
        np.testing.assert_allclose(cells, change, atol=1e-3 * np.abs(change).max() + 1e-6)
        assert "Change of the weights from after task 1 to after task 3" in words(app)


# -- evidence ----------------------------------------------------------------------------------------------------------


def test_a_cell_shows_the_images_on_which_its_concept_adds_most_and_least(lab: Lab) -> None:
    snapshot = lab.snapshot(2)
    name, words_of = lab.view.class_names[snapshot.class_ids[1]], snapshot.bank.concepts[3].text
    app = open_view("weights", concept=words_of, **{"class": name})
    sound(app)
    sample = lab.sample("test", 2)
    mine = sample.labels.numpy() == 1
    adds = (sample.features[mine] @ snapshot.bottleneck[3]).numpy() * float(snapshot.head[1, 3])
    (told,) = [t.split("</h2>")[0] for t in words(app).split("<h2>") if "adds" in t.split("</h2>")[0]]
    printed = [float(n) for n in re.findall(r"[+-]?\d+\.\d+", told.replace("\N{MINUS SIGN}", "-"))]
    np.testing.assert_allclose(printed, [adds.min(), adds.max()], atol=6e-5)  # printed to 4 places
    assert f"the class&#x27;s {mine.sum()} test images" in words(app)
    assert (app.query_params["class"], app.query_params["concept"]) == (name, words_of)


def test_a_class_is_put_into_words_and_without_one_every_class_is(lab: Lab) -> None:
    snapshot = lab.snapshot(2)
    names = [lab.view.class_names[i] for i in snapshot.class_ids]
    told = sentence(names[2], definition(snapshot, 2))
    assert told in words(open_view("weights", **{"class": names[2]}))
    every = next(f for f in open_view("weights").dataframe if "because" in f.value).value
    assert every["class"].tolist() == names
    for position, because in enumerate(every["because"]):
        clauses = definition(snapshot, position)
        assert because == (sentence("", clauses).partition("because: ")[2] or "nothing sets it apart")


def test_a_chosen_row_of_the_list_is_a_class() -> None:
    def script() -> None:
        from pages.ui import context, panels

        panels.on_row("definitions-list", lambda row: context.point_at(None, ["wren", "owl"][row]))()

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["definitions-list"] = {"selection": {"rows": [1]}}
    app.run()
    assert app.session_state["address-held"] == {"class": "owl"}


def test_both_ends_have_no_image_in_common() -> None:
    high, low = ends(np.array([3.0, 1.0, 2.0]), 6)
    assert (high.tolist(), low.tolist()) == ([0, 2], [1])
    high, low = ends(np.arange(20.0), 3)
    assert (high.tolist(), low.tolist()) == ([19, 18, 17], [0, 1, 2])
    assert [len(e) for e in ends(np.zeros(0), 3)] == [0, 0]
