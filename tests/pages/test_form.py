"""The form for a new run: widgets come from declarations, and only what was changed is handed on."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.params import Parameter, parameters_of
from engine.runs.config import RunConfig
from engine.runs.store import RunStore
from pages.ui.text import duration
from pages.ui.widgets import groups, label_of
from tests.pages.stores import write_run

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Configs that would have been started."""
    found: list[Any] = []

    def start(config: RunConfig, name: str = "", store: RunStore | None = None) -> str:
        found.append((config, name))
        return (store or RunStore()).create(config, name)

    monkeypatch.setattr("engine.runs.control.start", start)
    return found


@pytest.fixture
def form(open_page: Any, home: Path) -> Any:
    """The form, on a store that has a run."""
    write_run(home)
    app = open_page()
    app.button(key="new-run").click().run()
    return app


def test_a_preset_starts_as_it_is(form: Any, started: list[Any]) -> None:
    form.segmented_control(key="preset").set_value("tiny").run()
    form.text_input(key="run-name").set_value("  my run ").run()
    form.button(key="start").click().run()
    ((config, name),) = started
    assert (config.classes, config.increment, config.method, name) == (6, 2, "clg_cbm", "my run")
    assert not form.exception


def test_only_what_was_changed_differs_even_after_the_settings_are_folded(form: Any, started: list[Any]) -> None:
    form.session_state["all-settings"] = True
    form.run()
    form.number_input(key="set-demo-classes").set_value(20).run()
    form.number_input(key="set-demo-clg_cbm-epochs").set_value(3).run()
    form.session_state["all-settings"] = False
    form.run()
    form.button(key="start").click().run()
    ((config, _),) = started
    usual = RunConfig()
    changed = {k for k, v in config.to_mapping().items() if v != usual.to_mapping()[k]}
    assert changed == {"classes", "settings"}
    assert {k for k, v in config.settings.items() if v != usual.settings[k]} == {"epochs"}


def test_every_declared_parameter_has_a_widget_with_its_limits(form: Any) -> None:
    form.session_state["all-settings"] = True
    form.run()
    assert not form.exception
    for declared in parameters_of(RunConfig):
        if declared.name == "method":
            continue
        widget = form.get_by_key(f"set-demo-{declared.name}")
        if declared.kind in (int, float):
            assert (widget.min, widget.max) == (declared.low, declared.high), declared.name
        if declared.choices:
            assert tuple(widget.options) == declared.choices


def test_a_methods_whole_description_stands_with_its_settings(form: Any) -> None:
    form.session_state["all-settings"] = True
    form.selectbox(key="method").set_value("clg_cbm_published").run()
    said = " ".join(caption.value for caption in form.caption)
    assert said.count("epochs are selected on the current task alone") == 1
    assert "the released code selects on the test set" in said and "`concept_prompt`" in said


def test_settings_that_do_not_go_together_are_a_message(form: Any) -> None:
    form.session_state["all-settings"] = True
    form.run()
    form.number_input(key="set-demo-classes").set_value(4).run()
    form.button(key="start").click().run()
    assert not form.exception
    assert any("A task has at most all 4 classes." in e.value for e in form.html)


def test_labels_are_words_and_name_a_unit_once() -> None:
    def declared(name: str, unit: str) -> Parameter:
        return Parameter(name, int, 1, 0, 9, (), unit, "", "Group")

    assert label_of(declared("train_per_class", "images")) == "Train per class (images)"
    assert label_of(declared("search_epochs", "epochs")) == "Search epochs"
    assert list(groups([declared("a", ""), declared("b", "")])) == ["Group"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (0.4, "0 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (4200, "1 h 10 min")]
)
def test_spans_of_time_in_words(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_no_page_of_a_finished_run_loads_torch(home: Path) -> None:
    write_run(home)
    code = f"""
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(_ROOT / "app.py")!r}, default_timeout=90).run()
app.run()
app.switch_page("pages/tasks.py").run()
app.run()
heavy = sorted({{"torch", "open_clip"}} & set(sys.modules))
print(json.dumps([bool(app.exception), len(app.get("plotly_chart")), heavy]))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, timeout=120)
    assert json.loads(run.stdout.splitlines()[-1]) == [False, 4, []], run.stderr[-2000:]


def test_the_server_is_strict() -> None:
    config = tomllib.loads((_ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["maxUploadSize"] <= 200
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "type"
    assert {"light", "dark"} <= set(config["theme"])
