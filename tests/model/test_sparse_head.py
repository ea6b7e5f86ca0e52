"""The sparse head against scikit-learn's SAGA and the conditions of optimality, and at a wanted number of concepts."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from engine.model.sparse_head import sparse_head, sparse_head_at

CLASSES, CONCEPTS = 4, 12


def scores_and_labels(images=160, concepts=CONCEPTS, seed=0):
    """Scores of unequal size and offset, some of them alike, that depend on the class."""
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(images) % CLASSES
    centres = torch.randn(CLASSES, concepts, generator=draw)
    scores = centres[labels] + 1.5 * torch.randn(images, concepts, generator=draw)
    scores[:, 1] = scores[:, 0] + 0.1 * scores[:, 1]
    return scores * torch.linspace(0.01, 3, concepts) + torch.linspace(-2, 2, concepts), labels


def standardised(scores):
    wide = scores.double()
    return (wide - wide.mean(0)) / wide.std(0, correction=0)


def objective(scores, labels, head, strength, share):
    weights = head[0].double() * scores.double().std(0, correction=0)
    logits = scores.double() @ head[0].double().T + head[1].double()
    penalty = share * weights.abs().sum() + (1 - share) / 2 * weights.square().sum()
    return (torch.nn.functional.cross_entropy(logits, labels) + strength * penalty).item()


@pytest.mark.parametrize(("strength", "share"), [(0.01, 0.99), (0.03, 0.5), (0.005, 0.9)])
def test_it_finds_what_saga_finds(strength, share):
    scores, labels = scores_and_labels()
    weights, bias = sparse_head(scores, labels, CLASSES, strength, share, accuracy=1e-4)
    saga = LogisticRegression(
        solver="saga", C=1 / (len(labels) * strength), l1_ratio=share, max_iter=20_000, tol=1e-8, random_state=0
    ).fit(standardised(scores).numpy(), labels.numpy())
    own = (weights.double() * scores.double().std(0, correction=0)).numpy()
    np.testing.assert_allclose(own, saga.coef_, atol=2e-3)
    probabilities = torch.softmax(scores.double() @ weights.double().T + bias, 1).numpy()
    np.testing.assert_allclose(probabilities, saga.predict_proba(standardised(scores).numpy()), atol=2e-3)
    raw = torch.from_numpy(saga.coef_) / scores.double().std(0, correction=0)
    theirs = raw, torch.from_numpy(saga.intercept_) - raw @ scores.double().mean(0)
    assert (
        objective(scores, labels, (weights, bias), strength, share)
        < objective(scores, labels, theirs, strength, share) + 1e-6
    )
    assert weights.dtype == bias.dtype == torch.float32


def test_derivatives_are_as_near_to_optimal_as_promised():
    scores, labels = scores_and_labels()
    strength, share, accuracy = 0.02, 0.9, 0.01
    weights, bias = sparse_head(scores, labels, CLASSES, strength, share, accuracy=accuracy)
    z = standardised(scores)
    w = weights.double() * scores.double().std(0, correction=0)
    errors = torch.softmax(scores.double() @ weights.double().T + bias, 1) - torch.eye(CLASSES)[labels]
    gradient = errors.T @ z / len(labels) + strength * (1 - share) * w
    allowed = accuracy * strength + 1e-6
    assert (gradient[w == 0].abs() <= strength * share + allowed).all() and (w == 0).any()
    assert ((gradient + strength * share * w.sign())[w != 0].abs() <= allowed).all() and (w != 0).any()
    assert (errors.mean(0).abs() <= allowed).all()


def test_more_concepts_than_images_and_copies_of_a_concept_are_no_trouble():
    scores, labels = scores_and_labels(images=40, concepts=60)
    scores[:, 30:] = scores[:, :30]
    weights, bias = sparse_head(scores, labels, CLASSES, 1e-3, 0.99)
    assert torch.isfinite(weights).all() and torch.isfinite(bias).all()
    assert ((scores @ weights.T + bias).argmax(1) == labels).all()


def test_a_concept_that_never_changes_weighs_nothing():
    scores, labels = scores_and_labels()
    scores[:, 3] = 0.7
    weights, _ = sparse_head(scores, labels, CLASSES, 1e-3, 0.99)
    assert (weights[:, 3] == 0).all() and weights.count_nonzero() > 0


def test_a_start_saves_steps_and_changes_nothing_else(monkeypatch):
    from engine.model import multinomial

    scores, labels = scores_and_labels()
    cold = sparse_head(scores, labels, CLASSES, 0.01, 0.99, accuracy=1e-3)
    steps = []
    moved = multinomial.Logistic._moved
    monkeypatch.setattr(multinomial.Logistic, "_moved", lambda *a: steps.append(1) or moved(*a))
    warm = sparse_head(scores, labels, CLASSES, 0.01, 0.99, cold, accuracy=5e-3)
    assert len(steps) == 0
    torch.testing.assert_close(warm[0], cold[0])
    part = cold[0][:3, :10], cold[1][:3]
    grown = sparse_head(scores, labels, CLASSES, 0.01, 0.99, part, accuracy=1e-3)
    torch.testing.assert_close(grown[0], cold[0], atol=0.02, rtol=0.02)


def test_the_same_call_gives_the_same_bits_and_threads_are_given_back():
    scores, labels = scores_and_labels()
    before = torch.get_num_threads()
    first, second = (sparse_head(scores, labels, CLASSES, 0.01, 0.99) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("wanted", [1, 3, 6])
def test_a_number_of_concepts_is_met(wanted):
    scores, labels = scores_and_labels()
    (weights, bias), strength = sparse_head_at(scores, labels, CLASSES, wanted, 0.99)
    assert abs(weights.count_nonzero().item() / CLASSES - wanted) <= 0.5
    plain = sparse_head(scores, labels, CLASSES, strength, 0.99, accuracy=0.01)
    assert (
        abs(
            objective(scores, labels, (weights, bias), strength, 0.99)
            - objective(scores, labels, plain, strength, 0.99)
        )
        < 0.02 * strength
    )


def test_more_concepts_than_there_are_gives_all_it_can():
    scores, labels = scores_and_labels(images=60, concepts=4)
    (weights, _), strength = sparse_head_at(scores, labels, CLASSES, 100, 0.9)
    assert strength > 0 and 2 < weights.count_nonzero().item() / CLASSES <= 4


def test_one_class_needs_no_weights():
    scores = torch.randn(10, 3, generator=torch.Generator().manual_seed(0))
    weights, bias = sparse_head(scores, torch.zeros(10, dtype=torch.long), 1, 0.01, 0.99)
    assert weights.shape == (1, 3) and weights.count_nonzero() == 0 and torch.isfinite(bias).all()
    (weights, _), _ = sparse_head_at(scores, torch.zeros(10, dtype=torch.long), 1, 5, 0.99)
    assert weights.count_nonzero() == 0


@pytest.mark.parametrize(
    ("classes", "strength", "share", "told"),
    [(5, 0.1, 0.9, "every class"), (3, 0.1, 0.9, "every class"), (4, 0.0, 0.9, "strength"), (4, 0.1, 0.0, "share")],
)
def test_what_has_no_answer_is_refused(classes, strength, share, told):
    scores, labels = scores_and_labels(40)
    with pytest.raises(ValueError, match=told):
        sparse_head(scores, labels, classes, strength, share)


def test_a_start_that_is_surely_wrong_about_a_new_class_is_left_behind():
    """As after a task: the old head takes every image of the new class for an old one, without a doubt."""
    scores, labels = scores_and_labels()
    old = labels < CLASSES - 1
    before = sparse_head(scores[old], labels[old], CLASSES - 1, 1e-4, 0.99)
    sure = before[0], before[1] + 30
    warm, cold = (sparse_head(scores, labels, CLASSES, 0.01, 0.99, start) for start in (sure, None))
    values = [objective(scores, labels, head, 0.01, 0.99) for head in (warm, cold)]
    assert values[0] == pytest.approx(values[1], abs=1e-3)
    right = (scores @ warm[0].T + warm[1]).argmax(1) == labels
    assert right[~old].float().mean() > 0.5
