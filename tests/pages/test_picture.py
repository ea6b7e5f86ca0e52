"""The page Picture: everything it says is what the engine says, and what cannot be said is explained."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from engine.data.aviary.bird import Bird
from engine.data.aviary.species import load_species
from engine.exhibits.picture.first import first
from engine.interventions.acts import parsed
from engine.session.lab import Lab
from engine.session.subjects import ref_of
from engine.session.uploads import keep
from engine.store.store import RunStore
from pages.ui.picker import ever_right
from pages.ui.picture import tabs
from pages.ui.picture.choosing import BOX
from pages.ui.picture.doings import SET
from tests.job_states import adopt
from tests.pages.saying import sound, words
from tests.pages.stores import write_run
from tests.run_fixtures import MARKUP

_ROOT = Path(__file__).resolve().parents[2]
_PAINTED = "text-painted"
"""Session flag of `pages.ui.firstly`: a test need not be shown the words before the rest."""


@pytest.fixture(scope="module")
def shared_home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the tiny run for all tests here; they may add uploads to it."""
    return Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("picture") / "home"))


def visit(monkeypatch: pytest.MonkeyPatch, home: Path, picker: bool = False, **query: str) -> AppTest:
    """Open the page on a home, the picker folded away or not; what the server has read of it before is kept, as in a
    real one."""
    monkeypatch.setenv("PLUMAGE_HOME", str(home))
    app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=60)
    app.session_state[_PAINTED] = True
    app.session_state[BOX] = picker
    for key, value in query.items():
        app.query_params[key] = value
    return app.switch_page("pages/picture.py").run()


@pytest.fixture
def opened(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the page on the tiny run."""
    return lambda **query: visit(monkeypatch, shared_home, **query)


def asked(app: AppTest, key: str) -> str:
    """What stands in the address."""
    value = app.query_params[key]
    return value if isinstance(value, str) else value[0]


def chart(app: AppTest, key: str) -> dict[str, Any]:
    """A Plotly chart's specification."""
    (found,) = (c for c in app.get("plotly_chart") if c.proto.id.endswith(f"-{key}"))
    return json.loads(found.proto.spec)


def numbers(values: Any) -> np.ndarray:
    """Plotly writes longer arrays as base64."""
    if isinstance(values, dict):
        import base64

        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])
    return np.array(values, float)


def the(lab: Lab, kind: str) -> tuple[str, int]:
    """Name and place of the first test image that is `"right"`, `"wrong"` or `"never"` right."""
    labels = lab.sample("test", 2).labels.numpy()
    right = lab.predicted("test", 2) == labels
    once = ever_right(lab, "test", 2)
    older = lab.stream.task_of_position[labels] < 2
    found = {"right": right, "wrong": ~right, "never": ~right & ~once & older}[kind]
    assert found.any(), f"the tiny run has no image that is {kind}"
    place = int(np.flatnonzero(found)[0])
    return f"test:{lab.sample('test', 2).rows[place]}", place


# -- before there is anything ------------------------------------------------------------------------------------------


def test_without_a_run_it_says_what_it_is_for_and_has_one_button(open_page: Any) -> None:
    app = sound(open_page("picture"))
    assert "takes one picture apart" in words(app)
    assert [button.label for button in app.button] == ["Train the demo"]


@pytest.mark.parametrize("status", ["running", "failed", "stopped"])
def test_without_a_finished_task_it_says_so(open_page: Any, home: Path, status: str) -> None:
    write_run(home, status=status, done=0)
    assert "No task is finished yet" in words(sound(open_page("picture")))


def test_words_need_no_torch() -> None:
    """What the page imports before its words are on the screen."""
    names = [f"pages.ui.picture.{p.stem}" for p in (_ROOT / "pages/ui/picture").glob("*.py") if p.stem != "__init__"]
    code = f"import sys, {', '.join(names)}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True)
    assert done.stdout.split()[-1:] == ["False"], done.stderr


# -- the picker, the tabs and the first picture ------------------------------------------------------------------------


def test_the_picker_folds_away_once_a_picture_is_chosen(opened: Any) -> None:
    app = sound(opened(picker=True))
    assert [button.key for button in app.button if button.key == "image-next"]
    first = asked(app, "image")
    app.button(key="image-next").click().run()
    assert asked(sound(app), "image") != first and app.session_state[BOX]  # one may step on
    app.session_state[BOX] = False  # as a click on a picture of the gallery does
    app = sound(app.run())
    assert not [button.key for button in app.button if button.key == "image-next"]


_OPEN = {
    "pages.ui.picture.reasons.show": "why",
    "pages.ui.picture.truth.show": "why",
    "engine.exhibits.picture.near.nearest": "why",
    "engine.exhibits.picture.instance.guided_model": "what",
    "engine.exhibits.picture.past.story": "time",
    "engine.exhibits.picture.maps.patches": "where",
}
"""The tab that each of these is for; the others must not ask it."""


@pytest.mark.parametrize("tab", ["why", "what", "time", "where"])
def test_only_the_open_tab_is_computed_and_the_answer_stands_there_once(
    opened: Any, monkeypatch: pytest.MonkeyPatch, tab: str
) -> None:
    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("another tab")

    st.cache_resource.clear()
    for function, own in _OPEN.items():
        if own != tab:
            monkeypatch.setattr(function, forbidden)
    app = sound(opened(image="test:0", tab=tab))
    assert words(app).count("<table class='pl-odds'>") == 1


@pytest.mark.parametrize(("exhibit", "tab"), [("picture-story", "time"), ("concept-map", "where"), ("answer", "why")])
def test_a_link_to_an_exhibit_opens_the_tab_that_has_it(opened: Any, exhibit: str, tab: str) -> None:
    app = sound(opened(image="test:0", exhibit=exhibit))
    assert app.session_state["tab-choice"] == tab and "The link led here" in words(app)
    assert sound(opened(image="test:0", exhibit=exhibit, tab="what")).session_state["tab-choice"] == "what"


def test_every_exhibit_of_the_page_has_its_tab() -> None:
    from engine.exhibits.every import load

    kinds = {kind.name for kind in load().values() if kind.page == "picture"}
    assert kinds - set(tabs._SHOWN_IN) == {"redrawn"}  # which reports alone draw


def test_the_first_picture_says_why_and_one_click_puts_it_right(opened: Any, tiny_lab: Lab) -> None:
    app = sound(opened())
    found = first(tiny_lab, 2)
    assert asked(app, "image") == found.ref and found.cure
    assert "Shown first because two true answers put it right." in words(app)
    app = sound(app.button(key="give-answer").click().run())
    assert (asked(app, "tab"), parsed(asked(app, SET).partition("~")[2])) == ("what", found.cure)
    assert "Flipped, now right" in words(app)
    assert not [button for button in app.button if button.key == "give-answer"]
    app = sound(app.selectbox(key="task-choice").select("2").run())
    assert asked(app, "image") == found.ref  # something was done to it: another moment shows no other picture
    app.query_params["tab"] = "why"
    assert "Shown first" not in words(sound(app.run()))  # that was said of the other moment
    app.query_params["image"] = "test:0"
    assert "Shown first" not in words(sound(app.run()))


# -- one image ---------------------------------------------------------------------------------------------------------


def test_the_bars_are_the_models_and_add_up(opened: Any, tiny_lab: Lab) -> None:
    ref, place = the(tiny_lab, "right")
    app = sound(opened(image=ref))
    logits = tiny_lab.snapshot(2).from_features(tiny_lab.sample("test", 2).features[[place]]).logits[0]
    values = numbers(chart(app, "reasons")["data"][0]["x"])
    assert values[-1] == pytest.approx(float(logits.max()), abs=1e-4)
    assert values[:-1].sum() == pytest.approx(values[-1], abs=1e-4)
    name = tiny_lab.dataset.class_names[tiny_lab.stream.class_order[int(logits.argmax())]]
    assert f"Rightly taken for {name}" in words(app)
    assert app.selectbox(key="why-choice").value == name


def test_why_one_rather_than_the_other_is_the_difference(opened: Any, tiny_lab: Lab) -> None:
    ref, place = the(tiny_lab, "right")
    logits = tiny_lab.snapshot(2).from_features(tiny_lab.sample("test", 2).features[[place]]).logits[0].tolist()
    names = [tiny_lab.dataset.class_names[c] for c in tiny_lab.stream.class_order]
    app = sound(opened(image=ref, why=names[1], rather=names[4], reading="centred"))
    values = numbers(chart(app, "reasons")["data"][0]["x"])
    assert values[-1] == pytest.approx(logits[1] - logits[4], abs=1e-4)
    assert values[:-1].sum() == pytest.approx(values[-1], abs=1e-4)
    assert "average picture" in chart(app, "reasons")["layout"]["yaxis"]["ticktext"]


def test_what_the_address_asks_for_and_nobody_knows_is_ignored(opened: Any, tiny_lab: Lab) -> None:
    ref, _ = the(tiny_lab, "right")
    app = sound(opened(image=ref, why="<b>nobody</b>", rather="nobody", concept="nothing", reading="x"))
    assert app.selectbox(key="rather-choice").value is None
    assert "nobody" not in words(app)


def test_a_chosen_concept_is_mapped(opened: Any, tiny_lab: Lab) -> None:
    ref, _ = the(tiny_lab, "right")
    text = tiny_lab.snapshot(2).bank.concepts[3].text
    app = sound(opened(tab="where", image=ref, concept=text))
    assert app.selectbox(key="concept-choice").value == text
    assert f"Where the learnt “{text}” is seen" in words(app)
    assert words(app).count("<img src='data:image/webp") == 4  # the answer's, and three in the tab
    assert not [c for c in app.get("plotly_chart") if c.proto.id.endswith("-reasons")]  # a tab that is not open


def test_a_wrong_image_offers_the_question_everybody_asks(opened: Any, tiny_lab: Lab) -> None:
    ref, _ = the(tiny_lab, "wrong")
    app = sound(opened(image=ref))
    app = sound(app.button(key="why-not").click().run())
    assert app.selectbox(key="rather-choice").value == (rather := asked(app, "rather"))
    app.query_params["tab"], app.query_params["how"] = "what", "least"
    app = sound(app.run())
    assert app.selectbox(key="flip-choice").value == rather  # what would make it right


def test_a_default_follows_the_picture_and_is_not_held(opened: Any, tiny_lab: Lab) -> None:
    right, _ = the(tiny_lab, "right")
    wrong, _ = the(tiny_lab, "wrong")
    app = sound(opened(image=wrong, tab="what", how="least"))
    assert app.selectbox(key="flip-choice").value is not None
    app.query_params["image"] = right
    app = sound(app.run())
    assert app.selectbox(key="flip-choice").value is None
    assert set(app.query_params) <= {"run", "image", "tab", "how"}


# -- its past ----------------------------------------------------------------------------------------------------------


def test_the_first_visit_shows_a_forgotten_image_and_divides_its_forgetting(
    forgetful_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    st.cache_resource.clear()  # a copy has the same run's name, and is another run
    app = sound(visit(monkeypatch, forgetful_home, tab="time"))
    assert asked(app, "image").startswith("test:")
    text = words(app)
    assert "once right, now wrong" in text and "Lost after task 3" in text
    assert "right again" not in text and "It would be right with the old head" in text
    values = numbers(chart(app, "parts")["data"][0]["x"])
    assert values[0] > 0 > values[-1]
    assert values[:-1].sum() == pytest.approx(values[-1], abs=1e-9)
    app.query_params["tab"], app.query_params["concept"] = "where", MARKUP
    app = sound(app.run())
    st.cache_resource.clear()
    html = "".join(e.value for e in app.html)
    assert "<b>red</b>" not in html and "&lt;b&gt;red&lt;/b&gt; *crown* $x$" in html


@pytest.mark.parametrize(
    ("kind", "said"), [("right", "The picture is right after task 3"), ("never", "No earlier model recognised it")]
)
def test_where_nothing_was_forgotten_it_says_why(opened: Any, tiny_lab: Lab, kind: str, said: str) -> None:
    text = words(sound(opened(tab="time", image=the(tiny_lab, kind)[0])))
    assert "Nothing was forgotten here" in text and said in text


def test_before_its_class_was_learnt_it_is_too_early(opened: Any, tiny_lab: Lab) -> None:
    last = tiny_lab.stream.tasks[2].class_ids[0]
    row = int(np.flatnonzero(tiny_lab.dataset.splits["test"].labels == last)[0])
    text = words(sound(opened(tab="time", image=f"test:{row}", task="1")))
    assert "too early" in text and "which task 3 brings" in text
    assert f"The model has not learnt {tiny_lab.dataset.class_names[last]} after task 1" in text


def test_the_story_has_a_point_for_every_task(opened: Any, tiny_lab: Lab) -> None:
    first = tiny_lab.sample("test", 0)
    line = chart(sound(opened(tab="time", image=f"test:{first.rows[0]}")), "story")["data"][-1]
    assert numbers(line["x"]).tolist() == [1, 2, 3]


# -- birds and uploads -------------------------------------------------------------------------------------------------


def test_a_drawn_bird_has_its_truth_and_another_is_a_click_away(opened: Any) -> None:
    ref = ref_of(Bird(load_species(6)[1].plumages[0], 5))
    app = sound(opened(picker=True, image=ref))
    assert load_species(6)[1].name in words(app) and "concepts that count most are scored right" in words(app)
    app.button(key="draw").click().run()
    sound(app)
    assert asked(app, "image").startswith("bird:") and asked(app, "image") != ref


def picture_of_a_bird(kind: str = "PNG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (60, 40)).save(out, kind)
    return out.getvalue()


def test_an_upload_is_explained_and_what_needs_truth_says_why_it_is_absent(opened: Any, shared_home: Path) -> None:
    ref = keep(RunStore(shared_home), picture_of_a_bird("JPEG", "CMYK"), "mine.jpg")
    app = sound(opened(image=ref))
    text = words(app)
    assert "Its class is not known" in text and "Nobody has listed what a picture of yours shows" in text
    values = numbers(chart(app, "reasons")["data"][0]["x"])
    assert values[:-1].sum() == pytest.approx(values[-1], abs=1e-4)
    assert "Nobody knows the class of this picture" in words(sound(opened(tab="time", image=ref)))


def test_a_file_is_taken_and_a_bad_one_is_refused_in_words(opened: Any) -> None:
    app = opened(picker=True)
    app.session_state["source-choice"] = "upload"
    app = sound(app.run())
    assert "at most 50 MiB and 50 megapixels" in words(app)
    app.file_uploader(key="upload-file").set_value(("mine.png", picture_of_a_bird(), "image/png")).run()
    ref = asked(sound(app), "image")
    assert ref.startswith("upload:") and "Its class is not known" in words(app)
    app.file_uploader(key="upload-file").set_value(("<b>notes.png", b"hello", "image/png")).run()
    text = words(sound(app))
    assert "&lt;b&gt;notes.png" in text and "It is not an image; images are JPEG, PNG, WebP or BMP" in text
    assert asked(app, "image") == ref  # what was explained before is still there


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("upload:0123456789abcdef", "Upload it again"),
        ("upload:../../secret", "16 hex digits"),
        ("bird:1.2.3:4", "exactly 13 attributes"),
        ("bird:x:y", "Choose a bird again"),
        ("test:99999", "Choose an image again"),
        ("nothing", "Choose an image again"),
    ],
)
def test_a_picture_that_is_not_there_says_what_to_do(opened: Any, ref: str, said: str) -> None:
    app = opened(image=ref)
    assert not app.exception
    assert said.lower() in words(app).lower()


# -- other runs --------------------------------------------------------------------------------------------------------


def test_a_run_whose_later_task_is_still_training(own_tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    with store.database.writing() as db:
        db.execute("DELETE FROM tasks WHERE task = 2")
        db.execute("DELETE FROM metrics WHERE task = 2")
    adopt(store, run, os.getpid(), "running")
    st.cache_resource.clear()  # the same run with fewer tasks is another run
    app = sound(visit(monkeypatch, own_tiny_home, tab="time"))
    st.cache_resource.clear()
    assert "The model after task 2" in words(app)
    line = chart(app, "story")["data"][-1]
    assert max(numbers(line["x"])) == 2


@pytest.fixture(scope="module")
def folder_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a run on a folder of plain pictures: no concepts, no truth."""
    from engine.jobs.training import work
    from engine.runs.config import configure

    home, data = tmp_path_factory.mktemp("folder-home"), tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for number, name in enumerate(("kite", "owl_1_", "rail & co", "crake")):
        (data / name).mkdir()
        for i in range(12):
            pixels = rng.integers(0, 60, (24, 24, 3)) + 45 * number
            Image.fromarray(pixels.astype(np.uint8)).save(data / name / f"{i}.png")
    store = RunStore(home)
    sets = {"dataset": "folder", "path": str(data), "increment": "2"}
    assert work(store, store.create(configure("tiny", sets, method="ncm", seed=0), "")).status == "finished"
    return home


def test_a_run_without_truth_says_that_nobody_knows(own_photo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = sound(visit(monkeypatch, own_photo_home))
    assert "These images come without a list of what each of them shows" in words(app)
    values = numbers(chart(app, "reasons")["data"][0]["x"])
    assert values[:-1].sum() == pytest.approx(values[-1], abs=1e-4)


def test_a_run_of_photographs_without_concepts_says_so(folder_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = sound(visit(monkeypatch, folder_home))
    text = words(app)
    assert "Nearest class mean decides by whole classes" in text and "It is nearest to " in text
    assert "does not know this kind of pictures" in text  # every page of such a run says so
    app.query_params["tab"] = "what"
    assert "has no concepts to set" in words(sound(app.run()))
