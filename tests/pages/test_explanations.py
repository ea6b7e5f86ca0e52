"""Rules, words, and what comes past the concepts, on the pages of a real tiny run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.analyses.performing import answer
from engine.exhibits.concepts import rules, words
from engine.jobs.analyses import Question
from engine.session.lab import Lab
from engine.store.store import RunStore
from tests.beside import LAST, with_residual
from tests.pages import concept_runs
from tests.pages.saying import sound
from tests.pages.saying import words as text_of


@pytest.fixture(scope="module")
def found(tiny_lab: Lab) -> dict[str, Any]:
    return {name: answer(tiny_lab, Question(tiny_lab.view.id, LAST, name, {})) for name in ("rules", "words")}


@pytest.fixture
def opened(
    open_tiny: Callable[..., Any], own_tiny_home: Path, tiny_lab: Lab, found: dict[str, Any]
) -> Callable[..., Any]:
    """Open a page, all that it asks for being known."""
    for name, result in {**found, "random_words": concept_runs.control(tasks=LAST + 1)}.items():
        concept_runs.keep(own_tiny_home, tiny_lab.view.id, LAST, name, result)
    return open_tiny


def test_concepts_tell_of_rules_by_kind_and_split(opened: Callable[..., Any], tiny_lab: Lab, found: Any) -> None:
    texts = [concept.text for concept in tiny_lab.snapshot(LAST).bank.concepts]
    names = [tiny_lab.dataset.class_names[c] for c in tiny_lab.snapshot(LAST).class_ids]
    for which, split in (("answers", "test"), ("weights", "moved")):
        app = sound(opened("concepts", view="rules", rules=which, split=split))
        assert rules.exhibit(found["rules"], which, texts, names, split).headline in text_of(app)
        assert "past the concepts" not in text_of(app)  # this model has nothing beside them


def test_concepts_tell_of_words(opened: Callable[..., Any], tiny_lab: Lab, found: Any) -> None:
    names = [tiny_lab.dataset.class_names[c] for c in tiny_lab.snapshot(LAST).class_ids]
    app = sound(opened("concepts", view="words"))
    assert words.exhibit(found["words"], names, [0, 0, 1, 1, 2, 2], hardened=False).headline in text_of(app)


def test_a_picture_is_told_in_words(opened: Callable[..., Any]) -> None:
    said = text_of(sound(opened("picture", tab="words", image="test:0")))
    assert "In words: " in said and "the mean picture alone reaches" in said and "class='pl-words'" in said


def test_what_comes_past_the_concepts_stands_where_concepts_are_told_of(
    opened: Callable[..., Any], own_tiny_home: Path
) -> None:
    with_residual(RunStore(own_tiny_home), 30.0)
    said = text_of(sound(opened("picture", image="test:0")))
    assert "of this answer comes past the concepts; without it the answer would be" in said
    said = text_of(sound(opened("concepts", view="rules")))
    assert "of the lead of its answers comes past the concepts" in said
