"""The gallery over a page: opened by a click or an address, filtered, saved, and left for a picture's own page."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.session.picture_sets import PictureSet
from engine.store.selections import Selections
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.pages.saying import sound, words


@pytest.fixture
def store(own_tiny_home: Any) -> RunStore:
    return RunStore(own_tiny_home)


@pytest.fixture
def run(store: RunStore) -> str:
    return store.resolve("last")


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def test_a_click_on_a_cell_opens_its_pictures(store: RunStore, run: str) -> None:
    def script(home: str, run: str) -> None:
        from pathlib import Path

        from engine.store.store import RunStore
        from engine.store.view import RunView
        from pages.ui.tasks import selection

        selection.on_class(RunView(RunStore(Path(home)), run), 2, "mixups")()

    app = AppTest.from_function(script, args=(str(store.home), run))
    app.session_state["mixups"] = {"selection": {"points": [{"x": 3, "y": 1}]}}
    app.run()
    assert not app.exception
    seen = RunView(store, run).class_ids_seen(2)
    assert app.query_params["pictures"] in (f"cell-{seen[1]}-{seen[3]}", [f"cell-{seen[1]}-{seen[3]}"])


def test_an_address_opens_it_and_a_filter_stands_in_the_address(open_tiny: Any, store: RunStore, run: str) -> None:
    app = sound(open_tiny("tasks", pictures="all", split="moved"))
    view = RunView(store, run)
    right = int(view.confusion(2, "moved").trace())
    assert f"{right} of 48 pictures right" in words(app)
    box = app.segmented_control(key="gallery-which")
    assert box.options[:3] == ["All 48", f"Right {right}", f"Wrong {48 - right}"]
    box.set_value("wrong").run()
    sound(app)
    assert app.query_params["which"] in ("wrong", ["wrong"])
    label = f"Save {48 - right} picture{'' if right == 47 else 's'}"
    assert app.button(key="selection-save").label == label


def test_a_selection_is_saved_opened_by_its_address_removed_and_put_back(
    open_tiny: Any, store: RunStore, run: str
) -> None:
    app = open_tiny("tasks", pictures="task-0")
    app.text_input(key="selection-name").set_value("<b>the first</b> *task*")
    app.button(key="selection-save").click().run()
    sound(app)
    (kept,) = Selections(store).all(run)
    assert (kept.name, len(kept.pictures)) == ("<b>the first</b> *task*", 16)
    again = sound(open_tiny("tasks", pictures=f"selection-{kept.id}"))
    assert "<b>the first</b> *task*: " in words(again)  # as text: `words` takes Markdown's backslashes away
    assert again.button(key=f"selection-open-{kept.id}").disabled
    again.button(key=f"selection-remove-{kept.id}").click().run()
    assert Selections(store).all(run) == []
    again.button(key="selection-undo").click().run()
    assert Selections(store).all(run) == [kept]
    assert "selection-undo" not in keys(again)


def test_a_name_that_is_taken_is_said_in_the_gallery(open_tiny: Any, store: RunStore, run: str) -> None:
    Selections(store).save(run, "mine", ["test:1"])
    app = open_tiny("tasks", pictures="task-1")
    for name, said in (("mine", "This run has one of that name."), ("  ", "A name has 1 to 80 characters.")):
        app.text_input(key="selection-name").set_value(name)
        app.button(key="selection-save").click().run()
        sound(app)
        assert said in words(app)
    assert len(Selections(store).all(run)) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [("<b>x</b>", "Pictures are named"), ("class-99", "It is not learnt"), ("selection-9", "This run has none")],
)
def test_an_address_that_leads_nowhere_says_so(open_tiny: Any, asked: str, said: str) -> None:
    app = sound(open_tiny("tasks", pictures=asked))
    assert said in words(app) and "<b>x" not in words(app)


def test_a_picture_leads_to_its_own_page(open_tiny: Any, run: str) -> None:
    app = open_tiny("tasks", pictures="all", task="2")
    app.session_state["gallery-go"] = "test:7"
    app.run()
    sound(app)
    assert {name: app.query_params[name] for name in ("run", "task", "image")} in (
        {"run": run, "task": "2", "image": "test:7"},
        {"run": [run], "task": ["2"], "image": ["test:7"]},
    )


def test_a_picture_of_the_newest_moment_names_none(open_tiny: Any) -> None:
    app = open_tiny("tasks", pictures="all")
    app.session_state["gallery-go"] = "test:7"
    assert "task" not in sound(app.run()).query_params


def test_classes_have_a_way_to_all_their_pictures(open_tiny: Any, store: RunStore, run: str) -> None:
    name = RunView(store, run).class_names[2]
    app = open_tiny("tasks", **{"class": name})
    app.button(key="all-pictures").click().run()
    sound(app)
    assert app.query_params["pictures"] in (str(PictureSet("class", (2,))), [str(PictureSet("class", (2,)))])
    assert f"{name}: " in words(app)
