"""The losses of published black boxes, on numbers worked out by hand."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from engine.model.course import Labelled
from engine.model.probe_objectives import (
    AdaptedObjective,
    AlignedObjective,
    DistilledObjective,
    NamePairs,
    SprungObjective,
    VariationalObjective,
)

BATCH = Labelled(torch.tensor([[0.6, 0.8], [1.0, 0.0]]), torch.tensor([1, 2]))
WEIGHTS = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.0, -1.0]])
BIAS = torch.tensor([0.0, 0.5, -0.5])


def plain():
    return cross_entropy(BATCH.features @ WEIGHTS.T + BIAS, BATCH.labels).item()


def test_springs_pull_old_rows_and_their_biases():
    stiffness = torch.tensor([[1.0, 2.0, 3.0]])
    objective = SprungObjective(stiffness=stiffness, anchor=torch.tensor([[0.0, 1.0, 2.0]]), scale=0.5)
    loss, _ = objective.loss([WEIGHTS, BIAS], BATCH)
    assert loss.item() == pytest.approx(plain() + 0.5 * (1 * 1 + 2 * 1 + 3 * 4), rel=1e-6)


def test_distillation_is_least_where_old_answers_are_as_before():
    former = WEIGHTS[:2].clone()
    objective = DistilledObjective(weights=former, bias=BIAS[:2], temperature=2.0, strength=3.0)
    weights = WEIGHTS.clone().requires_grad_()
    loss, _ = objective.loss([weights, BIAS], BATCH)
    share = torch.softmax((BATCH.features @ former.T + BIAS[:2]) / 2, 1)
    entropy = -(share * share.log()).sum(1).mean().item()
    assert loss.item() == pytest.approx(plain() + 3 * entropy, rel=1e-6)
    own = weights.detach().clone().requires_grad_()
    cross_entropy(BATCH.features @ own.T + BIAS, BATCH.labels).backward()
    loss.backward()
    torch.testing.assert_close(weights.grad, own.grad)  # distillation adds nothing to the gradient there


def test_aligned_logits_have_one_length_whatever_the_classifiers():
    objective = AlignedObjective(sizes=(1, 2), temperature=0.5)
    loss, logits = objective.loss([WEIGHTS, torch.zeros(3)], BATCH)
    larger, _ = objective.loss([10 * WEIGHTS, torch.zeros(3)], BATCH)
    assert larger.item() == pytest.approx(loss.item(), rel=1e-5)
    lengths = [(0.6 + math.hypot(1.6, -0.2)) / 2, (1 + math.hypot(0, 1)) / 2]
    by_hand = [[v / n / 0.5 for v in row] for row, n in zip([[0.6, 1.6, -0.2], [1, 0, 1]], lengths, strict=True)]
    assert loss.item() == pytest.approx(cross_entropy(torch.tensor(by_hand), BATCH.labels).item(), rel=1e-5)
    torch.testing.assert_close(logits, BATCH.features @ WEIGHTS.T)


def test_a_name_pair_costs_what_its_margin_lacks():
    """Without spread every sample is the old class's mean: cos 0.8 with its own name, 0.6 with the new one."""
    texts = torch.eye(2)
    stream = torch.Generator().manual_seed(1)
    mean = torch.tensor([[0.8, 0.6]])
    pairs = NamePairs(torch.tensor([0]), torch.tensor([1]), mean, 2, [torch.zeros_like], 5, stream)
    batch = Labelled(torch.tensor([[0.0, 1.0]]), torch.tensor([1]))
    alone, idle, active = (
        AdaptedObjective(texts, 10.0, which, margin).loss([torch.eye(2)], batch)[0].item()
        for which, margin in ((None, 0.0), (pairs, 0.1), (pairs, 0.5))
    )
    assert alone == pytest.approx(math.log(1 + math.exp(-10)), abs=1e-6)
    assert idle == pytest.approx(alone) and active - alone == pytest.approx(0.3, abs=1e-6)


def test_the_bound_is_the_divergence_and_the_fit():
    """KL of N(1, 1) from N(0, 2): log 2 + (1 + 1) / 8 - 1 / 2, for each of 2 heads, 3 classes and 3 weights."""
    shape = 2, 3, 3
    objective = VariationalObjective(
        torch.zeros(shape), torch.full(shape, 2.0), images=50, stream=torch.Generator().manual_seed(1)
    )
    rho = torch.full(shape, math.log(math.e - 1))  # softplus gives 1
    each = math.log(2) + 2 / 8 - 0.5
    even = torch.ones(shape)
    loss, logits = objective.loss([even, rho], BATCH)
    noise = torch.randn(2, 2, 3, generator=torch.Generator().manual_seed(1))
    spread = torch.tensor([2.0, 2.0]).sqrt()  # |x|^2 + 1 of either image, at a spread of 1 a weight
    drawn = torch.tensor([2.4, 2.0])[None, :, None] + noise * spread[None, :, None]
    fitted = cross_entropy(drawn.flatten(0, 1), BATCH.labels.repeat(2)).item()
    assert loss.item() == pytest.approx(fitted + 9 * each / 50, rel=1e-5)
    torch.testing.assert_close(logits, torch.tensor([[2.4] * 3, [2.0] * 3]))
    sure = [even, torch.full(shape, -60.0)]  # no spread: nothing is drawn
    certain, _ = objective.loss(sure, BATCH)
    kl = (torch.log(2 / torch.tensor(math.exp(-60.0))) + (math.exp(-120) + 1) / 8 - 0.5).item()
    assert certain.item() == pytest.approx(math.log(3) + 9 * kl / 50, rel=1e-3)
    torch.testing.assert_close(
        objective.logits([torch.stack([even[0], 3 * even[0]]), rho], BATCH.features)[0], torch.full((3,), 2 * 2.4)
    )
