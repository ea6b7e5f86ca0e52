"""Slides that only some runs have: preferences, boundaries, and what was forgotten on purpose."""

from __future__ import annotations

import pytest

from engine.session.facts import RunFacts
from engine.slides.base import SLIDES
from engine.slides.decks import missing, told
from engine.store.store import RunStore

OWN = {"preferences": "ibcl", "boundaries": "tame", "unlearnt": "without 1 image"}


@pytest.mark.parametrize("name", OWN)
def test_a_run_tells_what_its_page_tells_and_others_say_why_not(elsewhere_home, name):
    store = RunStore(elsewhere_home)
    for summary in store.runs():
        facts = RunFacts(store, summary.id)
        if OWN[name] in (summary.method, summary.name):
            slide = SLIDES.get(name)().make(facts)
            assert f"{slide.exhibit.headline}." in (slide.sentence, *slide.notes) and name in told("all", facts)
            assert len(slide.sentence) < 160
            assert all(note.endswith(".") for note in (*slide.notes, slide.small))
        else:
            assert name not in told("all", facts) and SLIDES.title(name) in missing("all", facts)


def test_before_the_second_task_there_is_nothing_to_prefer(elsewhere_home):
    store = RunStore(elsewhere_home)
    run = next(summary.id for summary in store.runs() if summary.method == "ibcl")
    assert "no task is older" in SLIDES.get("preferences")().why_not(RunFacts(store, run, 0))
