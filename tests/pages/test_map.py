"""The Map view: PCA at once, UMAP from the background, a point is an address, and a line is a selection of ours."""

from __future__ import annotations

import base64
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.jobs.analyses import Analyses, Question
from engine.session.lab import Lab
from engine.store.store import RunStore
from tests.job_states import adopt, note_analyses
from tests.pages.one_view import open_view
from tests.pages.test_pages import chart, sound, words

MAP = "-map"
UMAP = {"method": "umap"}


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the page asked for; nothing is computed."""
    return note_analyses(monkeypatch)


@pytest.fixture(scope="module")
def shared_home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tiny run's home in which no test stores a map."""
    return Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("map") / "home"))


@pytest.fixture
def open_map(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open the view over the shared home."""
    monkeypatch.setenv("PLUMAGE_HOME", str(shared_home))
    monkeypatch.setattr("streamlit.page_link", lambda *args, **more: None)  # there are no pages here
    return lambda **query: open_view("embedding", **query)


@pytest.fixture
def open_own_map(open_map: Any, own_tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open the view over a home of the test's own."""
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    return open_map


@pytest.fixture(scope="module")
def lab(shared_home: Path) -> Lab:
    store = RunStore(shared_home)
    return Lab(store, store.resolve("last"))


@pytest.fixture
def own_lab(own_tiny_home: Path) -> Lab:
    store = RunStore(own_tiny_home)
    return Lab(store, store.resolve("last"))


def numbers(values: Any) -> list[float]:
    """A trace's values, which Plotly may have packed."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), np.dtype(values["dtype"])).tolist()
    return list(values)


def traces(app: AppTest) -> dict[str, dict[str, Any]]:
    return {t["name"]: t for t in chart(app, MAP)["data"] if t.get("name")}


def places(app: AppTest) -> dict[int, tuple[float, float]]:
    """Where every point lies, by its index; concepts have indices below zero."""
    return {
        int(i): (x, y)
        for t in traces(app).values()
        for i, x, y in zip(numbers(t["customdata"]), numbers(t["x"]), numbers(t["y"]), strict=True)
    }


def keep_umap(lab: Lab, task: int, **changes: Any) -> None:
    """Store a UMAP as if it had been fitted: a spiral."""
    sample = lab.sample("test", task)
    turn = np.linspace(0, 9, len(sample.rows))
    result = {
        "rows": sample.rows,
        "positions": sample.labels.numpy(),
        "place": np.stack([turn * np.cos(turn), turn * np.sin(turn)], 1).astype(np.float32),
        "concepts": np.zeros((len(lab.snapshot(task).bank), 2), np.float32),
        "explained": np.zeros(2),
        "images": np.asarray(len(sample.rows)),
    }
    question = Question(lab.view.id, task, "embedding_map", UMAP)
    analyses = Analyses(lab.store)
    analyses.keep(question, {**result, **changes}, 1.0)


# -- PCA ---------------------------------------------------------------------------------------------------------------


def test_the_pca_of_every_test_image_is_there_at_once(open_map: Any, asked: list[Question]) -> None:
    app = open_map()
    sound(app)
    assert sorted(places(app)) == list(range(48))
    text = words(app)
    assert "PCA of 48 test images, fitted once on all 3 finished tasks" in text
    assert "of the variance; the other" in text
    assert "embedding_map" not in {question.name for question in asked}


def test_points_stay_in_place_while_tasks_pass_and_later_ones_are_faint(open_map: Any) -> None:
    late, early = open_map(), open_map(task="1")
    assert places(early) == places(late)
    assert "not learnt yet" not in traces(late)
    faint = traces(early)["not learnt yet"]
    assert len(numbers(faint["x"])) == 32
    assert faint["marker"]["opacity"] < 0.3
    for axis in ("xaxis", "yaxis"):
        assert chart(early, MAP)["layout"][axis]["range"] == chart(late, MAP)["layout"][axis]["range"]


def test_right_wrong_and_forgotten_are_what_the_model_says(open_map: Any, lab: Lab) -> None:
    found = traces(open_map(colour="right"))
    labels = lab.sample("test", 2).labels.numpy()
    right = lab.predicted("test", 2) == labels
    assert sorted(numbers(found["right"]["customdata"])) == np.flatnonzero(right).tolist()
    wrong = [i for name in found if name != "right" for i in numbers(found[name]["customdata"])]
    assert sorted(wrong) == np.flatnonzero(~right).tolist()


def test_a_chosen_class_gets_the_first_colour(open_map: Any, lab: Lab) -> None:
    name = lab.view.class_names[lab.snapshot(2).class_ids[0]]
    app = open_map(**{"class": name})
    assert numbers(traces(app)[name]["customdata"]) == list(range(8))
    assert f"In colour: {name} and what it is taken for" in words(app)


def test_a_concept_colours_the_points_by_its_score(open_map: Any, lab: Lab) -> None:
    snapshot = lab.snapshot(2)
    text = snapshot.bank.concepts[2].text
    found = traces(open_map(colour="concept", concept=text))["learnt"]
    scores = (lab.sample("test", 2).features @ snapshot.bottleneck[2]).numpy()
    np.testing.assert_allclose(numbers(found["marker"]["color"]), scores, atol=1e-5)


def test_concepts_lie_on_the_map_and_the_chosen_one_is_named(open_map: Any, lab: Lab) -> None:
    bank = lab.snapshot(2).bank
    app = open_map(layer="both", concept=bank.concepts[1].text)
    assert {i for i in places(app) if i < 0} == set(range(-len(bank), 0))
    assert [a["text"] for a in chart(app, MAP)["layout"]["annotations"]] == [bank.concepts[1].text]


def test_colour_by_concept_without_one_says_how_to_choose_it(open_map: Any) -> None:
    assert "Choose a concept first" in words(open_map(colour="concept"))


# -- UMAP --------------------------------------------------------------------------------------------------------------


def test_umap_is_asked_for_once_while_the_pca_is_shown(open_own_map: Any, asked: list[Question]) -> None:
    app = open_own_map(flat="umap")
    sound(app)
    app.run()
    assert [q.settings for q in asked if q.name == "embedding_map"] == [UMAP]
    assert "Meanwhile you see the PCA" in words(app)
    assert len(places(app)) == 48


def test_a_fitted_umap_is_shown_with_its_caveat_and_its_seed(open_own_map: Any, own_lab: Lab) -> None:
    keep_umap(own_lab, 2)
    app = open_own_map(flat="umap")
    sound(app)
    assert places(app)[0] == (0, 0)
    text = words(app)
    assert "It is no evidence" in text and "seed 1993" in text and "UMAP of 48 test images" in text


def test_a_map_of_fewer_tasks_is_shown_and_can_be_fitted_again(
    open_own_map: Any, own_lab: Lab, asked: list[Question]
) -> None:
    keep_umap(own_lab, 1)
    app = open_own_map(flat="umap")
    sound(app)
    assert "fitted on the first 2 of 3 finished tasks" in words(app)
    assert len(places(app)) == 32
    assert not [q for q in asked if q.name == "embedding_map"]
    app.button(key="map-refit").click().run()
    assert [(q.task, q.settings) for q in asked if q.name == "embedding_map"] == [(2, UMAP)]


def test_thinned_out_images_are_told(open_own_map: Any, own_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.analyses.embedding_map.MOST", 20)
    sample, turn = own_lab.sample("test", 2), np.linspace(0, 9, 20, dtype=np.float32)
    place = np.stack([turn * np.cos(turn), turn * np.sin(turn)], 1)
    keep_umap(own_lab, 2, rows=sample.rows[:20], positions=sample.labels.numpy()[:20], place=place)
    assert "20 test images of 48, drawn at random" in words(open_own_map(flat="umap"))


# -- choosing ----------------------------------------------------------------------------------------------------------


def test_the_chosen_image_has_its_true_neighbours(open_map: Any, lab: Lab) -> None:
    sample = lab.sample("test", 2)
    app = open_map(image=f"test:{sample.rows[5]}")
    sound(app)
    cosines = (sample.features @ sample.features[5]).numpy()
    near = [i for i in np.argsort(-cosines, kind="stable") if i != 5][:8]
    rings = [t for t in chart(app, MAP)["data"] if not t.get("name")]
    np.testing.assert_allclose(numbers(rings[0]["x"]), [places(app)[i][0] for i in near], atol=1e-6)
    own = sum(int(sample.labels[i] == sample.labels[5]) for i in near)
    assert f"{own} of 8 nearest are also" in words(app)


def test_an_image_that_is_not_on_the_map_is_no_choice(open_map: Any) -> None:
    for image in ("test:99999", "moved:3", "nonsense", "test:-1"):
        app = open_map(image=image)
        sound(app)
        assert "No image is chosen" in words(app)


def test_a_click_means_an_image_or_a_concept() -> None:
    def script(index: int) -> None:
        from types import SimpleNamespace

        import numpy as np

        from pages.ui.concepts import embedding

        embedding._clicked(SimpleNamespace(rows=np.array([40, 41])), ["red crown", "woods"], index)

    for index, held in ((1, {"image": "test:41"}), (-2, {"concept": "woods"})):
        app = AppTest.from_function(script, args=(index,), default_timeout=60).run()
        assert app.session_state["address-held"] == held


def test_a_line_around_points_selects_their_images(open_map: Any, lab: Lab) -> None:
    rows = lab.sample("test", 2).rows
    app = open_map()
    app.session_state["map-selected"] = (lab.view.id, tuple(int(r) for r in rows[:30]))
    app.run()
    sound(app)
    assert "30 images of 4 classes selected" in words(app)
    kept = [i for t in traces(app).values() for i in numbers(t["customdata"])[:0] or t["selectedpoints"]]
    assert len(kept) == 30
    app.button(key="map-clear").click().run()
    assert "images of 4 classes selected" not in words(app)


def test_a_lasso_event_becomes_ids_of_ours_and_an_empty_one_changes_nothing() -> None:
    def script() -> None:
        from types import SimpleNamespace

        import numpy as np

        from pages.ui.concepts import embedding

        lab = SimpleNamespace(view=SimpleNamespace(id="r"))
        embedding._lassoed(lab, SimpleNamespace(rows=np.array([40, 41, 42])))

    app = AppTest.from_function(script, default_timeout=60)
    points = [{"customdata": 2}, {"customdata": [0]}, {"customdata": -1}]
    app.session_state["map"] = {"selection": {"points": points, "lasso": [{"x": [0], "y": [0]}], "box": []}}
    app.run()
    assert app.session_state["map-selected"] == ("r", (42, 40))
    app.session_state["map"] = {"selection": {"points": [], "lasso": [], "box": []}}
    app.run()
    assert app.session_state["map-selected"] == ("r", (42, 40))


def test_the_slider_and_the_buttons_move_the_moment(open_map: Any) -> None:
    app = open_map()
    app.button(key="map-earlier").click().run()
    assert app.query_params["task"] == "2"
    assert app.slider(key="map-moment").value == 2
    app.slider(key="map-moment").set_value(1).run()
    assert app.query_params["task"] == "1"
    assert app.button(key="map-earlier").disabled
    app.slider(key="map-moment").set_value(3).run()
    assert "task" not in app.query_params
    sound(app)


# -- what a run may lack -----------------------------------------------------------------------------------------------


def test_a_training_run_has_a_map_of_its_finished_tasks(open_own_map: Any, own_lab: Lab) -> None:
    adopt(own_lab.store, own_lab.view.id, os.getpid(), "running")
    app = open_own_map()
    sound(app)
    assert "still training: the map shows its 3 finished tasks" in words(app)


def test_a_method_without_concepts_has_a_map_without_them(open_map: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.view.RunView.concept_metrics", lambda self, task: None)
    app = open_map(flat="umap")  # a map of its own, as the shared PCA has concepts
    sound(app)
    assert "shows images only" in words(app)
    assert app.button_group(key="colour-choice").options == ["Class", "Task", "Right or wrong"]


def test_the_page_offers_the_view(open_tiny: Any) -> None:
    app = open_tiny("concepts", view="map")
    sound(app)
    assert sorted(places(app)) == list(range(48))
