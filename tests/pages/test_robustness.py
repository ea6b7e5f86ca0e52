"""The page Robustness: in every state, from arrays worked out by hand; and defences as real background processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.backbone.presets import DEFAULT
from engine.exhibits.robustness.found import FLAT
from engine.jobs import backbones, control
from engine.jobs.analyses import Analyses, Question
from engine.params import Parameter
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import address
from pages.ui.robustness import choices, declared, examples
from tests.job_states import analysis, complete, computing
from tests.pages import concept_runs, robust_runs
from tests.pages.saying import sound, words

_ROOT = Path(__file__).resolve().parents[2]
MODULES = [f"pages.ui.robustness.{p.stem}" for p in (_ROOT / "pages/ui/robustness").glob("[a-z]*.py")]
LAST = 3
"""The last task of the runs here."""
PATIENCE = 20.0


def _parameter(name: str, default: Any, **more: Any) -> Parameter:
    values = {"low": None, "high": None, "choices": (), "unit": "", "help": f"About {name}.", "group": ""}
    return Parameter(name=name, kind=type(default), default=default, **{**values, **more})


_DECLARED = declared.known
"""The real one, which the page here does not see."""
KNOWN = declared.Choices(
    analysis=(
        _parameter("attack", "pgd", choices=("pgd", "square")),
        _parameter("eps", "1,2,4,8", high=80),
        _parameter("steps", 10, low=1, high=1000),
        _parameter("per_class", 2, low=1, high=200),
        _parameter("seed", 1993, low=0, high=9999),
    ),
    attacks={"pgd": "PGD: many steps", "square": "Square: random squares"},
    defences={
        "tga": declared.DefenceChoice(
            "tga",
            "TGA-ZSR: attention stays",
            "Pulls <b>maps</b> back.",
            (
                _parameter("steps", 2000, low=1, high=100_000),
                _parameter("batch", 64, low=2, high=4096),
                _parameter("attack_steps", 2, low=1, high=50),
            ),
        )
    },
    images=30_000,
)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The declarations at hand; that they are read rightly has a test of its own."""
    monkeypatch.setattr(declared, "known", lambda: KNOWN)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What the page has computed: nothing is, in tests."""
    found: list[Question] = []
    monkeypatch.setattr(Analyses, "request", lambda self, question: found.append(question))
    return found


@pytest.fixture
def visit(home: Path) -> Callable[..., AppTest]:
    """Open the page without the words first."""
    return _opened


def _opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(_ROOT / "app.py"), default_timeout=90)
    app.session_state["text-painted"] = True
    for key, value in query.items():
        app.query_params[key] = value
    return app.switch_page("pages/robustness.py").run()


def chart(app: AppTest, key: str) -> dict[str, Any]:
    (found,) = (c for c in app.get("plotly_chart") if c.proto.id.endswith(f"-{key}"))
    return json.loads(found.proto.spec)


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


# -- before there is anything ------------------------------------------------------------------------------------------


def test_without_a_run_it_says_what_it_is_for_and_has_one_button(visit: Any) -> None:
    app = sound(visit())
    assert "what tiny changes of pixels do to a model" in words(app)
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
        "app.session_state['text-painted'] = True; app.switch_page('pages/robustness.py').run()\n"
        "print(app.title[0].value, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True)
    assert done.stdout.strip().endswith("wrong False"), done.stdout + done.stderr


def test_what_can_be_chosen_is_what_is_declared() -> None:
    found = _DECLARED()
    assert {p.name for p in found.analysis} >= {"attack", "eps", "steps", "per_class", "seed"}
    assert next(iter(found.defences)) == "tga" and {"tecoa", "comp_tga"} < set(found.defences)
    assert "`" not in "".join(d.help for d in found.defences.values()) and "PGD" in found.attacks["pgd"]


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
    app.selectbox(key="set-robustness-attack").set_value("square")
    app.number_input(key="set-robustness-per_class").set_value(5).run()
    app.button(key="measure").click().run()
    assert asked == [Question(run, LAST, "robustness", {"attack": "square", "per_class": 5})]


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
    assert "Measure with other settings" in [box.label for box in app.expander]


# -- over the run ------------------------------------------------------------------------------------------------------


@pytest.fixture
def measured(home: Path) -> str:
    run = concept_runs.write_concepts(home)
    robust_runs.store(home, run, LAST, robust_runs.arrays())
    return run


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> AppTest:
    """The page at 2/255, drawn once for all who only read it."""
    home = tmp_path_factory.mktemp("seen")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMAGE_HOME", str(home))
        patch.setattr(declared, "known", lambda: KNOWN)
        run = concept_runs.write_concepts(home)
        robust_runs.store(home, run, LAST, robust_runs.arrays())
        return sound(_opened(eps="2", measure="cosine", guide="row", cell="3-1"))


def test_the_headline_counts_what_the_arrays_say(seen: AppTest) -> None:
    """32 images, 24 right; at 2/255 two of four are held, of the first task one: 14 of 32 right."""
    text = words(seen)
    assert "At 2/255, 56 of 100 answers are wrong" in text
    assert "Without an attack 25 of 100 are. Under attack it keeps 25 % of the birds of task 1, its first" in text
    assert "44 %" in text and "75 %" in text and "No sign of masked gradients" in text


def test_both_matrices_are_on_one_scale(seen: AppTest) -> None:
    clean, attacked = (chart(seen, key)["data"][0] for key in ("clean-matrix", "attacked-matrix"))
    assert [(m["zmin"], m["zmax"], m["colorscale"]) for m in (clean, attacked)] == [(0, 1, clean["colorscale"])] * 2
    texts = [a["text"] for a in chart(seen, "attacked-matrix")["layout"]["annotations"]]
    assert texts == ["25", "25", "50", "25", "50", "50", "25", "50", "50", "50"]


def test_attention_concepts_and_the_claim(seen: AppTest) -> None:
    text = words(seen).replace("&#x27;", "'").replace("&quot;", '"')
    assert "attention is moved" in text.lower() and "1 − likeness" in text
    assert "Attention to the bill shape moves furthest" in text
    assert "The paper's claim holds here: where attention moves, answers fall, also at equal clean margins" in text
    assert "tells who is fooled" in text
    assert "moved further 100 % of the time" in text and "10 of 24 images fooled" in text
    assert "“red crown” is fooled most easily: on 54 % of the images" in text
    assert "“green back” holds best" in text


def test_the_birds_behind_a_cell_are_shown(seen: AppTest) -> None:
    assert "At 2/255 the attack turns 4 of the birds of task 1 that the model after task 3 got right" in words(seen)


def test_an_earlier_moment_and_one_group(visit: Any, measured: str) -> None:
    app = sound(visit(eps="2", task="2", group="bill"))
    texts = [a["text"] for a in chart(app, "attacked-matrix")["layout"]["annotations"]]
    assert texts == ["25", "25", "50"] and "task 2, its newest" in words(app)
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
    text = words(sound(visit()))
    assert "100 of 100 answers are wrong" in text and "No image that was right could be followed" in text
    assert "signs of masked gradients" in text and "at 8/255 up to 40 % of the images had no gradient" in text
    assert "at 1/255 more steps did not raise the loss" in text.lower()


def test_no_maps_no_concepts_and_one_task(visit: Any, home: Path) -> None:
    run = concept_runs.write_concepts(home, learns=False, done=1, status="stopped")
    robust_runs.store(home, run, 0, robust_runs.arrays(1, concepts=(), maps=False))
    text = words(sound(visit()))
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


def test_a_bird_leads_to_the_attention_page(visit: Any, measured: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(eps="2")
    gone: list[str] = []
    monkeypatch.setattr("streamlit.switch_page", lambda page: gone.append(page))
    app.button(key="ro-furthest").click().run()
    assert gone == [examples.ATTENTION]
    held = app.session_state["address-held"]
    assert held["image"].startswith("test:") and held["eps"] == "2"


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
    text = words(sound(visit()))
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
    _finished_backbone(home, "firm")
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
    assert "no task of it is finished yet" in words(app) and "Look at it on the Run page" in labels(app)


def test_a_twin_without_a_measurement_is_offered_one(
    visit: Any, measured: str, home: Path, asked: list[Question]
) -> None:
    other = _twin(home, measured)
    app = sound(visit(view="twins", run=measured))
    assert "the same attack on firm" in words(app) and asked == []
    next(button for button in app.button if button.label == "Compute").click().run()
    assert asked == [Question(other, LAST, "robustness", {})]


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


# -- defence -----------------------------------------------------------------------------------------------------------


def _finished_backbone(home: Path, name: str) -> None:
    folder = home / "backbones" / name
    folder.mkdir(parents=True)
    complete(folder)


def _tuning(home: Path, status: str, error: str | None = None, **columns: object) -> None:
    """The one backbone's job is so far."""
    values = {"status": status, "error": error, **columns}
    with RunStore(home).database.writing() as db:
        names = ", ".join(f"{name} = ?" for name in values)
        db.execute(f"UPDATE jobs SET {names} WHERE kind = 'backbone'", tuple(values.values()))


def test_a_defence_can_be_made_before_there_is_a_run(visit: Any) -> None:
    app = sound(visit(view="defence"))
    text = words(app)
    assert "TeCoA attacks pictures" in text and "Comp-TGA weighs" in text and "Pulls <b>maps</b> back." in text
    # 2000 steps of 64 images, 4.5 passes each at 200 a second, and 30,000 birds at 300 a second: 49.7 minutes
    assert "About 50 min on two cores" in text and app.text_input[0].value == "tga"


def test_it_is_started_shown_paused_and_resumed(visit: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RunStore(home)
    monkeypatch.setattr("engine.jobs.queue.os.cpu_count", lambda: 1)
    backbones.start(store, "first", "tga", {})  # takes the only place
    app = visit(view="defence")
    app.text_input[0].set_value("firm").run()
    app.button(key="defend").click().run()
    app = sound(visit(view="defence"))  # another tab, later
    assert "Waits for backbone first, place 1" in [bar.proto.text for bar in app.get("progress")]
    backbones.cancel(store, "first")
    visit(view="defence")  # whoever looks starts what waits
    now = time.time()
    _tuning(home, "running", done=25, total=100, since=now - 30, word="tuning, robust 1.500")
    bar = sound(visit(view="defence")).get("progress")[0].proto
    told = bar.text.replace("\\", "")
    assert bar.value == 25 and told.startswith("Tuning, robust 1.500, 25 of 100, about 1 min 3"), told
    app = visit(view="defence")
    app.button(key="stop-firm").click().run()
    app = sound(visit(view="defence"))
    assert "paused" in words(app) and "Resume" in labels(app)
    app.button(key="resume-firm").click().run()
    assert backbones.get(store, "firm").status == "running"
    complete(backbones.get(store, "firm").folder)
    _tuning(home, "finished", done=100, total=100)
    assert "100 steps" in words(sound(visit(view="defence")))


def test_a_finished_one_trains_a_twin_and_shows_its_card(
    visit: Any, measured: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = backbones.start(RunStore(home), "firm", "tga", {})
    complete(found.folder)
    (found.folder / "README.md").write_text("# tga\n<script>")
    _tuning(home, "finished")
    started: list[Any] = []
    monkeypatch.setattr(control, "start", lambda config, name="": started.append(config) or "x")
    app = sound(visit(view="defence"))
    assert "# tga\n<script>" in [code.value for code in app.code]
    app.button(key="twin-firm").click().run()
    assert [config.backbone for config in started] == [found.spec]


def test_a_failure_says_why_and_can_be_cancelled(visit: Any, home: Path) -> None:
    backbones.start(RunStore(home), "firm", "tga", {"steps": 5})
    _tuning(home, "failed", "tga: lr = 9. Lower it.")
    app = sound(visit(view="defence"))
    assert "Tga: lr = 9. Lower it." in words(app) and "steps 5" in words(app)
    app.button(key="cancel-firm").click().run()
    assert backbones.listed(RunStore(home)) == [] and "It failed" not in words(sound(app))


@pytest.mark.parametrize("name", ["../up", "Ärger", ""])
def test_a_name_that_is_not_allowed_is_refused(visit: Any, home: Path, name: str) -> None:
    app = visit(view="defence")
    app.text_input[0].set_value(name).run()
    app.button(key="defend").click().run()
    assert "Small letters, digits" in words(sound(app)) and backbones.listed(RunStore(home)) == []
