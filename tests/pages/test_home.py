"""Home: the first visit, the story of a run in every state, and the shelf."""

from __future__ import annotations

import os
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.errors import StoreFull
from engine.figures.flock import FlockScene, html
from engine.jobs import control, files
from engine.jobs.kinds import ARCHIVE
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from pages.ui.home import chosen
from pages.ui.home import shelf as shelf_page
from pages.ui.text import size
from tests.job_states import adopt
from tests.pages.stores import config, finish, write_copies, write_run
from tests.pages.test_pages import sound, words

EVIL = "<img src=x onerror=alert(1)> **bold** [a](b)"
SECONDS_OF_A_HUNDRED = 3.0
"""Longest that the server may take to draw Home with a hundred runs on a busy machine; alone it takes a third."""


@pytest.fixture(autouse=True)
def small_birds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing birds at their full size for every test would take a minute."""
    monkeypatch.setattr("pages.ui.home.flock._SIZE", 32)


def branches(app: AppTest) -> list[str]:
    """State of each branch of the living picture, in the order of the tasks."""
    return re.findall(r"class='hm-branch hm-(\w+)'", words(app))


def cards(app: AppTest) -> list[str]:
    """The cards on the shelf, in HTML."""
    return [element.value for element in app.html if "class='hm-card'" in element.value]


def titles(app: AppTest) -> list[str]:
    """Full names on the cards, in order."""
    return [re.search("<h3 title='([^']*)'", card)[1] for card in cards(app)]


def entry(home: Path, run: str) -> Any:
    shelf = Shelf(RunStore(home))
    return next(found for found in [*shelf.entries(), *shelf.bin()] if found.run.id == run)


# -- the first visit ---------------------------------------------------------------------------------------------------


def test_the_first_visit_is_one_sentence_one_picture_and_one_button(open_page: Any) -> None:
    app = open_page("home")
    sound(app)
    text = words(app)
    assert text.count("<h1>") == 1
    assert branches(app) == ["known"] * 8
    assert text.count("<img style='--bird:") == 40
    assert "hm-arriving" in text
    assert [button.label for button in app.button if button.key == "train-demo"] == ["Train the demo"]
    assert "Your runs" not in text


def test_the_words_come_before_the_picture(open_page: Any) -> None:
    html = [element.value for element in open_page("home").html]
    assert next(i for i, t in enumerate(html) if "<h1>" in t) < next(i for i, t in enumerate(html) if "hm-flock" in t)


def test_the_one_button_starts_the_demo_and_stays_to_tell_its_story(
    open_page: Any, home: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    app = open_page("home")
    app.button(key="train-demo").click().run()
    sound(app)
    (run,) = RunStore(home).runs()
    assert (run.tasks_total, app.query_params["run"]) == (8, run.id)
    assert "<h1>Opening the data and the backbone</h1>" in words(app)
    assert branches(app) == ["later"] * 8
    assert {"do-pause", "do-stop"} <= {button.key for button in app.button}


def test_a_full_disk_at_the_start_is_a_message(open_page: Any, monkeypatch: Any) -> None:
    def refuse(*args: object, **more: object) -> str:
        raise StoreFull("run store", "no space is left", "Free some space")

    monkeypatch.setattr("engine.jobs.control.start", refuse)
    app = open_page("home")
    app.button(key="train-demo").click().run()
    assert not app.exception
    assert "No space is left." in words(app)


# -- a run in every state ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "done", "head", "picture", "buttons"),
    [
        (
            "running",
            2,
            "Task 3: two new birds. It still knows 95 % of the old ones.",
            ["known", "known", "now", "later"],
            {"do-pause", "do-stop"},
        ),
        ("paused", 2, "Paused after 2 of 4 tasks", ["known", "known", "later", "later"], {"do-resume", "do-stop"}),
        ("interrupted", 1, "Interrupted after 1 of 4 tasks", ["known", "later", "later", "later"], {"do-resume"}),
        ("stopped", 2, "Stopped after 2 of 4 tasks", ["known", "known", "later", "later"], {"do-resume"}),
        ("failed", 2, "Failed after 2 of 4 tasks", ["known", "known", "later", "later"], {"do-resume"}),
        ("finished", 4, "It tells 8 birds apart and is right 86 % of the time", ["known"] * 4, set()),
    ],
)
def test_the_story_and_the_picture_follow_the_run(
    open_page: Any, home: Path, state: str, done: int, head: str, picture: list[str], buttons: set[str]
) -> None:
    write_run(home, status=state, done=done, error="the disk <i>is</i> full" if state == "failed" else None)
    app = open_page("home")
    sound(app)
    assert f"<h1>{head}</h1>" in words(app)
    assert branches(app) == picture
    assert {button.key for button in app.button if button.key.startswith("do-")} == buttons
    assert ("The disk &lt;i&gt;is&lt;/i&gt; full" in words(app)) == (state == "failed")


@pytest.mark.parametrize("status", ["queued", "running", "stopped", "failed"])
def test_a_run_whose_data_is_not_open_yet_is_sound(open_page: Any, home: Path, status: str) -> None:
    store = RunStore(home)
    run = store.create(config())
    if status != "queued":
        adopt(store, run, os.getpid(), "running")
    if status not in ("queued", "running"):
        finish(store, run, status)
    sound(open_page("home"))


def test_branches_say_how_much_is_still_known(open_page: Any, home: Path) -> None:
    write_run(home)
    text = words(open_page("home"))
    assert "<b>Task 1</b> <span>60 %<span class='hm-unseen'> known</span></span>" in text
    assert "<b>Task 4</b> <span>95 %<span class='hm-unseen'> known</span></span>" in text


def test_time_left_and_tasks_learnt_are_told_while_it_trains(open_page: Any, home: Path) -> None:
    write_run(home, status="running", done=2)
    text = words(open_page("home"))
    assert "2 of 4 tasks learnt" in text
    assert re.search(r"<span>\d+ s left</span>", text)


def test_a_finished_run_has_findings_stories_and_ways_on(open_page: Any, home: Path) -> None:
    run = write_run(home)
    app = open_page("home")
    text = words(app)
    assert "<h3>Task 1 lost 35 points, when task 3 was learnt</h3>" in text
    lost = f"tasks?run={run}&amp;task=4&amp;split=test&amp;pictures=task-0&amp;which=once"
    assert f"<a href='{lost}' target='_self'>All its pictures</a>" in text
    for title in ("Forgetting in 60 seconds", "Fix a wrong prediction", "Fool the attention"):
        assert f"<h3>{title}</h3>" in text
    links = [link.proto for link in app.get("page_link")]
    watched = [link.query_string for link in links if link.label == "Watch"]
    assert watched == [f"deck={deck}&run={run}" for deck in ("forgetting", "fool")]
    assert "Not with this run: its data do not say which concepts are true of a picture" in text
    assert any(link.page == "picture" for link in links)


def test_findings_wait_until_the_run_rests(open_page: Any, home: Path) -> None:
    write_run(home, status="running", done=3)
    assert "What this run shows" not in words(open_page("home"))


def test_an_address_chooses_the_run(open_page: Any, home: Path) -> None:
    first = write_run(home, name="the first", status="stopped", done=1)
    write_run(home, name="the second")
    assert "Stopped after 1 of 4" in words(open_page("home", run=first))
    assert "It tells 8 birds apart" in words(open_page("home"))


def test_a_run_whose_images_are_gone_keeps_its_story(open_page: Any, home: Path) -> None:
    gone = config().changed(dataset="folder", path=str(home / "gone"))
    write_run(home, setup=gone, names=tuple(f"class {i}" for i in range(8)))
    app = open_page("home")
    sound(app)
    assert "<h1>It tells 8 classes apart" in words(app)
    assert len(branches(app)) == 4


# -- links to runs that are gone ---------------------------------------------------------------------------------------


def test_a_link_to_an_unknown_run_says_so_and_shows_another(open_page: Any, home: Path) -> None:
    write_run(home, name="still here")
    app = open_page("home", run="261120-000000-<b>")
    text = words(app)
    assert "run 261120-000000-&lt;b&gt;" in text
    assert "choose another below" in text
    assert "still here" in text
    app.button(key="dismiss-0").click().run()
    assert "261120-000000" not in words(app)


def test_a_link_to_an_unknown_run_in_an_empty_store_is_answered_too(open_page: Any) -> None:
    app = open_page("home", run="nobody")
    sound(app)
    assert "run nobody" in words(app)
    assert app.button(key="train-demo")


@pytest.mark.parametrize("page", ["home", "tasks"])
def test_a_link_to_a_removed_run_offers_to_put_it_back(open_page: Any, home: Path, page: str) -> None:
    write_run(home, name="here")
    run = write_run(home, name=EVIL)
    Shelf(RunStore(home)).remove(run)
    app = open_page(page, run=run)
    sound(app)
    assert "&lt;img src=x onerror=alert(1)&gt; **bold** [a](b) lies in the bin" in words(app)
    app.button(key="gone-back").click().run()
    sound(app)
    assert "lies in the bin" not in words(app)
    assert app.query_params["run"] == run
    assert entry(home, run).removed is None


def test_the_offer_can_be_dismissed(open_page: Any, home: Path) -> None:
    write_run(home, name="here")
    run = write_run(home)
    Shelf(RunStore(home)).remove(run)
    app = open_page("home", run=run)
    app.button(key="gone-dismiss").click().run()
    assert "link leads to a run" not in words(app)
    assert entry(home, run).removed is not None


# -- the shelf ---------------------------------------------------------------------------------------------------------


def test_a_card_says_what_a_run_is(open_page: Any, home: Path) -> None:
    run = write_run(home, name="my run")
    Shelf(RunStore(home)).note(run, "before the talk")
    (card,) = cards(open_page("home"))
    for part in (
        "<h3 title='my run'>my run</h3>",
        "<b class='hm-last'>86 %</b>",
        ">finished</span>",
        "CLG-CBM",
        "4 of 4 tasks",
        "before the talk",
        "alt='Accuracy matrix. Task 1 is at 60 % after 4 of 4 tasks. Task 1 lost 35 points, when task 3 was learnt.'",
        "shown above",
    ):
        assert part in card, part


def test_a_run_of_the_shelf_is_shown_above_and_in_the_address(open_page: Any, home: Path) -> None:
    first = write_run(home, name="the first", status="stopped", done=1)
    write_run(home, name="the second")
    app = open_page("home")
    app.button(key=f"shelf-show-{first}").click().run()
    sound(app)
    assert app.query_params["run"] == first
    assert "Stopped after 1 of 4" in words(app)
    assert f"shelf-show-{first}" not in {button.key for button in app.button}


def test_hostile_names_and_notes_stay_text(open_page: Any, home: Path) -> None:
    run = write_run(home, name=EVIL)
    Shelf(RunStore(home)).note(run, EVIL)
    app = open_page("home")
    app.button(key=f"shelf-remove-{run}").click().run()
    app.session_state["bin"] = True
    app.run()
    sound(app)
    assert not any("<img src=x" in element.value for element in app.html)
    told = [element.value for element in app.markdown if "img src=x" in element.value]
    assert len(told) == 2  # the way back, and the bin
    assert all("\\<img src=x onerror=alert(1)\\> \\*\\*bold\\*\\* \\[a\\]" in text for text in told)


def test_a_star_is_given_and_taken(open_page: Any, home: Path) -> None:
    run = write_run(home)
    app = open_page("home")
    app.button(key=f"shelf-star-{run}").click().run()
    assert entry(home, run).starred
    assert "aria-label='Starred'" in cards(app)[0]
    app.button(key=f"shelf-star-{run}").click().run()
    assert not entry(home, run).starred


def test_name_and_note_are_edited_in_place(open_page: Any, home: Path) -> None:
    run = write_run(home, name="old name")
    app = open_page("home")
    app.button(key=f"shelf-edit-{run}").click().run()
    app.text_input(key=f"shelf-name-{run}").set_value("new name")
    app.text_area(key=f"shelf-note-{run}").set_value("a note")
    app.button(key=f"shelf-save-{run}").click().run()
    sound(app)
    assert (entry(home, run).run.name, entry(home, run).note) == ("new name", "a note")
    assert "<strong>new name</strong>" in words(app)  # above the shelf too
    assert not app.text_area
    app.button(key=f"shelf-edit-{run}").click().run()
    app.text_input(key=f"shelf-name-{run}").set_value("newer name")
    app.button(key=f"shelf-cancel-{run}").click().run()
    assert entry(home, run).run.name == "new name"


def test_a_run_is_removed_and_undone(open_page: Any, home: Path) -> None:
    older, run = write_run(home, name="the older"), write_run(home, name="the newer")
    app = open_page("home")
    app.button(key=f"shelf-remove-{run}").click().run()
    sound(app)
    assert titles(app) == ["the older"]
    assert app.query_params["run"] == older
    assert "the newer lies in the bin." in words(app)
    assert "link leads to" not in words(app)
    app.button(key="shelf-undo-button").click().run()
    assert titles(app) == ["the newer", "the older"]


def test_the_last_run_can_be_removed_and_comes_back(open_page: Any, home: Path) -> None:
    run = write_run(home)
    app = open_page("home")
    app.button(key=f"shelf-remove-{run}").click().run()
    sound(app)
    assert app.button(key="train-demo")
    app.button(key="shelf-undo-button").click().run()
    assert len(cards(app)) == 1


def test_a_run_that_trains_cannot_be_removed(open_page: Any, home: Path) -> None:
    run = write_run(home, status="running", done=2)
    assert open_page("home").button(key=f"shelf-remove-{run}").disabled


def test_the_bin_gives_back_and_is_emptied_for_good(open_page: Any, home: Path) -> None:
    stays, back, gone = (write_run(home, name=name) for name in ("stays", "back", "gone"))
    for run in (back, gone):
        Shelf(RunStore(home)).remove(run)
    (RunStore(home).snapshots(gone) / "weights").write_bytes(b"x" * 2_400_000)
    app = open_page("home")
    assert "bin-empty-now" not in {button.key for button in app.button}  # its size is found out when it is opened
    app.session_state["bin"] = True
    app.run()
    app.button(key=f"bin-back-{back}").click().run()
    assert entry(home, back).removed is None
    assert "frees 2.4 MB" in words(app)
    app.button(key="bin-empty-now").click().run()
    sound(app)
    assert {run.id for run in RunStore(home).runs()} == {stays, back}
    assert not RunStore(home).folder(gone).exists()
    assert not Shelf(RunStore(home)).bin()


def test_runs_are_found_by_name_note_method_and_star(open_page: Any, home: Path) -> None:
    first, second = write_run(home, name="Alpha"), write_run(home, name="beta")
    Shelf(RunStore(home)).note(first, "for the Talk")
    Shelf(RunStore(home)).star(second)
    app = open_page("home")
    for text, found in (
        ("alpha", ["Alpha"]),
        ("talk ALPHA", ["Alpha"]),
        ("clg_cbm", ["beta", "Alpha"]),
        (second, ["beta"]),
        ("nothing like it", []),
    ):
        app.text_input(key="shelf-search").set_value(text).run()
        assert titles(app) == found, text
    assert "No run is like that" in words(app)
    app.text_input(key="shelf-search").set_value("")
    app.segmented_control(key="only-choice").set_value("starred").run()
    assert titles(app) == ["beta"]


def test_runs_are_ordered(open_page: Any, home: Path) -> None:
    first, _, _ = (write_run(home, name=name, done=done) for name, done in (("b", 3), ("a", 4), ("c", 1)))
    Shelf(RunStore(home)).star(first)
    app = open_page("home")
    for order, found in (("new", "cab"), ("star", "bca"), ("last", "cab"), ("name", "abc"), ("tasks", "abc")):
        app.selectbox(key="shelf-order").set_value(order).run()
        assert "".join(titles(app)) == found, order
    app.button(key="shelf-turn").click().run()
    assert "".join(titles(app)) == "cba"
    assert app.query_params["sort"] == "-tasks"


def test_two_to_four_ticked_runs_can_be_compared(open_page: Any, home: Path) -> None:
    runs = [write_run(home, name=str(i), done=1 + i % 4) for i in range(5)]
    app = open_page("home")
    assert "shelf-compare" not in {button.key for button in app.button}
    for count, run in enumerate(runs, 1):
        app.checkbox(key=f"shelf-tick-{run}").check().run()
        if count > 1:
            button = app.button(key="shelf-compare")
            assert (button.label, button.disabled) == (f"Compare {count} runs", count > chosen.MOST)
    assert app.button(key="shelf-compare").help == "At most 4 fit side by side."
    app.checkbox(key=f"shelf-tick-{runs[0]}").uncheck().run()
    app.button(key="shelf-compare").click().run()
    sound(app)
    assert app.query_params["runs"].split(",") == sorted(runs[1:])


def test_a_new_run_is_set_up_on_the_train_page(open_page: Any, home: Path) -> None:
    write_run(home)
    app = open_page("home")
    app.button(key="shelf-new").click().run()
    assert "Train a new run" in words(app)


def test_a_hundred_runs_are_fast_and_come_a_page_at_a_time(open_page: Any, home: Path) -> None:
    write_copies(home, write_run(home, name="bird-000"), [f"bird-{i:03d}" for i in range(1, 100)])
    app = open_page("home")
    began = time.perf_counter()
    app.run()
    assert time.perf_counter() - began < SECONDS_OF_A_HUNDRED
    sound(app)
    assert titles(app) == [f"bird-{i:03d}" for i in range(99, 99 - shelf_page.EACH, -1)]
    app.session_state["shelf-page"] = 9
    app.run()
    assert titles(app) == ["bird-003", "bird-002", "bird-001", "bird-000"]
    app.text_input(key="shelf-search").set_value("bird-05").run()  # fewer pages than the one that was open
    assert len(titles(app)) == 10


# -- the table, and what is done with several --------------------------------------------------------------------------


def table(app: AppTest) -> Any:
    """The runs as the table has them."""
    (found,) = [one for one in app.dataframe if "Method" in one.value.columns]
    return found.value


def test_the_table_has_a_run_in_every_row_and_its_address(open_page: Any, home: Path) -> None:
    first = write_run(home, name="first")
    write_run(home, done=1, status="stopped")
    Shelf(RunStore(home)).tag({first: ["kept", "for <b>the</b> talk"]})
    app = open_page("home")
    app.segmented_control(key="shelf-choice").set_value("table").run()
    sound(app)
    assert app.query_params["shelf"] == "table"
    shown = table(app)
    assert [*shown["Name"]] == ["CLG-CBM, seed 1993", "first"]
    one = shown.iloc[1]
    assert (one["Method"], one["Data"], one["Seed"], one["Tasks"]) == ("CLG-CBM", "aviary", 1993, "4 of 4")
    assert (one["Last"], one["Forgetting"], one["State"]) == (86.2, 11.7, "finished")  # (0.35 + 0 + 0) / 3 tasks
    assert [*one["Tags"]] == ["for <b>the</b> talk", "kept"]
    assert one["Time"] == "14 s"  # 2 + 3 + 4 + 5


def test_an_address_holds_view_order_and_words(open_page: Any, home: Path) -> None:
    for name, done in (("Alpha a", 1), ("Alpha b", 4), ("tern", 2)):
        write_run(home, name=name, done=done, status="stopped")
    app = open_page("home", shelf="table", sort="-tasks", find="alpha")
    sound(app)
    shown = table(app)
    assert [*shown["Name"]] == ["Alpha a", "Alpha b"]
    assert "Tasks ↑" in shown.columns
    assert app.text_input(key="shelf-search").value == "alpha"
    assert "2 of 3 runs" in words(app)
    assert "tern" in words(open_page("home", shelf="<b>", sort="nobody", find="tern"))


def test_a_heading_sorts_and_ticked_rows_are_chosen_whatever_the_order(home: Path) -> None:
    def script() -> None:
        import streamlit as st

        from pages.ui.home import chosen, order
        from pages.ui.home.table import picked

        headings = {"name": "Name", "last": "Last"}
        picked(st.session_state["given"], st.session_state["ids"], headings)
        st.session_state["said"] = (chosen.runs(), order.chosen())

    app = AppTest.from_function(script)
    for rows, columns, ids, said in (
        ([1], [], ["a", "b", "c"], (["b"], ("new", False))),
        ([1, 0], ["Last"], ["a", "b", "c"], (["b", "a"], ("last", False))),
        ([0], ["Last"], ["c", "b"], (["a", "c"], ("last", True))),  # a is not shown: it stays ticked
        ([], ["Last"], ["c"], (["a"], ("last", False))),
    ):
        app.session_state["given"], app.session_state["ids"] = {"rows": rows, "columns": columns}, ids
        app.run()
        assert not app.exception
        assert app.session_state["said"] == said


@pytest.fixture
def three(open_page: Any, home: Path) -> tuple[AppTest, list[str]]:
    """Home with three runs, of which the first and the last are ticked."""
    runs = [write_run(home, name=name) for name in "abc"]
    app = open_page("home", shelf="table")
    app.session_state["shelf-chosen"] = [runs[0], runs[2]]
    return app.run(), runs


def test_several_are_removed_at_once_and_put_back(three: Any, home: Path) -> None:
    app, runs = three
    app.button(key="shelf-bulk-remove").click().run()
    sound(app)
    assert [run.id for run in RunStore(home).runs()] == [runs[1]]
    assert "2 runs lie in the bin." in words(app)
    app.button(key="shelf-undo-button").click().run()
    assert len(RunStore(home).runs()) == 3
    assert "in the bin" not in words(app)


def test_tags_of_several_are_changed_at_once_and_undone(three: Any, home: Path) -> None:
    app, runs = three
    Shelf(RunStore(home)).tag({runs[0]: ["old"]})
    app.run()
    app.text_input(key="shelf-tags-add").set_value("  new   one ")
    app.multiselect(key="shelf-tags-drop").set_value(["old"])
    app.button(key="shelf-tags-save").click().run()
    sound(app)
    tags = {run: entry(home, run).tags for run in runs}
    assert tags == {runs[0]: ("new one",), runs[1]: (), runs[2]: ("new one",)}
    assert "Tags changed on 2 runs." in words(app)
    app.button(key="shelf-undo-button").click().run()
    assert [entry(home, run).tags for run in runs] == [("old",), (), ()]
    assert "Tags changed" not in words(app)


def test_several_are_exported_as_a_job_each(three: Any, home: Path) -> None:
    app, runs = three
    app.button(key="shelf-bulk-export").click().run()
    sound(app)
    store = RunStore(home)
    for run, moment in ((runs[0], 3), (runs[2], 3)):
        job = files.made(store, ARCHIVE, run, moment)
        assert job is not None and job.live
    assert files.made(store, ARCHIVE, runs[1], 3) is None
    assert "a: CLG-CBM, seed 1993, 86.2 %" in words(app)
    app.button(key="shelf-bulk-export").click().run()  # once more: they are waited for, not refused
    sound(app)
    assert "pl-notice" not in words(app)
    app.button(key="shelf-exports-close").click().run()
    assert "shelf-exports-close" not in {button.key for button in app.button}


def test_a_run_at_work_keeps_several_from_being_removed(open_page: Any, home: Path) -> None:
    runs = [write_run(home), write_run(home, status="running", done=1)]
    app = open_page("home")
    app.session_state["shelf-chosen"] = runs
    app.run()
    assert app.button(key="shelf-bulk-remove").disabled


def test_tags_are_edited_with_the_name(open_page: Any, home: Path) -> None:
    run = write_run(home, name="mine")
    Shelf(RunStore(home)).tag({run: ["for the talk", "wrong"]})
    app = open_page("home")
    app.button(key=f"shelf-edit-{run}").click().run()
    app.multiselect(key=f"shelf-tags-{run}").set_value(["for the talk"])
    app.button(key=f"shelf-save-{run}").click().run()
    sound(app)
    assert entry(home, run).tags == ("for the talk",)
    assert "<span class='hm-tag'>for the talk</span>" in cards(app)[0]


# -- settings ----------------------------------------------------------------------------------------------------------


def test_all_settings_of_a_run_and_the_command_that_repeats_it(open_page: Any, home: Path) -> None:
    run = write_run(home, setup=config().changed(seed=7))
    app = open_page("home")
    app.button(key=f"shelf-settings-{run}").click().run()
    sound(app)
    (code,) = app.code
    assert code.value.startswith("python -m engine train --method clg_cbm --seed 7 --set classes=8")
    (shown,) = [one.value for one in app.dataframe if "setting" in one.value.columns]
    row = shown.set_index("setting").loc["increment"]
    assert (row["value"], row["changed"], row["default"], row["unit"]) == ("2", "●", "5", "classes")
    assert row["what it is"] == "New classes in each task."
    assert shown.set_index("setting").loc["val_fraction"]["changed"] == ""


def test_a_fork_says_where_it_began(open_page: Any, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    parent = write_run(home, name="the parent")
    child = control.fork(parent, 1, {"seed": 5}, store=RunStore(home))
    app = open_page("home")
    app.button(key=f"shelf-settings-{child}").click().run()
    sound(app)
    assert "Forked from the parent: CLG-CBM, seed 1993, 86.2 % after task 2: tasks 1 to 2" in words(app)


def test_sizes_are_read_as_people_say_them() -> None:
    assert [size(n) for n in (0, 1, 340_000, 2_400_000, 12_400_000)] == ["0 KB", "1 KB", "340 KB", "2.4 MB", "12 MB"]


def test_photographs_sit_on_no_branch():
    """The branch is drawn behind the birds of a task; a scene of other things is marked, and has none."""
    scene = FlockScene(("hat", "coat"), [(0, 1)], {0: 0.5}, things="classes")
    assert "hm-photos" in html(scene, {}) and "hm-photos" not in html(replace(scene, things="birds"), {})
    css = (Path(__file__).parents[2] / "assets" / "home.css").read_text(encoding="utf-8")
    rules = dict(re.findall(r"^([^{}\n]+) {([^{}]*)}$", css, re.M))
    assert rules[".hm-photos .hm-birds::after"].strip() == "content: none;"
