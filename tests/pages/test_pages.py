"""Every page in every state a run can be in."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import NotApplicable, StoreFull
from engine.store.store import RunStore
from tests.job_states import adopt
from tests.pages.stores import FELL_FROM, FELL_TO, config, finish, write_run

PAGES = ("run", "tasks")
STATES = ("running", "paused", "interrupted", "stopped", "failed", "finished")


def words(app: AppTest) -> str:
    """Everything in words on the page, without the style sheet."""
    html = [e.value for e in app.html if not e.value.startswith("<style>")]
    found = [*html, *(e.value for e in app.markdown), *(e.value for e in app.caption)]
    return "\n".join([*found, *(f"<h1>{e.value}</h1>" for e in app.title)]).replace("\\:", ":")


def sound(app: AppTest) -> None:
    """No traceback, no bug, no uncaught error."""
    assert not app.exception
    assert "This should not have happened" not in words(app)
    assert "Traceback" not in words(app)


def chart(app: AppTest, key: str) -> dict[str, Any]:
    """A Plotly chart's specification."""
    found = [c for c in app.get("plotly_chart") if key in c.proto.id]
    assert len(found) == 1, f"{key} among {[c.proto.id for c in app.get('plotly_chart')]}"
    return json.loads(found[0].proto.spec)


# -- a run that has only just begun ------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("status", ["queued", "running", "stopped", "failed"])
def test_a_run_whose_data_is_not_open_yet_is_sound(open_page: Any, home: Path, page: str, status: str) -> None:
    """The first second of every run: a worker is there, but nobody knows the classes."""
    store = RunStore(home)
    run = store.create(config(), "")
    if status != "queued":
        adopt(store, run, os.getpid(), "running")
    if status not in ("queued", "running"):
        finish(store, run, status)
    sound(open_page(page))


# -- no run ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_without_a_run_there_is_a_way_to_begin(open_page: Any, page: str) -> None:
    app = open_page(page)
    sound(app)
    own = ["Your own pictures"] if page == "run" else []
    assert [button.label for button in app.button] == ["Train the demo", *own]


def test_the_first_visit_is_one_sentence_and_the_birds_to_come(open_page: Any) -> None:
    text = words(open_page())
    assert text.count("<h1>") == 1
    assert text.count("class='pl-card") == 8
    assert text.count("<img src='data:image/webp") == 40


def test_the_one_button_starts_the_demo_and_looks_at_it(open_page: Any, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    app = open_page()
    app.button(key="train-demo").click().run()
    sound(app)
    (run,) = RunStore(home).runs()
    assert (run.method, run.tasks_total) == ("clg_cbm", 8)
    assert app.query_params["run"] == run.id


# -- every page in every state -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("state", STATES)
def test_a_page_is_sound_in_every_state(open_page: Any, home: Path, page: str, state: str) -> None:
    write_run(
        home, status=state, done=4 if state == "finished" else 2, error="no space left" if state == "failed" else None
    )
    app = open_page(page)
    sound(app)
    assert "<h1>" in words(app) or page == "run"  # whose heading is the player's


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_sound_before_anything_is_known(open_page: Any, home: Path, page: str) -> None:
    write_run(home, status="running", done=0)
    sound(open_page(page))


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_the_matrix_on_the_page_is_the_stored_one(open_page: Any, home: Path) -> None:
    write_run(home)
    texts = {(a["y"], a["x"]): a["text"] for a in chart(open_page("tasks"), "cells")["layout"]["annotations"]}
    assert len(texts) == 10
    assert (texts[(1, 0)], texts[(2, 0)]) == (f"{100 * FELL_FROM:.0f}", f"{100 * FELL_TO:.0f}")


def test_the_finding_names_the_task_that_lost_most(open_page: Any, home: Path) -> None:
    write_run(home)
    assert "<h1>Task 1 lost 35 points, when task 3 was learnt</h1>" in words(open_page("tasks"))


def test_numbers_follow_the_chosen_moment(open_page: Any, home: Path) -> None:
    write_run(home)
    text = words(open_page("tasks", task="2"))
    assert "<h1>No task has lost a point</h1>" in text
    assert "<dt>Last accuracy</dt><dd>95.0 %</dd>" in text


def test_numbers_follow_split_and_setting(open_page: Any, home: Path) -> None:
    write_run(home)
    assert "<dt>Last accuracy</dt><dd>86.2 %</dd>" in words(open_page("tasks"))  # (.60 + 3 x .95) / 4
    assert "<dt>Last accuracy</dt><dd>71.2 %</dd>" in words(open_page("tasks", split="moved"))
    assert re.search(r"<dt>Last accuracy</dt><dd>90\.[23] %</dd>", words(open_page("tasks", setting="task_il")))


def test_a_clicked_cell_means_its_moment_and_its_weakest_class(home: Path) -> None:
    run = write_run(home)

    def script(run: str) -> None:
        from engine.store.store import RunStore
        from engine.store.view import RunView
        from pages.ui.tasks import selection

        selection.on_cell(RunView(RunStore(), run), "test", "cells")()

    app = AppTest.from_function(script, args=(run,), default_timeout=60)
    app.session_state["cells"] = {"selection": {"points": [{"x": 0, "y": 2}]}}
    app.run()
    assert not app.exception
    assert app.session_state["address-held"] == {"task": "3", "class": "blue-crowned hookbill"}
    app.session_state["cells"] = {"selection": {"points": []}}  # the same cell again: the chart forgets, we do not
    app.run()
    assert app.session_state["address-held"]["task"] == "3"


def test_every_chart_has_its_table_and_csv(open_page: Any, home: Path) -> None:
    write_run(home)
    app = open_page("tasks")
    for key in ("accuracy-matrix", "forgetting", "old-new", "confusion", "classes"):
        app.session_state[f"twin-{key}"] = True
    app.session_state["all-numbers"] = True
    app.run()
    sound(app)
    saved = {button.proto.id.split("csv-")[1] for button in app.get("download_button") if "csv-" in button.proto.id}
    assert saved >= {"accuracy-matrix", "forgetting", "old-new", "confusion", "classes", "summary", "timing"}


def test_the_table_of_everything_holds_every_split_and_setting(open_page: Any, home: Path) -> None:
    from engine.store.view import RunView
    from pages.ui.tasks.kpis import summary_table

    store = RunStore(home)
    table = summary_table(RunView(store, write_run(home)))
    assert len(table) == 5
    row = table["metric"].index("Last accuracy, %")
    np.testing.assert_allclose([table[c][row] for c in list(table)[1:]], [86.25, 90.25, 71.25, 75.25], atol=1e-2)


# -- addresses, names, errors ------------------------------------------------------------------------------------------


def test_an_address_chooses_the_run(open_page: Any, home: Path) -> None:
    first = write_run(home, name="the first")
    write_run(home, name="the second")
    assert "the first" in words(open_page(run=first))
    assert "the second" in words(open_page())


def test_an_address_of_a_run_that_is_gone_says_so_and_shows_another(open_page: Any, home: Path) -> None:
    write_run(home, name="still here")
    app = open_page(run="261120-000000-<b>")
    text = words(app)
    assert "run 261120-000000-&lt;b&gt;" in text
    assert "still here" in text
    app.button(key="dismiss-0").click().run()
    assert "261120-000000" not in words(app)


def test_an_error_stays_until_dismissed(open_page: Any, home: Path, monkeypatch: Any) -> None:
    def refuse(run: str) -> None:
        raise NotApplicable("pause of a run", "it has just <b>ended</b>", "Look again")

    monkeypatch.setattr("engine.jobs.control.pause", refuse)
    write_run(home, status="running", done=2)
    app = open_page()
    app.button(key="do-pause").click().run()
    app.run()
    assert "It has just &lt;b&gt;ended&lt;/b&gt;." in words(app)
    app.button(key="dismiss-0").click().run()
    assert "just" not in words(app)


def test_a_full_disk_at_the_start_is_a_message(open_page: Any, home: Path, monkeypatch: Any) -> None:
    def refuse(*args: object, **more: object) -> str:
        raise StoreFull("run store", "no space is left", "Free some space")

    monkeypatch.setattr("engine.jobs.control.start", refuse)
    app = open_page()
    app.button(key="train-demo").click().run()
    assert not app.exception
    assert "No space is left." in words(app)


def test_a_damaged_store_is_a_message_not_a_traceback(open_page: Any, home: Path) -> None:
    write_run(home)
    for file in home.glob("*.db*"):
        file.write_bytes(b"this is no database" * 100)
    for page in PAGES:
        app = open_page(page)
        sound(app)
        assert "pl-notice" in words(app)


def test_a_bug_is_a_message_with_the_log_that_has_the_traceback(open_page: Any, home: Path, monkeypatch: Any) -> None:
    def break_down(*args: object) -> None:
        raise ZeroDivisionError("of all things")

    write_run(home)
    monkeypatch.setattr("pages.ui.tasks.kpis.row", break_down)
    app = open_page("tasks")
    assert not app.exception
    assert "This should not have happened" in words(app)
    assert "of all things" not in words(app)
    assert "ZeroDivisionError: of all things" in (home / "logs" / "dashboard.log").read_text()


def test_a_run_whose_images_are_gone_keeps_its_numbers(open_page: Any, home: Path) -> None:
    gone = config().changed(dataset="folder", path=str(home / "gone"))
    write_run(home, setup=gone, names=tuple(f"class {i}" for i in range(8)))
    for page, query in (("run", {}), ("tasks", {"class": "class 0"})):
        app = open_page(page, **query)
        sound(app)
        assert "gone" in words(app)
        assert len(app.get("plotly_chart")) >= 2 or page == "run"


def test_markup_in_names_stays_text(open_page: Any, home: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    names = (evil, *(f"class_{i} **bold**" for i in range(7)))
    write_run(home, name=f"run {evil}", names=names)
    for page in PAGES:
        app = open_page(page, **({"class": evil} if page == "tasks" else {}))
        sound(app)
        assert "<img src=x" not in words(app)
        assert "&lt;img src=x" in words(app)
    assert "<img" not in json.dumps([c.proto.spec for c in app.get("plotly_chart")])
