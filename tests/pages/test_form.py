"""The form for a new run: widgets come from declarations, and only what was changed is handed on."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit.config import get_option

from engine.data.aviary.species import load_species
from engine.methods.base import FAMILIES
from engine.params import Parameter
from engine.runs.catalog import catalog, method_info
from engine.runs.config import RunConfig, parameters_for, preset
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui.text import duration, safe
from pages.ui.widgets import groups, label_of
from tests.pages.saying import words, wrong
from tests.pages.stores import write_run

_ROOT = Path(__file__).resolve().parents[2]


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
    assert (config.data["classes"], config.increment, config.method, name) == (6, 2, "clg_cbm", "my run")
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
    for declared in parameters_for("aviary"):
        if declared.name == "method":
            continue
        widget = form.get_by_key(f"set-demo-{declared.name}")
        if declared.kind in (int, float):
            assert (widget.min, widget.max) == (declared.low, declared.high), declared.name
        if declared.choices:
            assert widget.options == [declared.words(choice) for choice in declared.choices]


def test_a_methods_whole_description_is_a_click_away(form: Any) -> None:
    form.button(key="method-open").click().run()
    form.button(key="take-clg_cbm_published").click().run()
    assert method_info("clg_cbm_published").summary in words(form)
    form.session_state["about-method"] = True
    form.run()
    said = words(form)
    info = method_info("clg_cbm_published")
    assert " ".join(info.help.split()) in said
    assert [f"**{word}.** {text}" in said for word, text in info.parts.items()] == [True] * 4


def test_methods_stand_in_families_with_a_sentence_what_they_need_and_what_they_took(form: Any, home: Path) -> None:
    took = write_run(home, setup=preset("tiny").changed(classes=8, method="ncm"))
    form.button(key="method-open").click().run()
    family = form.segmented_control(key="method-family")
    assert family.value == "bottleneck" and [option.partition(" (")[0] for option in family.options] == [
        title for kind, title in FAMILIES.items() if any(one.family == kind for one in catalog().values())
    ]
    assert form.button(key="take-clg_cbm").icon == ":material/check_circle:", "the list opens at the one chosen"
    said = _card(form, "clg_cbm")
    assert "Needs concepts of every class, class names that the backbone can read. Here " in said
    assert "on other data or tasks" in said
    family.set_value("bound").run()
    view = RunView(RunStore(home), took)
    assert f"Here {duration(sum(t.seconds for t in view.timing))} and " in _card(form, "ncm")
    assert "Not measured here." in _card(form, "joint") and "all earlier images" in _card(form, "joint")
    form.button(key="take-ncm").click().run()
    assert _cards(form) == [] and method_info("ncm").summary in words(form)


def test_a_method_that_cannot_learn_the_run_says_why_and_is_off(form: Any, started: list[Any]) -> None:
    """Words that the backbone never read: zero-shot has nothing to go by, CLG-CBM can do without a part of itself."""
    form.session_state["all-settings"] = True
    form.run()
    form.text_area(key="set-demo-renamed_classes").set_value("0=quetzal").run()
    form.button(key="method-open").click().run()
    card = _card(form, "clg_cbm")
    assert "Not for this run: the backbone was never trained on words in the class names (quetzal)" in card
    assert "Turn prototype augmentation off." in card and not form.button(key="take-clg_cbm").disabled
    form.segmented_control(key="method-family").set_value("bound").run()
    assert "Not for this run" in _card(form, "zero_shot") and form.button(key="take-zero_shot").disabled
    assert "Not for this run" not in _card(form, "ncm") and not form.button(key="take-ncm").disabled


def test_of_pictures_that_nobody_looked_at_nobody_knows_which_methods_can(form: Any) -> None:
    form.session_state["all-settings"] = True
    form.run()
    form.selectbox(key="set-demo-dataset").set_value("folder").run()
    form.button(key="method-open").click().run()
    assert "is found out once" in words(form) and not form.button(key="take-clg_cbm").disabled


def _cards(app: Any) -> list[str]:
    """What the cards of the family say that is looked at."""
    return [e.value for e in app.html if e.value.startswith("<div class='pl-offer'>")]


def _card(app: Any, method: str) -> str:
    (found,) = (said for said in _cards(app) if safe(method_info(method).summary) in said)
    return found


def test_what_does_not_go_together_stands_at_its_field_and_goes_with_its_cause(form: Any, started: list[Any]) -> None:
    form.session_state["all-settings"] = True
    form.run()
    form.number_input(key="set-demo-classes").set_value(4).run()
    (said,) = wrong(form)
    assert "A task has at most all 4 classes. Learn fewer classes a task, or more species." in said
    form.session_state["all-settings"] = False
    form.run()
    form.button(key="start").click().run()
    assert started == [] and form.session_state["all-settings"]  # opened again: the field is in there
    assert any('"wrong-increment"' in e.value for e in form.html)  # the script that brings it into view
    form.number_input(key="set-demo-increment").set_value(2).run()
    assert wrong(form) == []
    form.button(key="start").click().run()
    ((config, _),) = started
    assert (config.data["classes"], config.increment) == (4, 2) and not form.exception


def test_classes_are_left_out_renamed_and_shared_out_by_hand(form: Any, started: list[Any]) -> None:
    form.session_state["all-settings"] = True
    form.run()
    form.text_area(key="set-demo-without_classes").set_value("3, nonsense bird").run()
    assert ["No class is called nonsense bird" in said for said in wrong(form)] == [True]
    form.text_area(key="set-demo-without_classes").set_value("3").run()
    form.text_area(key="set-demo-task_sizes").set_value("30,10").run()
    (said,) = wrong(form)
    assert "They add up to 40, and 39 classes take part" in said
    form.text_area(key="set-demo-task_sizes").set_value("30,9").run()
    free = load_species(4)[3].name  # in words that the backbone knows
    form.text_area(key="set-demo-renamed_classes").set_value(f"0={free}").run()
    assert wrong(form) == []
    form.button(key="start").click().run()
    ((config, _),) = started
    assert config.choice(config.source.class_names).names[0] == free and config.tasks_total == 2


def test_a_failed_run_is_tried_again_with_everything_filled_in(open_page: Any, home: Path, started: list[Any]) -> None:
    setup = preset("tiny").changed(seed=5, classes=8, settings={"epochs": 3})
    write_run(home, status="failed", done=0, error="no space left", name="my *run*", setup=setup)
    app = open_page()
    app.button(key="try-again").click().run()
    assert app.number_input(key=key_of_number(app, "seed")).value == 5
    app.button(key="start").click().run()
    assert started == [(setup, "my *run*")]


def key_of_number(app: Any, name: str) -> str:
    """Key of a run parameter's widget, whatever the form starts from."""
    return next(w.key for w in app.number_input if w.key.endswith(f"-{name}"))


def test_a_notice_goes_with_what_it_was_about(open_page: Any, home: Path) -> None:
    first, second = write_run(home, name="first"), write_run(home, name="second")
    app = open_page("tasks", run="gone")
    assert any("No run of this name" in e.value for e in app.html)
    app.selectbox(key="run-choice").set_value(first).run()
    assert not any("No run of this name" in e.value for e in app.html) and second


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
from engine.jobs import queue
queue._start = lambda store, job: None
app = AppTest.from_file({str(_ROOT / "app.py")!r}, default_timeout=90).run()
app.run()
app.switch_page("pages/tasks.py").run()
app.run()
heavy = sorted({{"torch", "open_clip"}} & set(sys.modules))
print(json.dumps([bool(app.exception), len(app.get("plotly_chart")), heavy]))
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, timeout=120)
    assert json.loads(run.stdout.splitlines()[-1]) == [False, 5, []], run.stderr[-2000:]


def test_the_server_is_strict() -> None:
    config = tomllib.loads((_ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["maxUploadSize"] <= 200
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showErrorDetails"] == "type"
    assert {"light", "dark"} <= set(config["theme"])


def test_no_drawing_ends_with_a_look_through_all_objects_for_garbage() -> None:
    """It holds everybody up for a second, and a click that comes meanwhile may be lost."""
    assert get_option("runner.postScriptGC") is False


def test_what_is_watched_is_chosen_with_the_run_and_too_much_is_refused(
    form: Any, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[Any] = []

    def start(config: RunConfig, name: str = "", store: RunStore | None = None, watch: Any = None) -> str:
        chosen.append(watch)
        return (store or RunStore()).create(config, name)

    monkeypatch.setattr("engine.jobs.control.start", start)
    form.session_state["all-settings"] = True
    form.run()
    form.number_input(key="set-demo-watch-probes_per_task").set_value(20).run()
    assert "A run watches at most 100" in wrong(form)[0]
    form.number_input(key="set-demo-watch-probes_per_task").set_value(3).run()
    form.toggle(key="set-demo-watch-watching").set_value(False).run()
    form.button(key="start").click().run()
    (watch,) = chosen
    assert (watch.probes_per_task, watch.watching, watch.heartbeat) == (3, False, 20)
