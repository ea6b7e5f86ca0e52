"""Harden a CLIP first, in the form of a new run: defences as background processes, and training on what they made."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.jobs import backbones, control
from engine.store.store import RunStore
from pages.ui import context
from pages.ui.run import defences
from tests.job_states import complete
from tests.pages.opening import at_page
from tests.pages.saying import sound, words
from tests.pages.test_attack_all import labels, parameter

_REAL = defences.known
"""The declared defences, which the form here does not see."""
KNOWN = defences.Defences(
    {
        "tga": defences.DefenceChoice(
            "TGA-ZSR: attention stays",
            "Pulls <b>maps</b> back.",
            (
                parameter("steps", 2000, low=1, high=100_000),
                parameter("batch", 64, low=2, high=4096),
                parameter("attack_steps", 2, low=1, high=50),
            ),
        )
    },
    images=30_000,
)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The declarations at hand; that they are read rightly has a test of its own."""
    monkeypatch.setattr(defences, "known", lambda: KNOWN)


@pytest.fixture
def visit(home: Path) -> Callable[..., AppTest]:
    """Open the form of a new run with the fold open."""

    def opened(unfolded: bool = True) -> AppTest:
        app = at_page("run")
        app.session_state[context.COMPOSING] = True
        app.session_state["harden"] = unfolded
        return app.run()

    return opened


def name_of(app: AppTest) -> Any:
    """The field for the name of a new backbone."""
    return next(field for field in app.text_input if field.label == "Name of the backbone")


def test_what_can_be_chosen_is_what_is_declared() -> None:
    found = _REAL()
    assert next(iter(found.all)) == "tga" and {"tecoa", "comp_tga"} < set(found.all)
    assert "`" not in "".join(one.help for one in found.all.values()) and found.images > 0


def _tuning(home: Path, status: str, error: str | None = None, **columns: object) -> None:
    """The one backbone's job is so far."""
    values = {"status": status, "error": error, **columns}
    with RunStore(home).database.writing() as db:
        names = ", ".join(f"{name} = ?" for name in values)
        db.execute(f"UPDATE jobs SET {names} WHERE kind = 'backbone'", tuple(values.values()))


def test_a_backbone_can_be_hardened_before_there_is_a_run(visit: Any) -> None:
    app = sound(visit())
    text = words(app)
    assert "Pulls <b>maps</b> back." in text
    # 2000 steps of 64 images, 4.5 passes each at 200 a second, and 30,000 birds at 300 a second: 49.7 minutes
    assert "About 50 min on two cores" in text and name_of(app).value == "tga"


def test_it_is_started_shown_paused_and_resumed(visit: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RunStore(home)
    monkeypatch.setattr("engine.jobs.queue.os.cpu_count", lambda: 1)
    backbones.start(store, "first", "tga", {})  # takes the only place
    app = visit()
    name_of(app).set_value("firm").run()
    app.button(key="defend").click().run()
    app = sound(visit())  # another tab, later
    assert "Waits for backbone first, place 1" in [bar.proto.text for bar in app.get("progress")]
    backbones.cancel(store, "first")
    visit()  # whoever looks starts what waits
    now = time.time()
    _tuning(home, "running", done=25, total=100, since=now - 30, word="tuning, robust 1.500")
    bar = sound(visit()).get("progress")[0].proto
    told = bar.text.replace("\\", "")
    assert bar.value == 25 and told.startswith("Tuning, robust 1.500, 25 of 100, about 1 min 3"), told
    app = visit()
    app.button(key="stop-firm").click().run()
    app = sound(visit())
    assert "paused" in words(app) and "Resume" in labels(app)
    app.button(key="resume-firm").click().run()
    assert backbones.get(store, "firm").status == "running"
    complete(backbones.get(store, "firm").folder)
    _tuning(home, "finished", done=100, total=100)
    assert "100 steps" in words(sound(visit()))


def test_a_run_is_trained_on_a_finished_one_and_its_card_is_shown(
    visit: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = backbones.start(RunStore(home), "firm", "tga", {})
    complete(found.folder)
    (found.folder / "README.md").write_text("# tga\n<script>")
    _tuning(home, "finished")
    app = sound(visit())
    assert "# tga\n<script>" in [code.value for code in app.code]
    started: list[Any] = []
    monkeypatch.setattr(control, "start", lambda config, name="", **rest: started.append(config) or "x")
    monkeypatch.setattr("pages.ui.run.launch.preflight", lambda config, progress: None)
    app = sound(app.button(key="use-firm").click().run())
    app.session_state["all-settings"] = True
    app = sound(app.run())
    assert app.text_input(key="set-demo-backbone").value == found.spec and not app.warning
    app.button(key="start").click().run()
    assert [config.backbone for config in started] == [found.spec]


def test_nothing_of_it_is_drawn_while_it_is_folded(visit: Any) -> None:
    app = sound(visit(unfolded=False))
    assert "Harden a CLIP first" in [box.label for box in app.expander]
    assert "defend" not in [button.key for button in app.button]


def test_a_failure_says_why_and_can_be_cancelled(visit: Any, home: Path) -> None:
    backbones.start(RunStore(home), "firm", "tga", {"steps": 5})
    _tuning(home, "failed", "tga: lr = 9. Lower it.")
    app = sound(visit())
    assert "Tga: lr = 9. Lower it." in words(app) and "steps 5" in words(app)
    app.button(key="cancel-firm").click().run()
    assert backbones.listed(RunStore(home)) == [] and "It failed" not in words(sound(app))


@pytest.mark.parametrize("name", ["../up", "Ärger", ""])
def test_a_name_that_is_not_allowed_is_refused(visit: Any, home: Path, name: str) -> None:
    app = visit()
    name_of(app).set_value(name).run()
    app.button(key="defend").click().run()
    assert "Small letters, digits" in words(sound(app)) and backbones.listed(RunStore(home)) == []
