"""The guided tour: offered once, one step a page, ended or declined for good."""

from __future__ import annotations

from pages.ui.tour import STOPS
from tests.pages.saying import sound, words
from tests.pages.stores import write_run


def at(app, page: str):
    """Draw the page that the app has come to: under test that goes without app.py's frame, which says which it is."""
    app.session_state["address-page"] = page
    return app.run()


def keys(app) -> set[str]:
    return {b.key for b in app.button}


def test_nothing_is_offered_before_there_is_something_to_see(open_page, home):
    assert "tour-start" not in keys(open_page("home"))
    write_run(home, done=0, status="stopped")
    assert "tour-start" not in keys(open_page("home"))


def test_from_the_offer_through_the_pages_to_the_end(open_page, home):
    run = write_run(home)
    app = open_page("home")
    assert "New here?" in words(app)
    app.button(key="tour-start").click().run()
    at(app, "run")
    assert f"Step 1 of {len(STOPS)}: Run." in words(app) and app.button(key="tour-back").disabled
    app.button(key="tour-next").click().run()
    at(app, "tasks")
    assert f"Step 2 of {len(STOPS)}: Tasks." in words(app) and STOPS[1].do in words(app)
    sheets = "".join(each.proto.body for each in app._tree[2].get("html"))  # where a sheet alone goes
    assert f".st-key-{STOPS[1].mark} {{ outline" in sheets, "what it speaks of is not outlined"
    assert run in app.query_params["run"]  # one text or a list of them
    app.button(key="tour-back").click().run()
    at(app, "run")
    assert f"Step 1 of {len(STOPS)}: Run." in words(app)
    at(app.switch_page("pages/home.py"), "")
    assert f"Your tour waits at step 1 of {len(STOPS)}: <b>Run</b>" in words(app)
    app.button(key="tour-continue").click().run()
    at(app, "run")
    assert f"Step 1 of {len(STOPS)}: Run." in words(app)
    app.button(key="tour-end").click().run()
    at(app.switch_page("pages/tasks.py"), "tasks")
    assert "Step " not in words(app) and "tour-again" in keys(app)
    sound(app)
    at(app.switch_page("pages/home.py"), "")
    assert "tour-start" not in keys(app)


def test_no_thanks_is_remembered_in_the_home_folder_and_the_tour_can_be_taken_later(open_page, home):
    write_run(home)
    app = open_page("home")
    app.button(key="tour-no").click().run()
    assert "tour-start" not in keys(app) and (home / "tour-declined").exists()
    later = open_page("home")
    assert "tour-start" not in keys(later)
    later.button(key="tour-again").click().run()
    at(later, "run")
    assert f"Step 1 of {len(STOPS)}: Run." in words(later)
    sound(later)


def test_the_last_step_has_no_next_and_a_page_that_is_opened_moves_the_tour(open_page, home):
    write_run(home)
    app = open_page("home")
    app.button(key="tour-start").click().run()
    at(app.switch_page("pages/story.py"), "story")
    assert f"Step {len(STOPS)} of {len(STOPS)}: Story." in words(app) and app.button(key="tour-next").disabled
