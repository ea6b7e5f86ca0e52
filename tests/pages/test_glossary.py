"""The glossary page, and the words that lead to it."""

from __future__ import annotations

import re

import pytest

from engine.exhibits.every import load
from engine.glossary import TERMS
from engine.metrics.definitions import DEFINITIONS
from pages.ui import shell
from pages.ui.words import linked
from tests.pages.saying import sound, words


def test_everything_is_there_and_the_address_chooses(open_page):
    app = sound(open_page("glossary", term="epsilon"))
    said = words(app)
    for heading in ("Learning one thing after another", "What every number means"):
        assert heading in said
    for key in ("habitat-shortcut", "pgd", "ece", "robust_accuracy"):
        assert f"id='word-{key}'" in said
    chosen = next(e.value for e in app.html if "plg-chosen" in e.value)
    assert TERMS["epsilon"].plain in chosen
    assert app.query_params["term"] == "epsilon"


def test_searching_leaves_what_fits_and_says_when_nothing_does(open_page):
    app = open_page("glossary")
    app.text_input(key="glossary-search").set_value("look-alike").run()
    assert "id='word-look-alike'" in words(app) and "id='word-epoch'" not in words(app)
    app.text_input(key="glossary-search").set_value("<b>zyx</b>").run()
    assert "Nothing here has these words" in words(sound(app)) and "<b>zyx" not in words(app)


def test_a_number_can_be_asked_for_and_a_word_that_is_not_there_is_named(open_page):
    assert DEFINITIONS["ece"].title in next(
        e.value for e in open_page("glossary", term="ece").html if "plg-chosen" in e.value
    )
    said = words(sound(open_page("glossary", term="<i>x")))
    assert "not in the glossary" in said and "&lt;i&gt;x" in said and "<i>x" not in said


def test_it_is_a_page_that_the_menu_does_not_list(monkeypatch):
    monkeypatch.setattr(shell.st, "Page", lambda path, **given: (path, given.get("visibility", "visible")))
    assert ("pages/glossary.py", "hidden") in shell.pages()


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
