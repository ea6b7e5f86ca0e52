"""Classes and tasks: a number of tasks, the board's layout, the same in words, and what does not fit at its field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.runs.plan import ClassRow, Survey
from pages.ui.bring import classes
from tests.pages.saying import words, wrong
from tests.pages.test_bring import at, field

NAMES = ("ant", "bee", "cat", "dog", "elk", "fox")


@pytest.fixture
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six classes of six pictures."""
    folder = tmp_path_factory.mktemp("zoo")
    for shade, name in enumerate(NAMES):
        (folder / name).mkdir()
        for i in range(6):
            Image.new("RGB", (32, 32), (40 * shade, 20 * i, 99)).save(folder / name / f"{i}.png")
    return folder


@pytest.fixture
def app(open_page: Any, zoo: Path) -> Any:
    """The step, with data that were found."""
    page = open_page("bring")
    field(page, "text_input", "path").set_value(str(zoo)).run()
    return at(page, "classes")


def layout(app: Any) -> list[list[str]]:
    """The classes of each task as the board was given them."""
    (found,) = (one for one in app.get("bidi_component") if one.proto.component_name.endswith("plumage_board"))
    return [[one["name"] for one in task] for task in json.loads(found.proto.json)["tasks"]]


def test_a_draft_begins_with_about_five_tasks_and_any_number_can_be_asked_for(app: Any) -> None:
    assert layout(app) == [["ant", "bee"], ["cat", "dog"], ["elk", "fox"]]
    tasks = next(w for w in app.number_input if w.label == "Tasks")
    assert tasks.value == 3
    tasks.set_value(4).run()
    assert list(map(len, layout(app))) == [2, 2, 1, 1] and "6 classes in 4 tasks of 1 to 2" in words(app)
    next(w for w in app.number_input if w.label == "Tasks").set_value(2).run()
    app.session_state["bring-classes-more"] = True
    app.run()
    assert field(app, "text_area", "task_sizes").value == "" and field(app, "number_input", "increment").value == 3


def test_what_does_not_fit_stands_at_its_field_and_one_button_takes_it_back(app: Any) -> None:
    app.session_state["bring-classes-more"] = True
    app.run()
    field(app, "text_area", "task_sizes").set_value("4,4").run()
    assert "6" in wrong(app)[0] and not app.exception
    app.button(key="bring-listed").click().run()
    assert wrong(app) == [] and list(map(len, layout(app))) == [2, 2, 2]
    field(app, "text_area", "without_classes").set_value("gnu").run()
    assert wrong(app) != []
    field(app, "text_area", "without_classes").set_value("ant").run()
    assert wrong(app) == [] and "1 left out." in words(app)


class Taking:
    """What a draft was told."""

    def __init__(self) -> None:
        self.taken: dict[str, Any] = {}

    def set(self, **values: Any) -> None:
        self.taken = values


@pytest.mark.parametrize(
    ("sizes", "said"),
    [((2, 2, 1), {"task_sizes": "", "base": 0, "increment": 2}), ((1, 3, 1), {"task_sizes": "1,3,1"})],
)
def test_what_is_done_on_the_board_becomes_settings(sizes: tuple[int, ...], said: dict[str, Any]) -> None:
    draft, survey = Taking(), Survey("zoo", NAMES, {"train": (5,) * 6})
    rows = [ClassRow("bee"), ClassRow("ant", "emmet"), *map(ClassRow, NAMES[2:5]), ClassRow("fox", taken=False)]
    assert classes._arranged(draft, survey, rows, sizes)
    expected = {"without_classes": "fox", "renamed_classes": "ant=emmet", "order": "given"}
    assert draft.taken == {**expected, "class_order": "bee, emmet, cat, dog, elk", **said}
