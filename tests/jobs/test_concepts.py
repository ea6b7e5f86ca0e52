"""Longer work on texts: asked for once, listed by its title, and what it made read as it was declared."""

from pathlib import Path

import pytest

from engine.data.texts.kept import ConceptSets
from engine.data.texts.sets import collected
from engine.errors import NotApplicable, StoreDamaged
from engine.generation.endpoint import Endpoint
from engine.jobs import board, concepts, queue
from engine.jobs.concepts import Likeness, Sifted, Suggested
from engine.runs.config import preset
from engine.store.states import FINISHED
from tests.generation.serving import KEY
from tests.job_states import done_here

TINY = preset("tiny")


def test_the_same_is_asked_for_once_and_listed_by_its_title(empty_store, monkeypatch):
    monkeypatch.setattr(queue, "_start", lambda store, job: None)
    command = concepts.sifting(TINY)
    assert concepts.asked(empty_store, command) is None
    concepts.ask(empty_store, command, "What the filters leave")
    with pytest.raises(NotApplicable, match="running"):
        concepts.ask(empty_store, command, "What the filters leave")
    (listed,) = board.listed(empty_store)
    assert listed.title == "What the filters leave" and listed.job == concepts.asked(empty_store, command)
    assert concepts.asked(empty_store, concepts.sifting(TINY.changed(filter_length=3))) is None


def test_a_command_names_what_decides_and_no_key(monkeypatch):
    monkeypatch.setenv("PLUMAGE_LLM_KEY", KEY)
    endpoint = Endpoint(address="http://localhost:1/v1", model="m")
    config = TINY.changed(concepts="vocabulary", filter_length=9, method="ncm", prompt="a {}")
    asked = concepts.generation(config, endpoint, "labo")
    assert KEY not in " ".join(asked) and "classes=6" in asked and "prompt=a {}" not in asked
    assert {"filter_length=9", "method=ncm", "concepts=vocabulary", "increment=2"} <= set(concepts.sifting(config))
    alike = concepts.likening(config, Likeness(cosine_above=0.8))
    assert "0.8" in alike and "prompt=a {}" in alike and "increment=2" not in alike


def test_what_the_rules_leave_and_what_is_alike_as_a_job(empty_store, monkeypatch):
    done_here(monkeypatch)
    monkeypatch.setenv("PLUMAGE_HOME", str(empty_store.home))
    listed = collected([("red crown", None, ""), ("a red crown", None, ""), ("long tail", None, "")], "by hand")
    version = ConceptSets(empty_store.home).keep("mine", listed, "by hand")
    config = TINY.changed(concepts=version.address, filter_length=9)
    concepts.ask(empty_store, concepts.sifting(config), "x")
    job = concepts.asked(empty_store, concepts.sifting(config))
    assert job.status == FINISHED, job.error
    found = concepts.made(job, Sifted)
    assert [(e.text, len(e.classes)) for e in found.kept] == [("red crown", 6), ("long tail", 6)]
    (gone,) = found.removed
    assert (gone.text, gone.rule, gone.value, gone.limit) == ("a red crown", "filter_length", 11, 9)
    assert len(gone.classes) == 6
    likening = concepts.likening(config, Likeness(cosine_above=0.5))
    concepts.ask(empty_store, likening, "x")
    job = concepts.asked(empty_store, likening)
    (group,) = concepts.made(job, Suggested).groups
    assert group.texts[:2] == ("red crown", "a red crown") and 0.5 < group.cosines[0] <= 1
    Path(job.made).write_text("{")
    with pytest.raises(StoreDamaged, match="Ask for it again"):
        concepts.made(job, Suggested)
    Path(job.made).unlink()
    assert concepts.asked(empty_store, likening) is None  # it is offered again
