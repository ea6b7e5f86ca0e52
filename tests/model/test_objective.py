"""The loss's gradients, derived by hand, against autograd and by hand-made numbers."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy, normalize

from engine.model.objective import Terms, TrainingObjective


def plain_loss(x, y, targets, bottleneck, head, terms):
    """The formula written down naively, for autograd."""
    scores = x @ bottleneck.T
    loss = cross_entropy(scores @ head.T, y)
    a, g = scores, targets
    if terms.centred:
        a, g = a - a.mean(0), g - g.mean(0)
    similarity = (normalize(a**3, dim=0) * normalize(g**3, dim=0)).sum(0).mean()
    elastic = terms.l1_share * head.abs().sum() + (1 - terms.l1_share) / 2 * head.square().sum()
    return loss - terms.alignment * similarity + terms.sparsity * elastic


def problem(n=9, d=5, k=4, c=3):
    draw = torch.Generator().manual_seed(3)
    x = normalize(torch.randn(n, d, generator=draw, dtype=torch.float64), dim=1)
    y = torch.randint(0, c, (n,), generator=draw)
    texts, bottleneck, head = (torch.randn(*s, generator=draw, dtype=torch.float64) for s in ((k, d), (k, d), (c, k)))
    return x, y, x @ normalize(texts, dim=1).T, bottleneck, head


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize(("alignment", "sparsity"), [(0.0, 0.0), (1.0, 0.0), (0.0, 0.01), (2.5, 0.03)])
def test_gradients_equal_autograd(centred, alignment, sparsity):
    x, y, targets, bottleneck, head = problem()
    terms = Terms(alignment, centred, sparsity, 0.9)
    objective = TrainingObjective(terms, 20, bottleneck, head)
    picked, best = (torch.zeros(len(y), 1, dtype=torch.float64) for _ in range(2))
    similarity = objective.step(x, y[:, None], targets.clone(), picked, best)
    e, w = bottleneck.clone().requires_grad_(), head.clone().requires_grad_()
    loss = plain_loss(x, y, targets, e, w, terms)
    loss.backward()
    torch.testing.assert_close(objective.bottleneck_grad, e.grad, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(objective.head_grad, w.grad, rtol=1e-9, atol=1e-12)
    own = -picked.mean() - alignment * similarity + objective.elastic_net()
    assert own.item() == pytest.approx(loss.item(), rel=1e-9)


def test_a_batch_worked_out_by_hand():
    """One sample x = (1, 0), E = I, W = [[2, 0], [0, 0]], label 1: logits (2, 0), so softmax errors are +-0.8808."""
    bottleneck, head = torch.eye(2), torch.tensor([[2.0, 0.0], [0.0, 0.0]])
    objective = TrainingObjective(Terms(0.0, False, 0.0, 1.0), 1, bottleneck, head)
    picked, best = torch.zeros(1, 1), torch.zeros(1, 1)
    objective.step(torch.tensor([[1.0, 0.0]]), torch.tensor([[1]]), torch.zeros(1, 0), picked, best)
    p = math.exp(2) / (math.exp(2) + 1)
    assert picked.item() == pytest.approx(math.log(1 - p), rel=1e-5)
    torch.testing.assert_close(objective.head_grad, torch.tensor([[p, 0.0], [-p, 0.0]]))
    torch.testing.assert_close(objective.bottleneck_grad, torch.tensor([[2 * p, 0.0], [0.0, 0.0]]))


def test_aligned_scores_reach_similarity_one_and_pull_nowhere():
    x, y, _, bottleneck, head = problem()
    objective = TrainingObjective(Terms(1.0, False, 0.0, 1.0), 20, bottleneck, torch.zeros_like(head))
    picked, best = (torch.zeros(len(y), 1, dtype=torch.float64) for _ in range(2))
    similarity = objective.step(x, y[:, None], x @ bottleneck.T, picked, best)
    assert similarity.item() == pytest.approx(1.0)
    assert objective.bottleneck_grad.abs().max().item() < 1e-12


def test_a_concept_that_is_zero_everywhere_gives_no_nan():
    objective = TrainingObjective(Terms(1.0, False, 0.0, 1.0), 4, torch.zeros(3, 2), torch.zeros(2, 3))
    picked, best = torch.zeros(4, 1), torch.zeros(4, 1)
    objective.step(torch.ones(4, 2), torch.zeros(4, 1, dtype=torch.long), torch.zeros(4, 3), picked, best)
    assert torch.isfinite(objective.bottleneck_grad).all() and torch.isfinite(objective.head_grad).all()
