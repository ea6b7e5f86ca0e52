"""Streaming discriminant analysis."""

import torch
from torch.nn.functional import normalize

from engine.methods.slda import SLDA
from tests.methods.closed_forms import all_of, learnt, task_of


def test_it_is_its_formula(tools):
    world = tools.Small()
    datas = [world.data(task, None) for task in range(3)]
    features, labels = (part.double() if part.is_floating_point() else part for part in all_of(datas))
    means = torch.stack([features[labels == c].mean(0) for c in range(6)])
    apart = features - means[labels]
    shrunk = 0.99 * apart.T @ apart / len(labels) + 0.01 * torch.eye(tools.WIDTH, dtype=torch.float64)
    weights = means @ torch.linalg.inv(shrunk)
    model = learnt(tools, SLDA(shrinkage=0.01), datas)
    torch.testing.assert_close(model.bottleneck.double(), weights, atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(model.bias.double(), -(weights * means).sum(1) / 2, atol=1e-4, rtol=1e-5)


def test_a_running_covariance_updated_image_by_image_ends_the_same(tools):
    data = tools.Small().data(0, None)
    means, counts = torch.zeros(2, tools.WIDTH, dtype=torch.float64), [0, 0]
    scatter = torch.zeros(tools.WIDTH, tools.WIDTH, dtype=torch.float64)
    for image, label in zip(data.features.double(), data.labels.tolist(), strict=True):
        apart = image - means[label]
        scatter += counts[label] / (counts[label] + 1) * torch.outer(apart, apart)  # the first image adds nothing
        counts[label] += 1
        means[label] += apart / counts[label]
    shrunk = (1 - 1e-4) * scatter / 60 + 1e-4 * torch.eye(tools.WIDTH, dtype=torch.float64)
    model = learnt(tools, SLDA(), [data])
    torch.testing.assert_close(model.bottleneck.double(), means @ torch.linalg.inv(shrunk), atol=1e-3, rtol=1e-5)


def test_one_image_a_class_and_full_shrinkage_are_the_nearest_mean(tools):
    draw = torch.Generator().manual_seed(1)
    means = normalize(torch.randn(5, 12, generator=draw), dim=1)
    shown = normalize(torch.randn(40, 12, generator=draw), dim=1)
    nearest = torch.cdist(shown, means).argmin(1)
    lone = learnt(tools, SLDA(), [task_of(means, torch.arange(5))])
    assert torch.equal(lone.from_features(shown).logits.argmax(1), nearest)
    data = tools.Small().data(0, None)
    model = learnt(tools, SLDA(shrinkage=1.0), [data])
    torch.testing.assert_close(model.bottleneck, model.classes.means)
