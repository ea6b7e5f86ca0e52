"""The two terms that names add to the loss, against PyTorch's own divergence and gradients."""

import pytest
import torch
from torch.nn.functional import kl_div, log_softmax, normalize, softmax

from engine.model.guidance import Guidance, raises, soft_targets

OLD, CLASSES, COUNT = 3, 5, 7


def parts(weight, distillation):
    draw = torch.Generator().manual_seed(0)
    names = normalize(torch.randn(CLASSES, 4, generator=draw), dim=1).double()
    features = torch.randn(COUNT, 6, generator=draw).double()
    labels = torch.randint(CLASSES, (COUNT, 1), generator=draw)
    logits = torch.randn(COUNT, CLASSES, generator=draw).double()
    old = torch.randn(6, OLD, generator=draw).double()
    guide = Guidance(soft_targets(names, 13.0), weight, lambda x: x @ old, raises(names, OLD, 2.0), distillation, 4.0)
    return guide, features, labels, logits, old


@pytest.mark.parametrize(("weight", "distillation"), [(0.5, 0.0), (0.0, 0.7), (0.5, 0.7), (0.0, 0.0)])
def test_loss_and_gradient_are_those_of_the_formulas(weight, distillation):
    guide, features, labels, logits, old = parts(weight, distillation)
    free = logits.clone().requires_grad_()
    true = labels[:, 0]
    taught = softmax((features @ old + guide.raised[true]) / 4, 1)
    loss = weight * kl_div(log_softmax(free, 1), guide.targets[true], reduction="batchmean")
    loss = loss + distillation * 16 * kl_div(log_softmax(free[:, :OLD] / 4, 1), taught, reduction="batchmean")
    loss.backward()
    errors = torch.ones_like(logits)
    found = guide.add(features, labels, logits, errors)
    torch.testing.assert_close(found, loss.detach())
    torch.testing.assert_close(errors, 1 + free.grad)


def test_targets_are_shared_by_likeness_and_sum_to_one():
    names = normalize(torch.tensor([[1.0, 0], [0.9, 0.2], [0, 1.0]]), dim=1)
    targets = soft_targets(names, 13.0)
    torch.testing.assert_close(targets.sum(1), torch.ones(3))
    assert targets[0, 0] > targets[0, 1] > targets[0, 2] and targets[0, 1] > 0.2
    torch.testing.assert_close(soft_targets(names, 0.0), torch.full((3, 3), 1 / 3))


def test_the_most_alike_old_class_is_raised_and_the_others_lowered():
    names = normalize(torch.tensor([[1.0, 0], [0, 1.0], [0.6, 0.8], [-1.0, -0.1]]), dim=1)
    raised = raises(names, 2, 3.0)
    torch.testing.assert_close(raised[2], torch.tensor([-2.4, 2.4]))
    torch.testing.assert_close(raised[0], torch.tensor([3.0, -3.0]))
    torch.testing.assert_close(raised[3], torch.zeros(2))
    assert torch.equal(raises(names, 2, 0.0).abs(), torch.zeros(4, 2))
