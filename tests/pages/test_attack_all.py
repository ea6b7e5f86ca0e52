"""Attack, all pictures: in every state, from arrays worked out by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.backbone.presets import DEFAULT
from engine.bench import _page_words
from engine.exhibits.attack.found import FLAT
from engine.jobs import control
from engine.jobs.analyses import Analyses, Question
from engine.params import Parameter
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address
from pages.ui.attack import choices, declared, one_picture, parts_of
from tests.job_states import analysis, complete, computing
from tests.pages import concept_runs, robust_runs
from tests.pages.saying import sound, words

_ROOT = Path(__file__).resolve().parents[2]
MODULES = [f"pages.ui.attack.{p.stem}" for p in (_ROOT / "pages/ui/attack").glob("[a-z]*.py")]
PARTS = ("answers", "attention", "concepts")
LAST = 3
"""The last task of the runs here."""


def parameter(name: str, default: Any, **more: Any) -> Parameter:
    values = {"low": None, "high": None, "choices": (), "unit": "", "help": f"About {name}.", "group": ""}
    return Parameter(name=name, kind=type(default), default=default, **{**values, **more})


_DECLARED = declared.known
"""The real one, which the page here does not see."""
KNOWN = declared.Choices(
    analysis=(
        parameter("attack", "pgd", choices=("pgd", "square")),
        parameter("eps", "1,2,4,8", high=80),
        parameter("steps", 10, low=1, high=1000),
        parameter("per_class", 2, low=1, high=200),
        parameter("seed", 1993, low=0, high=9999),
    ),
    attacks={"pgd": "PGD: many steps", "square": "Square: random squares"},
)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The declarations at hand; that they are read rightly has a test of its own."""
    monkeypatch.setattr(declared, "known", lambda: KNOWN)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the page has computed: nothing is, in tests."""
    found: list[Question] = []
    monkeypatch.setattr(Analyses, "request", lambda self, question, where=None: found.append(question))
    return found


@pytest.fixture
def visit(home: Path) -> Callable[..., AppTest]:
    """Open the page without the words first."""
    return _opened


def _opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=90)
    app.session_state["text-painted"] = True
    for key, value in {"tab": "all", **query}.items():
        app.query_params[key] = value
    return app.switch_page("pages/attack.py").run()


def chart(app: AppTest, key: str) -> dict[str, Any]:
    (found,) = (c for c in app.get("plotly_chart") if c.proto.id.endswith(f"-{key}"))
    return json.loads(found.proto.spec)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


# -- before there is anything ------------------------------------------------------------------------------------------


def test_without_a_run_it_says_what_it_is_for_and_has_one_button(visit: Any) -> None:
    app = sound(visit())
    assert "changes pictures a little" in words(app)
    assert labels(app) == ["Train the demo"]


@pytest.mark.parametrize("status", ["running", "failed"])
def test_before_the_first_task_there_is_nothing_to_attack(visit: Any, home: Path, status: str) -> None:
    concept_runs.write_concepts(home, status=status, done=0)
    assert "There is a model to attack after the first task" in words(sound(visit()))


def test_the_whole_page_is_drawn_without_torch(home: Path) -> None:
    """A page of stored arrays, and of declarations."""
    run = concept_runs.write_concepts(home)
    robust_runs.store(home, run, LAST, robust_runs.arrays())
    code = (
        f"import sys, {', '.join(MODULES)}; from streamlit.testing.v1 import AppTest\n"
        f"app = AppTest.from_file({str(_ROOT / 'app.py')!r}, default_timeout=90)\n"
        "app.session_state['text-painted'] = True; app.query_params['tab'] = 'all'\n"
        "app.switch_page('pages/attack.py').run()\n"
        "print(app.title[0].value, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True)
    assert done.stdout.strip().endswith("wrong False"), done.stdout + done.stderr


def test_what_can_be_chosen_is_what_is_declared() -> None:
    found = _DECLARED()
    assert {p.name for p in found.analysis} >= {"attack", "eps", "steps", "per_class", "seed"}
    assert "PGD" in found.attacks["pgd"]


# -- asking for it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["finished", "running", "failed"])
def test_nothing_is_attacked_by_itself(visit: Any, home: Path, asked: list[Question], status: str) -> None:
    run = concept_runs.write_concepts(home, status=status, done=3)
    app = sound(visit())
    assert "What can an attacker change?" in words(app) and asked == []
    # 2 images of each of 2 classes a task, seen by 1 + 2 + 3 models, 10 steps at 4 strengths: 960 steps at 200 a second
    assert "12 test images after each of 3 tasks: about 5 s" in words(app)
    app.button(key="measure").click().run()
    assert asked == [Question(run, 2, "robustness", {})]


def test_what_was_chosen_is_what_is_asked_for(visit: Any, home: Path, asked: list[Question]) -> None:
    run = concept_runs.write_concepts(home)
    app = visit()
    app.selectbox(key="attack-choice").set_value("square")
    app.number_input(key="set-robustness-per_class").set_value(5).run()
    app.button(key="measure").click().run()
    assert asked == [Question(run, LAST, "robustness", {"attack": "square", "steps": 200, "per_class": 5})]


def test_the_attack_is_the_one_of_the_other_tab(visit: Any, home: Path, asked: list[Question]) -> None:
    run = concept_runs.write_concepts(home)
    app = visit(attack="square", steps="50")
    assert (app.selectbox(key="attack-choice").value, app.number_input(key="steps-choice").value) == ("square", 50)
    app.button(key="measure").click().run()
    assert asked == [Question(run, LAST, "robustness", {"attack": "square", "steps": 50})]


def test_strengths_that_cannot_be_read_are_refused_at_once(visit: Any, home: Path, asked: list[Question]) -> None:
    concept_runs.write_concepts(home)
    app = visit()
    app.text_input(key="set-robustness-eps").set_value("8, 4").run()
    assert "different numbers from" in words(sound(app))
    app.button(key="measure").click().run()
    assert asked == [] and "ascending" in words(sound(app))


@pytest.mark.parametrize(
    ("state", "said", "button"),
    [
        ("running", "attacking", "Cancel"),
        ("failed", "No space is left", "Try again"),
        ("stopped", "Cancelled", "Try again"),
    ],
)
def test_a_measurement_on_its_way(visit: Any, home: Path, state: str, said: str, button: str) -> None:
    run = concept_runs.write_concepts(home)
    store, question = RunStore(home), Question(run, LAST, "robustness", {"steps": 5})
    computing(store, question, 3, 10, "attacking task 2")
    if state != "running":
        analysis(store, question, state, "no space is left" if state == "failed" else None)
    app = sound(visit())
    told = words(app) + "".join(p.proto.text for p in app.get("progress"))
    assert said in told and any(label.startswith(button) for label in labels(app))
    assert any(box.proto.popover.label == "Another attack" for box in app.get("popover"))


# -- over the run ------------------------------------------------------------------------------------------------------


@pytest.fixture
def measured(home: Path) -> str:
    run = concept_runs.write_concepts(home)
    robust_runs.store(home, run, LAST, robust_runs.arrays())
    return run


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, AppTest]:
    """The parts of the page at 2/255, drawn once for all who only read them."""
    home = tmp_path_factory.mktemp("seen")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMAGE_HOME", str(home))
        patch.setattr(declared, "known", lambda: KNOWN)
        run = concept_runs.write_concepts(home)
        robust_runs.store(home, run, LAST, robust_runs.arrays())
        return {part: sound(_opened(eps="2", measure="cosine", guide="row", cell="3-1", view=part)) for part in PARTS}


def test_the_headline_counts_what_the_arrays_say(seen: dict[str, AppTest]) -> None:
    """32 images, 24 right; at 2/255 two of four are held, of the first task one: 14 of 32 right."""
    text = words(seen["answers"])
    assert "At 2/255, 56 of 100 answers are wrong" in text
    assert "44 %" in text and "75 %" in text and "No sign of masked gradients" in text


def test_both_matrices_are_on_one_scale(seen: dict[str, AppTest]) -> None:
    clean, attacked = (chart(seen["answers"], key)["data"][0] for key in ("clean-matrix", "attacked-matrix"))
    assert [(m["zmin"], m["zmax"], m["colorscale"]) for m in (clean, attacked)] == [(0, 1, clean["colorscale"])] * 2
    texts = [a["text"] for a in chart(seen["answers"], "attacked-matrix")["layout"]["annotations"]]
    assert texts == ["25", "25", "50", "25", "50", "50", "25", "50", "50", "50"]


def test_attention_concepts_and_the_claim(seen: dict[str, AppTest]) -> None:
    text = (words(seen["attention"]) + words(seen["concepts"])).replace("&#x27;", "'").replace("&quot;", '"')
    assert "attention is moved" in text.lower() and "1 − likeness" in text
    assert "Attention to the bill shape moves furthest" in text
    assert "The paper's claim holds here: where attention moves, answers fall, also at equal clean margins" in text
    assert "tells who is fooled" in text
    assert "moved further 100 % of the time" in text and "10 of 24 images fooled" in text
    assert "“red crown” is fooled most easily: on 54 % of the images" in text
    assert "“green back” holds best" in text


def test_the_birds_behind_a_cell_are_shown(seen: dict[str, AppTest]) -> None:
    assert "At 2/255 the attack turns 4 of the pictures of task 1 that the model after task 3 got right" in words(
        seen["answers"]
    )


def test_only_the_open_part_is_drawn(seen: dict[str, AppTest]) -> None:
    keys = {part: {c.proto.id.rpartition("-")[2] for c in app.get("plotly_chart")} for part, app in seen.items()}
    assert all(keys.values()) and not keys["answers"] & (keys["attention"] | keys["concepts"]) - {"matrix", "lines"}


def test_a_link_to_an_exhibit_opens_its_part(visit: Any, measured: str) -> None:
    """Also one of a time when everything was on one page."""
    app = sound(visit(exhibit="shift-claim", view="run"))
    assert "The link led here" in words(app) and chart(app, "claim-bars")


def test_one_menu_has_every_part_and_an_address_of_two_rows_of_tabs_still_holds(visit: Any, measured: str) -> None:
    app = sound(visit())
    menus = [menu for menu in app.get("button_group") if menu.key == "view-choice"]
    assert [menu.options for menu in menus] == [[*parts_of.PARTS.values()]] and "tab-choice" not in app.session_state
    assert app.query_params["view"] == "answers" and "tab" not in app.query_params
    app = sound(visit(view="twins"))
    assert "Does another backbone hold?" in app.title[0].value and app.query_params["tab"] == "all"


def test_the_bench_reads_every_part() -> None:
    assert {*parts_of.PARTS} == {"attack", *_page_words.PARTS["attack"]} - {"twins-all"}


def test_an_earlier_moment_and_one_group(visit: Any, measured: str) -> None:
    app = sound(visit(eps="2", task="2"))
    texts = [a["text"] for a in chart(app, "attacked-matrix")["layout"]["annotations"]]
    assert texts == ["25", "25", "50"]
    app = sound(visit(eps="2", task="2", group="bill", view="concepts"))
    assert "“hooked bill” is fooled most easily" in words(app)
    assert chart(app, "easiest-bars")["layout"]["yaxis"]["ticktext"] == ["hooked bill"]


def test_every_answer_wrong_and_masked_gradients(visit: Any, home: Path) -> None:
    run = concept_runs.write_concepts(home)
    result = robust_runs.arrays()
    result["outcome"] = np.where(result["outcome"] >= 0, 0, -1).astype(np.int8)
    result["accuracy"] = np.where(np.isnan(result["accuracy"]), np.nan, 0).astype(np.float32)
    result["shift"] = np.full_like(result["shift"], np.nan)
    result["flat"][3, 1], result["rising"][0, 2] = 0.4, False
    robust_runs.store(home, run, LAST, result)
    text = words(sound(visit(view="attention")))
    assert "100 of 100 answers are wrong" in text and "No image that was right could be followed" in text
    assert "signs of masked gradients" in text and "at 8/255 up to 40 % of the images had no gradient" in text
    assert "at 1/255 more steps did not raise the loss" in text.lower()


def test_no_maps_no_concepts_and_one_task(visit: Any, home: Path) -> None:
    run = concept_runs.write_concepts(home, learns=False, done=1, status="stopped")
    robust_runs.store(home, run, 0, robust_runs.arrays(1, concepts=(), maps=False))
    text = "".join(words(sound(visit(view=part))) for part in PARTS)
    assert "keeps no patch tokens" in text and "nothing to fool" in text and "not known" in text


@pytest.mark.parametrize(
    "bad",
    [
        {"eps": "77", "cell": "9-9", "measured": "x" * 999, "attack": "x"},
        {"eps": "<b>", "cell": "²-1", "guide": "x", "measure": "x", "group": "x", "view": "x"},
    ],
    ids=["unknown", "hostile"],
)
def test_an_address_that_makes_no_sense_shows_the_default(visit: Any, measured: str, bad: dict[str, str]) -> None:
    """The default is where half is gone: at 4/255 one of four is held, of the first task none, 6 of 24."""
    app = sound(visit(**bad))
    assert app.title[0].value.startswith("At 4/255") and "eps" not in app.query_params
    assert app.session_state["address-held"].get("cell") is None


def test_a_found_picture_opens_in_the_other_tab(
    visit: Any, measured: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    robust_runs.store(home, measured, LAST, robust_runs.arrays(), attack="square", steps=99)
    opened: list[tuple[Any, str]] = []
    monkeypatch.setattr(one_picture, "show", lambda here, part: opened.append((here.moment, part)))
    app = visit(eps="2", view="attention", task="3")
    app.button(key="ro-furthest").click().run()
    held = app.session_state["address-held"]
    assert held["image"].startswith("test:") and opened == [(2, "attack")]
    assert (held["view"], held["attack"], held["eps"], held["steps"]) == ("attack", "square", "2", "99")


def test_several_measurements_can_be_told_apart(visit: Any, measured: str, home: Path) -> None:
    robust_runs.store(home, measured, LAST, robust_runs.arrays(kept=(1.0, 1.0, 1.0, 1.0)), attack="square", steps=99)
    app = sound(visit())
    assert app.selectbox(key="measured-choice").value == "attack square; steps 99"  # the newest
    assert app.title[0].value.startswith("At 8/255")
    app.selectbox(key="measured-choice").set_value("usual").run()
    assert app.title[0].value.startswith("At 4/255")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"attack": "square"}, "needs no gradients"),
        ({"steps": 1}, "so few steps"),
        ({"to_the_end": False}, "Only answers were measured"),
    ],
    ids=["square", "one step", "answers only"],
)
def test_what_cannot_be_seen_is_not_claimed(visit: Any, home: Path, settings: dict[str, Any], said: str) -> None:
    run = concept_runs.write_concepts(home, done=1, status="stopped")
    robust_runs.store(home, run, 0, robust_runs.arrays(1, maps=settings.get("to_the_end", True)), **settings)
    text = words(sound(visit())) + words(sound(visit(view="attention")))
    assert said in text and "No sign of masked" not in text


def test_gradients_are_suspect_from_the_share_that_attacks_warn_of() -> None:
    from engine.attacks.warnings import FLAT_SHARE

    assert FLAT == FLAT_SHARE


def test_which_measurement_an_address_means() -> None:
    usual, square = (Question("run", 0, "robustness", s) for s in ({}, {"attack": "square", "steps": 9}))
    with pytest.MonkeyPatch.context() as patch:
        for held, chosen in (
            ({}, usual),
            ({"measured": "attack square; steps 9"}, square),
            ({"attack": "square"}, square),
            ({"measured": "usual", "attack": "square"}, usual),
            ({"attack": "x", "measured": "x"}, usual),
        ):
            patch.setattr(address, "value", held.get)
            assert choices.measured([usual, square]) == chosen
        assert choices.measured([]) is None


# -- two backbones -----------------------------------------------------------------------------------------------------


def _twin(home: Path, run: str, folder: str = "/nowhere/firm", done: int = 4) -> str:
    setup = RunView(RunStore(home), run).config.changed(backbone=f"local-dir:{folder}")
    return concept_runs.write_concepts(home, setup=setup, done=done, status="finished" if done == 4 else "running")


def test_without_a_twin_it_teaches_and_offers_one(
    visit: Any, measured: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "backbones" / "firm"
    folder.mkdir(parents=True)
    complete(folder)
    started: list[Any] = []
    monkeypatch.setattr(control, "start", lambda config, name="": started.append((config, name)) or "x")
    app = sound(visit(view="twins"))
    assert "Does another backbone hold?" in words(app)
    app.button(key="twin-firm").click().run()
    ((config, name),) = started
    assert config.backbone == f"local-dir:{home / 'backbones' / 'firm'}" and name.endswith("on firm")
    assert config.changed(backbone=DEFAULT) == RunView(RunStore(home), measured).config


def test_a_twin_that_has_learnt_nothing_yet(visit: Any, measured: str, home: Path) -> None:
    _twin(home, measured, done=0)
    app = sound(visit(view="twins", run=measured))
    assert "no task of it is finished yet" in words(app)


def test_a_twin_without_a_measurement_is_offered_one(
    visit: Any, measured: str, home: Path, asked: list[Question]
) -> None:
    other = _twin(home, measured)
    app = sound(visit(view="twins", run=measured))
    assert "the same attack on firm" in words(app) and asked == []
    next(button for button in app.button if button.label == "Compute").click().run()
    assert asked == [Question(other, LAST, "robustness", {})]


def test_a_measurement_may_be_asked_of_a_cluster(visit: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places: list[Any] = []
    monkeypatch.setattr(Analyses, "request", lambda self, question, where=None: places.append(where))
    monkeypatch.setattr("engine.experiments.where.find_spec", lambda name: object())
    app = sound(visit(run=concept_runs.write_concepts(home)))
    app.text_input(key="measure-where-on").set_value("nonsense").run()
    assert app.button(key="measure").disabled
    app.text_input(key="measure-where-on").set_value("10.0.0.5:6379").run()
    app.number_input(key="measure-where-gpus").set_value(0.5).run()
    app.button(key="measure").click().run()
    app.text_input(key="measure-where-on").set_value("").run()
    app.button(key="measure").click().run()
    assert places == [{"on": "10.0.0.5:6379", "cpus": 1, "memory": 0.0, "gpus": 0.5}, {}]
    monkeypatch.setattr("engine.experiments.where.find_spec", lambda name: None)
    without = sound(visit(run=concept_runs.write_concepts(home)))
    assert "measure-where-on" not in {field.key for field in without.text_input}


def test_a_run_without_a_measurement_is_measured_first(visit: Any, home: Path) -> None:
    run = concept_runs.write_concepts(home)
    _twin(home, run)
    app = sound(visit(view="twins", run=run))
    assert "has not been measured yet" in words(app)
    app.button(key="measure-first").click().run()
    assert "What can an attacker change?" in words(app)


def test_two_backbones_are_compared_on_the_same_images(visit: Any, measured: str, home: Path) -> None:
    other = _twin(home, measured)
    robust_runs.store(home, other, LAST, robust_runs.arrays(kept=(1.0, 1.0, 0.75, 0.5), attacked_like=1))
    app = sound(visit(view="twins", run=measured))
    text = words(app)
    # of 32 images at 4/255: plain 0 + 24 / 4 = 6, firm 2 * 2 + 24 * 3 / 4 = 22, which is 50 points
    assert "At 4/255 firm keeps 69 % right, aviary-clip 19 %" in text
    assert "firm against aviary-clip: +50 points" in text and "over the same 32 images" in text
    assert "Under attack firm is ahead on 4 of 4 tasks" in text and "Attention of firm moves less" in text
