"""Story mode: the stage, its keys and addresses, and what is tried live."""

from __future__ import annotations

import re

import pytest

from engine.session.facts import RunFacts
from engine.slides import cures
from engine.slides.base import Slide
from engine.slides.decks import DECKS
from engine.store.store import RunStore
from pages.ui.story import presenter
from pages.ui.story.prepared import Prepared
from tests.pages.saying import sound, words
from tests.pages.stores import write_run


@pytest.fixture(autouse=True)
def nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slides are made when asked for only: a test is over before the others are needed."""
    monkeypatch.setattr(Prepared, "ahead", lambda self, names: None)


def sentence(app) -> str:
    found = re.findall(r"<h1 class='sl-sentence'>(.+?)</h1>", words(app))
    assert len(found) == 1
    return found[0]


def held(app, key: str) -> str:
    found = app.query_params.get(key, [""])
    return found[0] if isinstance(found, list) else found


def test_without_a_run_there_is_a_button_and_no_stage(open_page):
    app = open_page("story")
    sound(app)
    assert app.button(key="train-demo") and "Nothing has been learnt yet" in words(app)


def test_the_lobby_offers_every_story_and_says_what_is_left_out(open_page, home):
    write_run(home)
    app = open_page("story")
    sound(app)
    assert all(deck.title in words(app) for deck in DECKS.values())
    assert app.button(key="begin-fix").disabled and "do not say which concepts are true" in words(app)
    app.button(key="begin-forgetting").click().run()
    assert held(app, "deck") == "forgetting" and held(app, "slide") == "learns"
    assert "a whole snapshot file is needed" in words(app)  # this run has numbers only
    app.button(key="stage-next").click().run()
    assert sentence(app).startswith("Task 1 lost 35 points")


def test_keys_turn_the_slides_and_the_address_reopens_one(open_page, home):
    write_run(home)
    app = open_page("story", deck="all", slide="knows")
    sound(app)
    assert sentence(app) == "It now knows 8 birds and gets 86 % of 160 new pictures right."
    app.button(key="stage-next").click().run()
    assert held(app, "slide") == "forgets" and sentence(app).startswith("Task 1 lost 35 points")
    app.button(key="stage-back").click().run()
    assert held(app, "slide") == "knows"
    app.button(key="dot-0").click().run()
    assert held(app, "slide") == "title" and app.button(key="stage-back").disabled
    assert "Slide 1 of" in app.button(key="dot-0").label and "(now)" in app.button(key="dot-0").label
    wanted = {"stage-next": "right", "stage-back": "left", "stage-leave": "escape", "dot-0": "home"}
    assert {key: app.button(key=key).proto.shortcut for key in wanted} == wanted


def test_notes_are_shown_and_can_be_taken_away(open_page, home):
    write_run(home)
    app = open_page("story", deck="all", slide="forgets")
    assert "The largest fall came when task 3" not in words(app)
    app.button(key="stage-notes").click().run()
    assert "The largest fall came when task 3" in words(app) and held(app, "notes") == "yes"
    assert {b.label for b in app.get("download_button")} >= {"All notes as text", "All notes to print"}


def test_the_window_of_the_notes_is_told_of_this_slide_and_the_next():
    slide = Slide("<b>It</b> fell.", None, ("First.", "Then."), "Of one run.")
    told = presenter.said(("knows", "forgets"), 0, slide)
    assert told == {
        "place": "Slide 1 of 2: What it knows now",
        "sentence": "<b>It</b> fell.",
        "notes": ["First.", "Then.", "Of one run."],
        "next": "What it forgets",
    }
    last = presenter.said(("knows", "forgets"), 1, None)
    assert last["next"] == "" and last["notes"] == [] and last["sentence"] == "This slide cannot be shown."


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"deck": "nonsense"}, "There are forgetting, fix, fool, all"),
        ({"deck": "all", "slide": "<b>x</b>"}, "&lt;b&gt;x&lt;/b&gt;"),
        ({"deck": "all", "slide": "fix"}, "Here is the first one instead"),
    ],
)
def test_a_link_to_what_is_not_there_gets_a_message_and_a_way_on(open_page, home, query, said):
    write_run(home)
    app = open_page("story", **query)
    sound(app)
    assert said in words(app)
    assert app.get("button")


def test_a_link_to_a_story_that_the_run_cannot_tell_says_why_and_offers_the_others(open_page, home):
    write_run(home)
    app = open_page("story", deck="fix")
    sound(app)
    assert "Fix a wrong prediction: not with this run" in words(app)
    assert "Its data do not say which concepts are true of a picture" in words(app)
    assert "sl-sentence" not in words(app) and not app.button(key="begin-forgetting").disabled
    app.button(key="begin-forgetting").click().run()
    assert "not with this run" not in words(app) and held(app, "slide") == "learns"


@pytest.mark.parametrize("deck", sorted(DECKS))
@pytest.mark.parametrize("done", [1, 4])
def test_every_story_opens_or_says_why_not(open_page, home, deck, done):
    """A run without truth of concepts, after its first task and after its last."""
    write_run(home, done=done, status="stopped")
    sound(open_page("story", deck=deck))


def test_leaving_forgets_the_slide(open_page, home):
    write_run(home)
    app = open_page("story", deck="all", slide="knows")
    app.button(key="stage-leave").click().run()
    assert not held(app, "slide") and not held(app, "deck")
    assert "sl-sentence" not in words(app)


def test_a_mistake_is_put_right_and_made_again(open_tiny, own_tiny_home):
    store = RunStore(own_tiny_home)
    app = open_tiny("story", deck="fix", slide="fix")
    sound(app)
    asked = sentence(app)
    assert asked.startswith("Do you see")
    for _ in cures.cures(RunFacts(store, store.resolve("last"))).cure.answers:
        app.button(key="try").click().run()
    assert sentence(app).endswith("That is right.") and held(app, "tried")
    app.button(key="untry").click().run()
    assert sentence(app) == asked and not held(app, "tried")
    sound(app)


def test_an_attack_runs_on_the_stage_and_a_link_shows_it_again(open_tiny):
    app = open_tiny("story", deck="fool", slide="fool").run()
    assert sentence(app).startswith("It sees")
    app.button(key="try").click().run()
    assert sentence(app).startswith("It falls: a change of at most 4 of 255 levels turns") and held(app, "tried") == "1"
    assert words(app).count("<figure class='pl-shot'>") == 3
    app.button(key="stage-next").click().run()
    assert held(app, "slide") == "trust" and not held(app, "tried")  # nobody has trained its twin: that is no slide
    assert "try" not in {button.key for button in app.button}
    sound(app)
