"""A page of a run that trains fills in by itself, and stays where somebody has picked an earlier moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.store.store import RunStore
from tests.job_states import set_status
from tests.pages.saying import sound, words
from tests.pages.stores import finish_task, write_run

PAGES = ("tasks", "concepts", "picture", "repair", "attack")
FOLLOWS, STAYS = "Follows the training", "The training goes on"


def buttons(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


# -- what is on the page -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_before_the_first_task_every_page_says_how_far_it_is(home: Path, open_page: Any, page: str) -> None:
    write_run(home, status="running", done=0)
    said = words(sound(open_page(page)))
    assert "No task is finished yet" in said and "<span>Task 1: two new birds.</span>" in said
    assert "class='pl-bar'" in said and FOLLOWS not in said


def test_it_fills_in_when_the_first_task_is_finished(home: Path, open_page: Any) -> None:
    run = write_run(home, status="running", done=0)
    app = open_page("tasks")
    finish_task(home, run)
    said = words(sound(app.run()))
    assert "No task is finished yet" not in said and FOLLOWS in said and "Last accuracy" in said


def test_it_goes_along_to_the_newest_moment_and_names_none_in_the_address(home: Path, open_page: Any) -> None:
    run = write_run(home, status="running", done=2)
    app = open_page("tasks")
    assert FOLLOWS in words(app) and app.selectbox(key="task-choice").placeholder == "2 (latest)"
    finish_task(home, run)
    sound(app.run())
    assert "Task 1 lost 35 points" in words(app) and app.selectbox(key="task-choice").placeholder == "3 (latest)"
    assert "task" not in app.query_params


def test_an_earlier_moment_stays_until_the_reader_wants_to_follow(home: Path, open_page: Any) -> None:
    run = write_run(home, status="running", done=2)
    app = open_page("tasks")
    app.selectbox(key="task-choice").select("1").run()
    assert STAYS in words(app) and FOLLOWS not in words(app)
    finish_task(home, run)
    assert app.run().selectbox(key="task-choice").value == "1"
    app.button(key="follow").click().run()
    assert app.selectbox(key="task-choice").value is None and FOLLOWS in words(sound(app))
    assert "task" not in app.query_params and "Task 1 lost 35 points" in words(app)


@pytest.mark.parametrize("query", [{}, {"task": "2"}])
def test_of_a_run_that_does_not_train_nothing_is_said(home: Path, open_page: Any, query: dict[str, str]) -> None:
    write_run(home)
    app = open_page("tasks", **query)
    assert not {FOLLOWS, STAYS} & set(words(app).split("\n")) and "pl-follows" not in words(app)
    assert "follow" not in buttons(app)


def test_a_story_that_is_told_does_not_change_under_whoever_tells_it(home: Path, open_page: Any) -> None:
    write_run(home, status="running", done=2)
    assert FOLLOWS in words(open_page("story"))
    app = open_page("story", deck="forgetting")
    assert "pl-follows" not in words(app) and "sl-sentence" in words(app)


def test_what_was_typed_and_chosen_stays(home: Path, open_page: Any) -> None:
    run = write_run(home, status="running", done=2)
    app = open_page("tasks", **{"setting": "task_il", "split": "moved"})
    app.selectbox(key="class-choice").select_index(1).run()
    chosen = app.selectbox(key="class-choice").value
    finish_task(home, run)
    app.run()
    assert app.selectbox(key="class-choice").value == chosen and app.selectbox(key="task-choice").value is None
    assert app.session_state["setting-choice"] == "task_il" and app.session_state["split-choice"] == "moved"


def test_whoever_asks_for_something_long_looks_at_that_moment_until_it_is_there(home: Path, open_page: Any) -> None:
    write_run(home, status="running", done=2)
    app = open_page("tasks")
    (ask,) = [button for button in app.button if (button.key or "").startswith("ask-forgetting_floor")]
    ask.click().run()
    assert app.selectbox(key="task-choice").value == "2" and STAYS in words(app)


def test_the_picture_that_a_page_began_with_stays_while_it_follows(home: Path) -> None:
    def script() -> None:
        import streamlit as st

        from engine.store.store import RunStore
        from pages.ui import address, picker
        from pages.ui.context import Context
        from pages.ui.reading import Reading

        st.session_state["address-page"] = st.session_state["at"]
        (run,) = RunStore().runs()
        view = Reading(RunStore(), run.id)
        found = f"test:{view.tasks_done}"
        picker.begin(Context(RunStore(), (run,), view, view.tasks_done - 1, None), lambda: found)
        st.caption(f"{address.value(picker.IMAGE)}, {picker.begun()}")

    def shown(at: str, **query: str) -> str:
        app.session_state["at"] = at
        for key, value in query.items():
            app.query_params[key] = value
        return str(app.run().caption[0].value)

    run = write_run(home, status="running", done=1)
    app = AppTest.from_function(script, default_timeout=60)
    assert shown("picture") == "test:1, True"
    finish_task(home, run)
    assert shown("picture") == "test:1, True"  # the same, whatever suits the new model better
    assert shown("attack") == "test:2, True"  # another page begins with its own
    finish_task(home, run)
    assert shown("attack", task="2") == "test:3, True"  # so does who looks at another moment
    assert shown("attack", image="test:9") == "test:9, False"


# -- the look every second ---------------------------------------------------------------------------------------------


def look(run: str, done: int, active: bool, follows: bool) -> AppTest:
    """What one look does to a page that was drawn when the run was so far."""

    def script(run: str, done: int, active: bool, follows: bool) -> None:
        import streamlit as st

        from pages.ui import following

        drawn = st.session_state.setdefault("drawn", 0)
        st.session_state["drawn"] = drawn + 1
        if drawn:  # the page, drawn anew
            st.stop()
        following._look(run, (done, active), lambda view: st.html(f"{view.tasks_done} tasks"), follows)

    return AppTest.from_function(script, args=(run, done, active, follows), default_timeout=60).run()


@pytest.mark.parametrize(
    ("done", "active", "follows", "pages"),
    [
        (2, True, True, 1),  # nothing has happened
        (1, True, True, 2),  # a task has ended
        (2, False, True, 2),  # the training has begun again
        (1, True, False, 1),  # an earlier moment is looked at
    ],
)
def test_the_page_is_drawn_anew_only_when_a_task_or_the_training_has_ended(
    home: Path, done: int, active: bool, follows: bool, pages: int
) -> None:
    app = look(write_run(home, status="running", done=2), done, active, follows)
    assert app.session_state["drawn"] == pages and not app.exception
    assert ("2 tasks" in words(app)) == (pages == 1)


def test_a_run_that_is_deleted_meanwhile_is_the_pages_matter(home: Path) -> None:
    run = write_run(home, status="running", done=2)
    set_status(RunStore(home), run, "stopped")
    RunStore(home).delete(run)
    assert look(run, 2, True, True).session_state["drawn"] == 2
