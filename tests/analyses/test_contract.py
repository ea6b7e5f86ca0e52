"""What every analysis keeps to, whichever it is."""

import dataclasses
import json

import pytest

from engine.analyses.base import ANALYSES
from engine.errors import BadParameter
from engine.interventions.evidence import CHOICES, EARLIER, LEVELS, Evidence
from engine.jobs.analyses import Question
from engine.params import parameters_of

NAMES = list(ANALYSES)
LOOKS_BACK = {"oracles", "repairs", "random_words", "robustness", "forgetting_floor", "rules"}
"""Those that measure or choose something on images of earlier tasks, at least by their defaults or beside others."""


def test_the_house_has_the_analyses_that_its_pages_ask_for():
    assert set(NAMES) >= {"causal_effects", "curves", "embedding_map", "exemplars", "random_words", "repairs", "replay"}


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_title_and_frozen_declared_settings(name):
    declared = ANALYSES.get(name)
    assert declared.name == name
    assert 3 < len(ANALYSES.title(name)) < 100
    made = declared()
    assert {p.name for p in parameters_of(declared)} == {field.name for field in dataclasses.fields(declared)}
    json.dumps(made.to_mapping())  # they name the stored answer
    for parameter in parameters_of(declared):
        assert parameter.help.endswith(".")
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, parameter.name, parameter.default)
        if parameter.high is not None and parameter.kind is not str:
            with pytest.raises(BadParameter, match=parameter.name):
                declared.from_mapping({parameter.name: parameter.high + 1})


@pytest.mark.parametrize("name", NAMES)
def test_it_says_in_words_whether_it_can_be_answered(name, tiny_lab):
    reason = ANALYSES.get(name)().why_not(tiny_lab)
    assert reason is None or len(reason) > 10


@pytest.mark.parametrize("name", NAMES)
def test_it_declares_what_it_measures_or_chooses_on(name):
    declared = ANALYSES.get(name)().evidence
    assert all(isinstance(one, Evidence) and (EARLIER in one.said) == one.earlier_images for one in declared)
    assert name not in LOOKS_BACK or any(one.earlier_images for one in declared)


@pytest.mark.parametrize("kinds", [LEVELS, CHOICES])
def test_whatever_looks_back_has_an_alternative_that_comes_first_and_does_not(kinds):
    assert not next(iter(kinds.values())).earlier_images and any(one.earlier_images for one in kinds.values())
    assert all(name == one.name for name, one in kinds.items())


def test_settings_name_an_answer_whatever_their_order():
    one, two = ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert Question("r", 0, "curves", one).key == Question("r", 0, "curves", two).key
