"""The Help drawer, and the words that open it."""

from __future__ import annotations

import re

import pytest

from engine.exhibits.every import load
from engine.glossary import TERMS
from engine.metrics.definitions import DEFINITIONS
from pages.ui.words import linked
from tests.pages.saying import sound, words
from tests.pages.stores import write_run


def test_the_address_opens_it_at_a_word_on_the_page_where_one_is(open_page, home):
    write_run(home)
    app = sound(open_page("tasks", help="open", term="epsilon"))
    assert app.title[0].value.startswith("Task 1 lost 35 points")
    chosen = next(e.value for e in app.html if "plg-chosen" in e.value)
    assert TERMS["epsilon"].plain in chosen
    assert (app.query_params["help"], app.query_params["term"]) == ("open", "epsilon")


def test_it_holds_everything_and_begins_with_what_the_page_explains(open_page, home):
    write_run(home)
    app = sound(open_page("tasks", help="open"))
    folds = [e.value for e in app.html if "<details class='plg'" in e.value]
    assert re.findall("<summary>(.*?)</summary>", folds[0]) == ["On this page"] and " open>" in folds[0]
    assert f"<h3>{DEFINITIONS['forgetting'].title}</h3>" in folds[0] and TERMS["pgd"].plain not in folds[0]
    everything = "".join(folds[1:])
    assert all(f"<h3>{one.title}</h3>" in everything for one in (TERMS["habitat-shortcut"], DEFINITIONS["ece"]))
    assert "Ctrl+Z" in everything and "<h3>" not in "".join(folds[-1:])


def test_it_is_closed_until_somebody_asks(open_page, home):
    write_run(home)
    app = sound(open_page("tasks"))
    assert "?help=open" in words(app) and not [e for e in app.html if "<details class='plg'" in e.value]


def test_searching_leaves_what_fits_and_says_when_nothing_does(open_page):
    app = open_page("tasks", help="open")
    app.text_input(key="help-search").set_value("look-alike").run()
    assert f"<h3>{TERMS['look-alike'].title}</h3>" in words(app) and TERMS["epoch"].plain not in words(app)
    app.text_input(key="help-search").set_value("<b>zyx</b>").run()
    assert "Nothing here has these words" in words(sound(app)) and "<b>zyx" not in words(app)


def test_a_number_can_be_asked_for_and_a_word_that_is_not_there_is_named(open_page):
    app = open_page("tasks", help="open", term="ece")
    assert DEFINITIONS["ece"].title in next(e.value for e in app.html if "plg-chosen" in e.value)
    said = words(sound(open_page("tasks", help="open", term="<i>x")))
    assert "not explained here" in said and "&lt;i&gt;x" in said and "<i>x" not in said


def test_only_the_first_occurrence_of_a_word_is_linked_and_everything_is_escaped():
    told: set[str] = set()
    html = linked("A concept <b>and</b> concepts. Attacks on CLIP & attacked birds", told)
    assert html.count("<a ") == 3 and told == {"concept", "adversarial-attack", "clip"}
    assert "term=concept' target='_blank'>concept</a>" in html and "&lt;b&gt;and&lt;/b&gt; concepts." in html
    assert "CLIP</a> &amp; attacked birds" in html
    assert "<a " not in linked("Concept", told)


@pytest.mark.parametrize(
    ("text", "key"),
    [("A heat map.", "heat-map"), ("zero-shot CLIP", "zero-shot"), ("at 4/255", "epsilon"), ("the AUC", "auc")],
)
def test_the_longest_word_that_fits_is_linked(text, key):
    assert re.findall(r"term=([\w-]+)", linked(text)) == [key]


@pytest.mark.parametrize("text", ["conceptual", "multitask", "task-free", "unattacked", ""])
def test_parts_of_other_words_are_left_alone(text):
    assert "<a " not in linked(text)


def test_every_link_in_every_lesson_leads_somewhere():
    lessons = [kind.lesson for kind in load().values()]
    found = {
        key
        for lesson in lessons
        for part in (lesson.what, lesson.why, lesson.reading, lesson.caveats)
        for key in re.findall(r"term=([\w-]+)", linked(part))
    }
    assert len(found) > 15 and found <= set(TERMS)
