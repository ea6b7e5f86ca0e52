"""The analysis of causal effects on a real tiny run: every number can be had again by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from engine.analyses.causal_effects import OFFSETS, SIZES, CausalEffects
from engine.analyses.performing import answer
from engine.data.aviary.render import render
from engine.errors import BadParameter
from engine.explain import effects
from engine.explain.effects import Edits
from engine.jobs.analyses import Question

CLASSES, ATTRIBUTES = 6, 13


@pytest.fixture(scope="module")
def question(tiny_lab):
    return Question(tiny_lab.view.id, tiny_lab.view.tasks_done - 1, "causal_effects", {"edits": 2 * 13 * CLASSES})


@pytest.fixture(scope="module")
def result(tiny_lab, question):
    return answer(tiny_lab, question)


@pytest.fixture(scope="module")
def found(result):
    return Edits.from_arrays(result)


def test_the_birds_are_spread_evenly_and_every_attribute_is_changed(found):
    assert len(found) == 2 * 13 * CLASSES
    assert np.bincount(found.label).tolist() == [2 * 13] * CLASSES
    assert np.bincount(found.attribute).tolist() == [2 * CLASSES] * ATTRIBUTES
    assert (found.new != found.old).all()


def test_every_edit_changes_the_picture_and_only_the_habitat_most_of_it(found):
    assert (found.visible > 0).all()
    body = found.attribute != ATTRIBUTES - 1
    assert found.visible[body].max() < 0.1 < found.visible[~body].min()


def test_one_edit_by_hand(tiny_lab, found):
    at = 40
    snapshot = tiny_lab.snapshot(2)
    bird = tiny_lab.dataset.splits["test"].birds(int(found.bird[at]))
    assert bird.values[found.attribute[at]] == found.old[at]
    codes = list(bird.values)
    codes[found.attribute[at]] = int(found.new[at])
    pictures = np.stack([render(one, tiny_lab.image_size) for one in (bird, replace(bird, values=tuple(codes)))])
    logits = snapshot.from_features(tiny_lab.embed(pictures)).logits.double().numpy()
    change = np.diff(effects.evidence(logits), axis=0)[0]
    assert found.own[at] == pytest.approx(change[found.label[at]], abs=1e-4)
    assert found.predicted[at] == pytest.approx(change[found.before[at]], abs=1e-4)
    assert (found.before[at], found.after[at]) == tuple(logits.argmax(1))
    odds = np.exp(logits[1] - logits[1].max())
    assert found.sure_after[at] == pytest.approx(odds.max() / odds.sum(), abs=1e-4)


def test_the_paths_of_an_edit_add_up_to_its_effect(result, found):
    assert result["paths"].shape == (ATTRIBUTES, ATTRIBUTES + 1)
    sizes = effects.per_attribute(np.abs(found.own), found, ATTRIBUTES).mean
    assert (result["paths"].sum(1) >= sizes - 1e-6).all()  # parts of either sign cancel, never the other way round
    own = effects.per_attribute(np.abs(found.through), found, ATTRIBUTES).mean
    np.testing.assert_allclose(np.diag(result["paths"]), own, atol=1e-9)


def test_values_given_and_taken_are_counted_once_each(result, found):
    assert result["shown_count"].sum() == result["removed_count"].sum() == len(found)
    column = OFFSETS[found.attribute] + found.new
    assert result["shown_count"].tolist() == np.bincount(column, minlength=int(SIZES.sum())).tolist()
    known = result["shown_count"] > 0
    np.testing.assert_allclose(result["shown"][known].sum(1), 0, atol=1e-5)  # evidence is measured against the mean


def test_the_claims_are_as_many_as_the_values_and_count_no_concept_twice(tiny_lab, result):
    assert result["value_claims"].shape == (int(SIZES.sum()), CLASSES)
    assert result["value_concepts"].sum() <= len(tiny_lab.snapshot(2).bank)
    assert (np.abs(result["value_claims"][result["value_concepts"] == 0]) < 0.05).all()


def test_the_same_question_has_the_same_answer(tiny_lab, question, result):
    again = answer(tiny_lab, replace(question, settings={"edits": 13 * CLASSES}))
    assert len(again["bird"]) == 13 * CLASSES
    assert set(again["bird"].tolist()) <= set(result["bird"].tolist())  # more pictures keep the birds of fewer
    once_more = answer(tiny_lab, replace(question, settings={"edits": 13 * CLASSES}))
    assert all(np.array_equal(again[name], once_more[name], equal_nan=True) for name in again)


def test_after_the_first_task_there_are_only_its_classes(tiny_lab, question):
    early = answer(tiny_lab, replace(question, task=0, settings={"edits": 13}))
    assert set(early["label"].tolist()) == {0, 1}
    assert early["shown"].shape[1] == 2


def test_it_says_why_not_of_photographs():
    photographs = SimpleNamespace(config=SimpleNamespace(dataset="folder"))
    assert "photographs" in CausalEffects().why_not(photographs)
    assert CausalEffects().why_not(SimpleNamespace(config=SimpleNamespace(dataset="aviary"))) is None


@pytest.mark.parametrize("edits", [12, 200_001])
def test_limits(edits):
    with pytest.raises(BadParameter):
        CausalEffects(edits=edits)
