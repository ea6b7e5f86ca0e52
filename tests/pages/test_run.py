"""The page of a run: what it says while it trains and afterwards, its film, and where a click in it leads."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.records.watched import AFTER
from engine.runs.sources import open_dataset, val_rows
from engine.runs.watch import Pin, WatchSettings
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching
from pages.ui.moved import new_address
from pages.ui.run import ways
from tests.films import film, put
from tests.job_states import adopt
from tests.pages.stores import config, finish, write_run
from tests.pages.test_pages import sound, words

HOME = "address-held"


def player(app: AppTest) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the player was given: what is asked of it, and the film."""
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name.endswith("plumage_film")]
    head, text, _ = found.proto.bytes.split(b"\n")
    return json.loads(head), json.loads(text)


def watched(home: Path, **more: Any) -> tuple[str, RunView]:
    """A run with a film."""
    run = write_run(home, **more)
    store = RunStore(home)
    put(store, run, film(RunView(store, run)))
    return run, RunView(store, run)


def pressed(run: str, **told: object) -> AppTest:
    """A click in the player, as its callback gets it."""

    def script(run: str, told: dict[str, object]) -> None:
        import streamlit as st

        from pages.ui.run import ways

        ways.attempt(run, told)
        st.session_state.setdefault("film-going", None)

    return AppTest.from_function(script, args=(run, told), default_timeout=60).run()


def test_an_old_link_to_train_leads_here() -> None:
    assert new_address("/train", "run=a&task=2") == "/run?run=a&task=2"
    assert new_address("/train/", "") == "/run" and new_address("/run", "") is None


# -- what it says ------------------------------------------------------------------------------------------------------


def test_the_birds_to_come_are_shown_while_the_data_is_opened(open_page: Any, home: Path) -> None:
    store = RunStore(home)
    adopt(store, store.create(config(), ""), os.getpid(), "running")
    text = words(open_page())
    assert "<h1>Opening the data and the backbone</h1>" in text
    assert text.count("class='pl-card") == 4


@pytest.mark.parametrize(
    ("state", "done", "head"),
    [
        ("interrupted", 2, "Interrupted after 2 of 4 tasks"),
        ("stopped", 2, "Stopped after 2 of 4 tasks"),
        ("paused", 2, "Paused after 2 of 4 tasks"),
        ("failed", 2, "Failed after 2 of 4 tasks"),
        ("running", 2, "Task 3: two new birds. It still knows 95 % of the old ones."),
        ("finished", 4, "It tells 8 birds apart and is right 86 % of the time"),
    ],
)
def test_it_says_what_is_going_on(open_page: Any, home: Path, state: str, done: int, head: str) -> None:
    write_run(home, status=state, done=done)
    assert f"<span>{head}</span>" in words(open_page())


def test_a_finished_run_says_how_much_of_it_was_the_background(open_page: Any, home: Path) -> None:
    write_run(home)
    assert "In other habitats it gets 71 % right: it leans on the background" in words(open_page())


def test_a_failed_run_says_why_and_where_to_look(open_page: Any, home: Path) -> None:
    write_run(home, status="failed", done=1, error="the disk <i>is</i> full")
    text = words(open_page())
    assert "The disk &lt;i&gt;is&lt;/i&gt; full" in text
    assert str(home) in text


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        ("running", {"pause", "step", "stop", "fork"}),
        ("paused", {"resume", "step", "stop", "fork"}),
        ("interrupted", {"resume", "step", "fork"}),
        ("finished", {"fork"}),
    ],
)
def test_only_what_makes_sense_can_be_pressed(open_page: Any, home: Path, state: str, enabled: set[str]) -> None:
    write_run(home, status=state, done=4 if state == "finished" else 2)
    app = open_page()
    actions = ("pause", "resume", "step", "stop", "fork")
    assert {a for a in actions if f"do-{a}" in {button.key for button in app.button}} == enabled


def test_nothing_can_be_forked_before_the_first_task(open_page: Any, home: Path) -> None:
    write_run(home, status="running", done=0)
    assert "do-fork" not in {button.key for button in open_page().button}


def test_a_run_that_ends_elsewhere_is_seen_on_the_next_look(open_page: Any, home: Path) -> None:
    run = write_run(home, status="running", done=2)
    app = open_page()
    assert "Task 3: two new birds" in words(app)
    finish(RunStore(home), run, "stopped")
    app.run()
    assert "Stopped after 2 of 4 tasks" in words(app)


# -- the film ----------------------------------------------------------------------------------------------------------


def test_the_player_has_every_moment_and_what_is_not_known_is_no_number(open_page: Any, home: Path) -> None:
    run, _ = watched(home, status="running", done=2)
    app = open_page()
    sound(app)
    head, shown = player(app)
    assert head["run"] == run and head["live"] is True
    assert shown["moments"] == [[0, 20], [0, 40], [0, AFTER], [1, 20], [1, 40], [1, AFTER]]
    assert shown["matrix"] == [[95.0], [95.0, 95.0]] and shown["tasks"] == 4
    assert shown["missing"] == {} and len(shown["frames"]) == len(shown["heads"]) == 6
    assert len([one for one in shown["probes"] if one["picture"].startswith("data:image/webp")]) == 4
    assert not app.get("plotly_chart") and app.expander[0].label == "Curves of training"


def test_the_curves_are_drawn_only_where_somebody_opened_them(open_page: Any, home: Path) -> None:
    watched(home)
    app = open_page()
    app.session_state["curves"] = True
    assert len(app.run().get("vega_lite_chart")) + len(app.get("plotly_chart")) == 2


def test_a_new_beat_is_a_new_film_and_without_one_the_same_bytes_go_out(open_page: Any, home: Path) -> None:
    run, view = watched(home, status="running", done=2)
    app = open_page()
    first, _ = player(app)
    again, _ = player(app.run())
    assert again == first
    put(RunStore(home), run, film(view, tasks=3)[6:7])
    later, shown = player(app.run())
    assert later["version"] != first["version"] and shown["moments"][-1] == [2, 20]


def test_the_address_restores_the_moment_and_what_it_has_not_is_left_out(open_page: Any, home: Path) -> None:
    watched(home)
    head, _ = player(app := open_page(beat="2.20", against="1", probe="val:7", guide="text"))
    assert head["view"] == {"beat": "2.20", "against": "1", "probe": "val:7", "guide": "text"}
    assert app.query_params["beat"] in ("2.20", ["2.20"])
    head, _ = player(app := open_page(beat="9", against="<b>", probe="val:9999", guide="up"))
    assert head["view"] == {"beat": "", "against": "", "probe": "", "guide": ""}
    assert not {"beat", "against", "probe", "guide"} & set(app.query_params)


@pytest.mark.parametrize(
    ("settings", "method", "why"),
    [
        (WatchSettings(), "clg_cbm", "Nothing was watched while this run learnt"),
        (WatchSettings(watching=False), "clg_cbm", "Watching is switched off for this run"),
    ],
)
def test_a_run_without_beats_has_its_accuracy_and_says_why_the_rest_is_empty(
    open_page: Any, home: Path, settings: WatchSettings, method: str, why: str
) -> None:
    run = write_run(home)
    Watching(RunStore(home)).choose(run, settings)
    _, shown = player(open_page())
    assert shown["moments"] == [[task, AFTER] for task in range(4)] and shown["frames"] == [None] * 4
    assert shown["heads"][2] == "Task 3 took 35 points from task 1"
    assert {panel: text.partition(".")[0] for panel, text in shown["missing"].items()} == dict.fromkeys(
        ("weights", "attention", "attack"), why
    )


def test_a_damaged_beat_is_said_and_the_others_stay(open_page: Any, home: Path) -> None:
    run, _ = watched(home)
    with RunStore(home).database.writing() as db:
        db.execute("UPDATE beats SET data = x'00' WHERE run = ? AND task = 1 AND epoch = 20", (run,))
    app = open_page()
    sound(app)
    _, shown = player(app)
    assert [1, 20] not in shown["moments"] and len(shown["moments"]) == 11
    assert shown["notes"] == [
        "What was seen in task 2 after 20 epochs is damaged and left out; the rest of the film is whole"
    ]


def test_a_film_whose_pictures_are_gone_is_shown_without_them(open_page: Any, home: Path) -> None:
    gone = config().changed(dataset="folder", path=str(home / "gone"))
    watched(home, setup=gone, names=tuple(f"class {i}" for i in range(8)))
    app = open_page()
    sound(app)
    _, shown = player(app)
    assert {one["picture"] for one in shown["probes"]} == {""} and shown["maps"]


def beside(app: AppTest) -> dict[str, Any] | None:
    """The film beside the one that is shown."""
    (found,) = [one for one in app.get("bidi_component") if one.proto.component_name.endswith("plumage_film")]
    text = found.proto.bytes.split(b"\n")[2]
    return json.loads(text) if text else None


def test_another_run_of_the_same_classes_stands_beside_it_and_no_other(open_page: Any, home: Path) -> None:
    twin = write_run(home, name="the twin", seed=1)
    other = write_run(home, classes=4)
    run, _ = watched(home)
    shown = beside(open_page(run=run, beside=twin))
    assert shown is not None and shown["run"] == twin and shown["title"] == "the twin"
    for gone in (other, run, "261120-000000-none"):
        app = open_page(run=run, beside=gone)
        assert beside(app) is None and "beside" not in app.query_params
    app = open_page(run=run)
    app.session_state["beside-open"] = True
    listed = app.run().selectbox(key="beside-choice")
    assert len(listed.options) == 1 and "the twin" in listed.options[0]
    listed.select_index(0).run()
    assert (beside(app) or {})["run"] == twin


# -- where a click leads -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "held"),
    [
        ({"to": "cell", "rows": 4, "task": 2, "of": 0}, {"task": "3", "class": "blue-crowned hookbill"}),
        ({"to": "concept", "rows": 2, "text": "<b>x</b>"}, {"task": "2", "concept": "<b>x</b>", "view": "timeline"}),
        ({"to": "picture", "rows": 4, "ref": "val:7"}, {"image": "val:7"}),
        ({"to": "map", "rows": 3, "ref": "val:7"}, {"task": "3", "image": "val:7"}),
        ({"to": "attack", "rows": 1, "ref": "val:7"}, {"task": "1", "image": "val:7"}),
    ],
)
def test_a_click_leads_deeper_into_the_same_moment(home: Path, told: dict[str, Any], held: dict[str, str]) -> None:
    run, _ = watched(home)
    app = pressed(run, **told)
    assert not app.exception
    assert app.session_state[HOME] == held and app.session_state["film-going"] == told["to"]
    assert all((Path(__file__).parents[2] / page).exists() for page, _ in ways.PAGES.values())


def test_a_click_opens_what_it_leads_to_whatever_was_open_there(home: Path) -> None:
    def script(run: str) -> None:
        from pages.ui import address
        from pages.ui.run import ways

        address.choose("tab", "time")
        address.choose("view", "twins")
        ways.attempt(run, {"to": "map", "rows": 4, "ref": "val:7"})

    run, _ = watched(home)
    app = AppTest.from_function(script, args=(run,), default_timeout=60).run()
    assert app.session_state[HOME] == {"image": "val:7"}


def test_before_the_first_task_there_is_nothing_deeper(home: Path) -> None:
    run, _ = watched(home, status="running", done=1)
    app = pressed(run, to="picture", rows=0, ref="val:7")
    assert app.session_state["film-going"] is None and "film-going" in app.session_state


def test_ones_own_picture_goes_along_to_the_page_that_explains(home: Path, photo: bytes) -> None:
    run, _ = watched(home)
    Watching(RunStore(home)).pin(run, Pin("picture", "own:1", photo))
    app = pressed(run, to="picture", rows=4, ref="own:1")
    assert app.session_state[HOME]["image"].startswith("upload:")


@pytest.fixture
def photo() -> bytes:
    """A small picture."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "WEBP", lossless=True)
    return out.getvalue()


# -- what is watched ---------------------------------------------------------------------------------------------------


def watching(opened: Any, **query: str) -> AppTest:
    """The page with "What is watched" open."""
    app = opened("run", **query)
    app.session_state["watching"] = True
    return app.run()


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def test_a_concept_is_pinned_taken_away_and_put_back(open_page: Any, home: Path) -> None:
    run = write_run(home, status="paused", done=2)
    app = watching(open_page)
    assert "Nothing is pinned" in words(app)
    app.selectbox(key="pin-concept").set_value("concept 1").run()
    app.button(key="pin-concept-now").click().run()
    sound(app)
    listed = Watching(RunStore(home))
    assert [pin.what for pin in listed.list(run).pins] == ["concept 1"] and "“concept 1”" in words(app)
    app.button(key="unpin-0").click().run()
    assert listed.list(run).pins == () and "pin-again" in keys(app)
    app.button(key="pin-again").click().run()
    assert [pin.what for pin in listed.list(run).pins] == ["concept 1"] and "pin-again" not in keys(app)


def test_a_picture_is_pinned_by_its_number_and_one_it_learns_from_is_refused(open_page: Any, home: Path) -> None:
    run = write_run(home, status="paused", done=1)
    view = RunView(RunStore(home), run)
    row = int(val_rows(view.config, open_dataset(view.config))[0])
    app = watching(open_page)
    app.number_input(key="pin-row").set_value(row).run()
    app.button(key="pin-row-now").click().run()
    assert [pin.what for pin in view.watch_list.pins] == [f"val:{row}"]
    app.number_input(key="pin-row").set_value(10**6).run()
    app.button(key="pin-row-now").click().run()
    assert "keeps for validation" in words(app) and len(view.watch_list.pins) == 1


def test_how_it_watches_is_chosen_while_it_learns_and_too_much_is_refused(open_page: Any, home: Path) -> None:
    run = write_run(home, status="paused", done=1)
    app = watching(open_page)
    assert "watch-apply" not in keys(app)
    app.number_input(key=f"set-watch-{run}-heartbeat").set_value(3).run()
    app.button(key="watch-apply").click().run()
    view = RunView(RunStore(home), run)
    assert view.watch_list.settings.heartbeat == 3 and "watch-apply" not in keys(app)
    for row in range(30):
        Watching(RunStore(home)).pin(run, Pin("picture", f"val:{row}"))
    app.number_input(key=f"set-watch-{run}-probes_per_task").set_value(20).run()
    app.button(key="watch-apply").click().run()
    assert "A run watches at most 100" in words(app) and view.watch_list.settings.probes_per_task == 2


def test_of_a_finished_run_only_what_was_watched_is_listed(open_page: Any, home: Path) -> None:
    run = write_run(home)
    Watching(RunStore(home)).pin(run, Pin("concept", "<b>red</b>"))
    app = watching(open_page)
    assert "“&lt;b&gt;red&lt;/b&gt;”" in words(app) and "has finished" in words(app)
    assert not {"pin-row-now", "pin-concept-now", "watch-apply"} & keys(app)
