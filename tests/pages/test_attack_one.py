"""Attack, one picture: what it says of an attack is what the engine does; what cannot be done is explained."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from engine.attacks.base import ATTACKS, trace
from engine.attacks.objectives import Mislabel
from engine.backbone.clip import Backbone
from engine.backbone.presets import HARDENED
from engine.exhibits.attack import aims
from engine.exhibits.attack.attempt import Attempt
from engine.exhibits.attack.choosing import first
from engine.jobs import control
from engine.runs.config import preset
from engine.session.lab import Lab
from engine.session.subjects import subject
from engine.store.store import RunStore
from pages.ui.attack import course, little
from pages.ui.attack.shelf import RecentResults
from pages.ui.picture.case import SharedCase
from pages.ui.run import ways
from tests.job_states import set_status
from tests.pages.saying import sound, words
from tests.pages.stores import write_run

_ROOT = Path(__file__).resolve().parents[2]
_LAST = 2
"""The tiny run's last task."""


@pytest.fixture(scope="module")
def shared_home(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the tiny run for all tests here."""
    return Path(shutil.copytree(tiny_home, tmp_path_factory.mktemp("attack") / "home"))


@pytest.fixture
def attack(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open the page on the tiny run; what the server has computed before is kept, as in a real one."""
    monkeypatch.setenv("PLUMAGE_HOME", str(shared_home))

    def visit(**query: str) -> AppTest:
        app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=90)
        app.session_state["text-painted"] = True
        for key, value in query.items():
            app.query_params[key] = value
        return app.switch_page("pages/attack.py").run()

    return visit


@pytest.fixture(scope="module")
def right(tiny_lab: Lab) -> str:
    """A test image that the last model gets right, of the first task."""
    labels = tiny_lab.sample("test", _LAST).labels.numpy()
    known = (tiny_lab.predicted("test", _LAST) == labels) & (tiny_lab.stream.task_of_position[labels] == 0)
    return f"test:{tiny_lab.sample('test', _LAST).rows[int(np.flatnonzero(known)[0])]}"


def reel(app: AppTest) -> dict[str, Any]:
    """What the component was given."""
    (found,) = (c for c in app.get("bidi_component") if c.proto.component_name.endswith("plumage_reel"))
    return json.loads(found.proto.json)


def chart(app: AppTest, key: str) -> dict[str, Any]:
    """A Plotly chart's specification."""
    (found,) = (c for c in app.get("plotly_chart") if c.proto.id.endswith(f"-{key}"))
    return json.loads(found.proto.spec)


def asked(app: AppTest, key: str) -> str:
    """What stands in the address."""
    value = app.query_params[key]
    return value if isinstance(value, str) else value[0]


def case_of(lab: Lab, ref: str) -> SharedCase:
    """The picture before the last model."""
    return SharedCase(lab, _LAST, subject(lab, ref))


# -- before there is anything ------------------------------------------------------------------------------------------


def test_without_a_run_it_says_what_it_is_for_and_has_one_button(open_page: Any) -> None:
    app = sound(open_page("attack"))
    assert "changes pictures a little, measures how visible that is" in words(app)
    assert [button.label for button in app.button] == ["Train the demo"]


@pytest.mark.parametrize("status", ["running", "failed"])
def test_without_a_finished_task_it_says_so(open_page: Any, home: Path, status: str) -> None:
    write_run(home, status=status, done=0)
    assert "No task is finished yet" in words(sound(open_page("attack")))


def test_words_need_no_torch() -> None:
    """What the page imports before its words are on the screen."""
    names = [f"pages.ui.attack.{p.stem}" for p in (_ROOT / "pages/ui/attack").glob("*.py")]
    code = f"import sys, {', '.join(n for n in names if '__init__' not in n)}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True)
    assert done.stdout.split()[-1:] == ["False"], done.stderr


# -- the attack --------------------------------------------------------------------------------------------------------


def test_what_it_shows_is_what_the_engine_does(attack: Any, tiny_lab: Lab, right: str) -> None:
    app = sound(attack(image=right))
    case = case_of(tiny_lab, right)
    images = tiny_lab.tensor(case.subject.pixels[None])
    aim = Mislabel(torch.tensor([case.true]))
    attack = ATTACKS.get("pgd")()
    looks, _ = trace(attack.run(tiny_lab.victim(_LAST), images, aim, tiny_lab.config.seed, whole=True))
    data = reel(app)
    assert data["last"] == len(looks) - 1 == 10
    loss = next(c for c in data["curves"] if "loss" in c["name"])
    assert loss["y"] == pytest.approx([float(look.loss[0]) for look in looks], abs=1e-3)
    final = case.names[int(looks[-1].answer.logits[0].argmax())]
    assert f"taken for {final}" in data["says"][-1]
    assert f"“{case.names[case.predicted]}”" in words(app)
    assert [p["title"] for p in data["plates"]] == [
        "Clean",
        "Attacked",
        "What was changed",
        "Attention, clean",
        "Attention, attacked",
        "Difference",
    ]
    assert "Shown first because" not in words(app)  # somebody chose it


def test_a_click_in_the_film_leads_to_the_attacked_picture_and_marks_it(attack: Any, right: str) -> None:
    page, exhibit = ways.PAGES["attack"]
    app = sound(attack(image=right, exhibit=exhibit))
    assert page == "pages/attack.py" and words(app).count("The link led here") == 1
    assert any(".st-key-panel-film {" in element.value for element in app.html)


def test_it_begins_with_a_picture_that_has_something_to_show_and_says_why(attack: Any, tiny_lab: Lab) -> None:
    app = sound(attack())
    begun = first(tiny_lab, _LAST)
    assert asked(app, "image") == begun.ref and case_of(tiny_lab, begun.ref).right
    assert begun.why and f"Shown first because {begun.why}." in words(app)
    assert set(app.query_params) == {"run", "image"}  # no default is spelt out


def test_a_strength_is_one_click(attack: Any, right: str) -> None:
    app = sound(attack(image=right))
    before = reel(app)["name"]
    app = sound(app.segmented_control(key="eps-choice").set_value("1").run())
    assert asked(app, "eps") == "1" and reel(app)["name"] != before


def test_a_link_reopens_the_same_view(attack: Any, tiny_lab: Lab, right: str) -> None:
    concept = tiny_lab.snapshot(_LAST).bank.concepts[2].text
    query = {"attack": "fgsm", "eps": "2", "map": "text_guided", "aim": f"concept:{concept}", "goal": "least"}
    app = sound(attack(image=right, step="0", **query))
    assert {key: asked(app, key) for key in query} == query
    assert app.selectbox(key="map-choice").value == "text_guided"
    assert app.selectbox(key="aim-choice").value == f"concept:{concept}"
    assert f"Attention to “{concept}”" in words(app)
    data = reel(app)
    assert (data["last"], data["at"]) == (1, 0)


def test_another_strength_forgets_the_step(attack: Any, right: str) -> None:
    app = sound(attack(image=right, step="3"))
    assert reel(app)["at"] == 3
    app = sound(app.segmented_control(key="eps-choice").set_value("1").run())
    assert "step" not in app.query_params
    assert reel(app)["at"] != 3


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"eps": "none", "map": "treasure", "goal": "world peace"}, ("must be a number", "possible here", "may want")),
        (
            {"eps": "900", "goal": "class:nobody", "aim": "concept:nothing"},
            ("must be a number", "learnt it", "not this"),
        ),
        ({"steps": "0", "goal": "on:nothing", "norm": "l9"}, ("a whole number", "not this one", "must be one of")),
        ({"attack": "<b>magic</b>", "step": "77", "tab": "none", "view": "nowhere"}, ("known are",)),
    ],
)
def test_what_the_address_gets_wrong_falls_back_with_a_word(
    attack: Any, right: str, query: dict[str, str], says: tuple[str, ...]
) -> None:
    app = sound(attack(image=right, **query))
    assert [said for said in says if said not in words(app).lower()] == []
    assert "<b>magic" not in words(app)
    assert not set(query) & set(app.query_params)
    assert len(reel(app)["plates"]) == 6


def test_a_picture_that_does_not_exist_is_replaced(attack: Any, tiny_lab: Lab) -> None:
    app = sound(attack(image="test:999999"))
    assert "Choose an image again" in words(app)
    assert case_of(tiny_lab, asked(app, "image")).right


def test_a_class_that_is_not_learnt_yet_cannot_be_wanted(attack: Any, tiny_lab: Lab, right: str) -> None:
    later = tiny_lab.dataset.class_names[tiny_lab.stream.class_order[-1]]
    app = sound(attack(image=right, task="1", goal=f"class:{later}"))
    assert "has not learnt it yet; it knows 2 classes" in words(app)
    assert "goal" not in app.query_params
    app = sound(attack(image=right, goal=f"class:{later}"))
    assert asked(app, "goal") == f"class:{later}"
    assert app.selectbox(key="goal-target").value == later
    assert "<em>wanted</em>" in words(app)


def test_a_goal_that_needs_a_name_begins_with_the_nearest(attack: Any, tiny_lab: Lab, right: str) -> None:
    app = sound(attack(image=right))
    app = sound(app.selectbox(key="goal-choice").select("off").run())
    concept = asked(app, "goal").removeprefix("off:")
    case = case_of(tiny_lab, right)
    index = case.words.index(concept)
    assert case.scores[index] > case.levels.threshold[index]
    assert f"“{concept}”" in words(app)


def test_free_words_are_looked_for_and_unknown_ones_are_listed(attack: Any, right: str) -> None:
    app = sound(attack(image=right, aim="text:long tail"))
    assert "Attention to “long tail”" in words(app)
    assert app.text_input(key="aim-words").value == "long tail"
    app = sound(app.text_input(key="aim-words").set_value("zeppelin").run())
    assert "words zeppelin" in words(app)
    assert "amber" in words(app)  # the vocabulary
    assert len(reel(app)["plates"]) == 3  # the attack is shown without a map


def test_maps_that_are_not_possible_are_listed_with_the_reason(attack: Any, right: str) -> None:
    app = sound(attack(image=right, aim="text:long tail"))
    assert "row_guided" not in app.selectbox(key="map-choice").options
    assert "<b>Row-guided</b>:" in words(app)


def test_parts_of_a_map_of_two_are_shown(attack: Any, right: str) -> None:
    app = sound(attack(image=right, map="complementary"))
    assert "The words denied" in words(app)
    assert "heuristic" in words(app)


def test_a_picture_of_a_later_class_is_attacked_where_it_is_said_to_be(attack: Any, tiny_lab: Lab) -> None:
    labels = tiny_lab.sample("test", _LAST).labels.numpy()
    last = f"test:{tiny_lab.sample('test', _LAST).rows[int(np.flatnonzero(labels == labels.max())[0])]}"
    app = sound(attack(image=last, task="1"))
    assert "its class is not known here" in words(app)
    assert app.selectbox(key="aim-choice").value == "said"
    app = sound(attack(image=last, view="tasks"))
    assert "task 1 has not learnt it yet, task 2 has not learnt it yet" in words(app)


# -- more about it -----------------------------------------------------------------------------------------------------


def test_every_task_that_knows_the_class_is_attacked(attack: Any, right: str) -> None:
    app = sound(attack(image=right, view="tasks"))
    assert chart(app, "tasks-moved")["data"][-1]["x"] is not None
    titles = [f"<b>Task {task}</b>" for task in (1, 2, 3)]
    assert [title for title in titles if title not in words(app)] == []
    assert "The same attack" in words(app)


def test_the_smallest_strength_is_searched_when_asked(attack: Any, tiny_lab: Lab, right: str) -> None:
    app = sound(attack(image=right, attack="fgsm"))
    assert "How little is enough?" in words(app)
    app = sound(app.button(key="little-find").click().run())
    eps = little.smallest_of(case_of(tiny_lab, right), Attempt(attack="fgsm", steps=10))
    assert little.told(eps, 16.0) in words(app)
    assert asked(app, "little") == "yes"


@pytest.mark.parametrize(
    ("eps", "says"),
    [(0.0, "No attack is needed"), (float("inf"), "Even 16 of"), (2.25, "2.25 of 255 levels is enough")],
)
def test_every_outcome_of_the_search_has_words(eps: float, says: str) -> None:
    assert says in little.told(eps, 16.0)


def test_without_a_twin_the_page_says_what_one_is_and_trains_it(
    attack: Any, tiny_lab: Lab, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = sound(attack(image=right, view="twins", twin="nobody"))
    assert "Would another backbone hold?" in words(app) and "twin" not in app.query_params
    assert "Harden a CLIP first" in [button.label for button in app.button]
    started = []
    monkeypatch.setattr(control, "start", lambda config, name: started.append((config, name)) or "new")
    app = sound(app.button(key=f"twin-shipped-{HARDENED}").click().run())
    ((config, name),) = started
    assert config == tiny_lab.config.changed(backbone=HARDENED)
    assert name == f"tiny on {HARDENED}"


def test_a_twin_is_attacked_alike(
    own_tiny_home: Path, tiny_lab: Lab, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A twin on a copy of the same weights does exactly the same."""
    copy = shutil.copytree(_ROOT / "assets/aviary-clip", own_tiny_home / "weights")
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    config = preset("tiny").changed(backbone=f"local-dir:{copy}")
    made = store.create(config, "twin")
    _lend(store, run, made)
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    st.cache_resource.clear()
    app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=90)
    app.session_state["text-painted"] = True
    app.query_params["run"], app.query_params["image"] = run, right
    app.query_params["view"] = "twins"
    app = sound(app.switch_page("pages/attack.py").run())
    assert "Its twin" in words(app)
    assert "Both answers hold" in words(app)


def _lend(store: RunStore, run: str, to: str) -> None:
    """Give a finished run's models to another run."""
    shutil.copytree(store.folder(run), store.folder(to), dirs_exist_ok=True)
    store.copy_tasks(run, to, _LAST)
    set_status(store, to, store.status(run))


def test_without_patch_tokens_the_attack_still_works(attack: Any, right: str, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_resource.clear()
    monkeypatch.setattr(Backbone, "is_transformer", property(lambda self: False))
    app = sound(attack(image=right))
    assert app.selectbox(key="map-choice").options == ["Integrated gradients"]  # needs no tokens, only pixels
    assert words(app).count("keeps no patch tokens") == 6
    assert len(reel(app)["plates"]) == 6
    monkeypatch.setattr(aims, "possible", lambda *_: ({}, {"Every map": "it is a test"}))
    app = sound(attack(image=right))
    assert "No map is possible with this backbone" in words(app)
    assert len(reel(app)["plates"]) == 3
    assert "The same attack" in words(sound(attack(image=right, view="tasks")))
    st.cache_resource.clear()


# -- keeping -----------------------------------------------------------------------------------------------------------


def test_the_shelf_lets_go_of_what_was_used_longest_ago() -> None:
    shelf = RecentResults(room=2500)
    first, second, third = ([np.zeros(1000, np.uint8)] for _ in range(3))  # what a list holds counts
    shelf.put("a", first)
    shelf.put("b", second)
    assert shelf.get("a") is first  # used again
    shelf.put("c", third)
    assert shelf.get("b") is None
    assert shelf.get("a") is first
    assert shelf.get("c") is third


def test_an_attack_is_run_once(tiny_lab: Lab, right: str) -> None:
    case = case_of(tiny_lab, right)
    attempt = Attempt(eps=1.5, steps=3)
    found = course.course(case, attempt)
    assert course.course(case, attempt) is found
    assert course.course(case, replace(attempt, eps=2.0)) is not found
    assert np.abs(found.pixels - found.pixels[0]).max() * 255 <= 1.5 + 1e-4
    assert found.steps[0] == 0
    assert found.shown in found.steps


def test_the_step_shown_first_is_the_last_one_that_won(tiny_lab: Lab, right: str) -> None:
    found = course.course(case_of(tiny_lab, right), Attempt(eps=8.0))
    assert found.won.any()
    assert found.shown == int(np.flatnonzero(found.won)[-1])
