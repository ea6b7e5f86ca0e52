"""Accuracy with few concepts, leakage and lost relations, on the tiny run."""

import numpy as np
import pytest

from engine.analyses.leakage import KINDS
from engine.analyses.performing import answer
from engine.analyses.sparse_accuracy import LEVELS, cut, refit
from engine.jobs.analyses import Question
from engine.metrics.concepts import right_at_nec
from engine.metrics.relations import linear_probe


def ask(lab, name, **settings):
    return answer(lab, Question(lab.view.id, lab.view.tasks_done - 1, name, settings))


def test_a_cut_head_keeps_the_strongest_weights_of_all_classes_and_the_mean_of_the_rest():
    """Strengths 4, 2 and 3, 1 at a spread of 1; one a class: 4 and 3 stay. The mean of what goes is 2 * 5."""
    scores = np.array([[0.0, 4.0], [2.0, 6.0]])
    weights, bias = np.array([[4.0, 2.0], [3.0, 1.0]]), np.array([0.5, 0.0])
    left, moved = cut(weights, bias, scores, 1)
    assert left.tolist() == [[4, 0], [3, 0]] and moved.tolist() == [10.5, 5.0]
    assert cut(weights, bias, scores, 2)[0].tolist() == weights.tolist()


def test_a_refitted_head_rests_on_no_more_concepts_than_asked():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 30)
    scores = rng.normal(size=(120, 12)) + 2 * np.eye(4)[labels] @ rng.normal(size=(4, 12))
    for level in (1, 3):
        weights, _ = refit(scores, labels, 4, level)
        assert 0 < (weights != 0).sum() <= level * 4


@pytest.fixture(scope="module")
def sparse(lab):
    return ask(lab, "sparse_accuracy", controls=1)


def test_a_pruned_head_is_measured_as_the_metric_says_and_all_concepts_are_the_run_itself(lab, sparse):
    model, train, test = lab.snapshot(2), lab.train(2), lab.sample("test", 2)
    scores, told = ((each.features @ model.bottleneck.T).double().numpy() for each in (test, train))
    head = model.head.double().numpy(), model.bias.double().numpy()
    right = right_at_nec(scores, test.labels.numpy(), head, (told.mean(0), told.std(0)), LEVELS[0])
    assert sparse["levels"].tolist() == list(LEVELS)
    assert sparse["pruned"][0, 0] == right.mean()
    enough = [level for level in LEVELS if level >= len(model.bank)]
    for level in enough:
        assert sparse["pruned"][LEVELS.index(level), 0] == pytest.approx(lab.view.accuracy_seen("test")[2])


def test_the_gain_is_the_refitted_head_minus_that_on_random_words(sparse):
    assert sparse["random_refitted"].shape == (1, len(LEVELS), 2)
    np.testing.assert_allclose(sparse["gain"][..., 0], sparse["refitted"] - sparse["random_refitted"][0], atol=1e-12)
    assert (sparse["gain"][..., 1] <= sparse["gain"][..., 0]).all()


def test_leakage_compares_heads_on_scores_calls_and_truth(lab):
    found = ask(lab, "leakage")
    scores, called, truth = (found["accuracy"][KINDS.index(kind)] for kind in KINDS)
    np.testing.assert_allclose(found["gap"][0, :, 0], scores - truth, atol=1e-12)
    np.testing.assert_allclose(found["gap"][1, :, 0], scores - called, atol=1e-12)
    assert found["concepts"] > 0 and (truth > 0.5).all()  # true attributes tell these species apart


def test_relations_begin_with_what_was_there_and_are_probed_as_the_metric_says(lab):
    found = ask(lab, "concept_relations")
    assert np.diag(found["kept"]) == pytest.approx(1, abs=1e-6) and np.isnan(found["linear"][0, 1:]).all()
    model, before = lab.snapshot(2), lab.snapshot(0)
    rows, classes = model.bottleneck[: len(before.bank)], len(before.class_ids)
    own = [sample.where(sample.labels < classes) for sample in (lab.train(2), lab.sample("test", 2))]
    told = [((each.features @ rows.T).double().numpy(), each.labels.numpy()) for each in own]
    assert found["linear"][2, 0] == pytest.approx(linear_probe(*told), abs=0.04)


@pytest.mark.parametrize("name", ["sparse_accuracy", "leakage", "concept_relations"])
def test_a_method_without_concepts_is_refused_with_the_reason(tiny, lab, name):
    from types import SimpleNamespace

    from engine.analyses.base import ANALYSES

    without = SimpleNamespace(config=lab.config.changed(method="ncm"))
    assert "learns no concepts" in ANALYSES.get(name).from_mapping({}).why_not(without)
