"""`clg_cbm_published`, whole, against the paper's equations written down plainly: autograd, loops, NumPy.

Yu et al., "Language Guided Concept Bottleneck Models for Interpretable Continual Learning", CVPR 2025, with what the
released code adds (see the method's docstring). Nothing of the engine's arithmetic is used here, only its random
streams, so that both sides start and shuffle alike.
"""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from engine.device import fixed_threads
from engine.rng import torch_stream

EPOCHS, RATE, BATCH, CHECK = 12, 0.02, 17, 10
SEARCH_EPOCHS, SEARCH_RATE, PER_CLASS, POWER = 11, 0.01, 3, 1.0
DROPS = (4, 7, 9)
SPARSITY, L1_SHARE, RIDGE = 1e-3, 0.99, 1e-4


def uniform(shape, inputs, stream):
    return torch.empty(shape).uniform_(-(inputs**-0.5), inputs**-0.5, generator=stream)


# -- concept search ----------------------------------------------------------------------------------------------------


def mahalanobis(rows, centre, inverse):
    """Mean over rows of (v - mu)' S^-1 (v - mu), v at unit length."""
    total = 0.0
    for row in rows:
        offset = row / row.norm() - centre
        total = total + offset @ inverse @ offset
    return total / len(rows)


def plain_search(data, candidates, keep):
    """Positions of the concepts that the published search takes."""
    count, width = candidates.shape
    first = int(data.labels.min())
    classes = len(data.class_ids)
    stream = torch_stream(data.seed, "gate", data.task)
    net = nn.Sequential(nn.Linear(width, count, bias=False), nn.BatchNorm1d(count), nn.Linear(count, classes))
    net[0].weight.data = uniform((count, width), width, stream)
    net[2].weight.data = uniform((classes, count), count, stream)
    net[2].bias.data = uniform((classes,), count, stream)
    centre = candidates.mean(0)
    inverse = torch.from_numpy(np.linalg.pinv(np.cov(candidates.numpy().T), rcond=1e-5, hermitian=True)).float()
    usual = mahalanobis(candidates, centre, inverse)
    optimiser = torch.optim.Adam(net.parameters(), lr=SEARCH_RATE)
    best, kept = -1.0, None
    for epoch in range(SEARCH_EPOCHS):
        order = torch.randperm(len(data.labels), generator=torch_stream(data.seed, "search-shuffle", data.task, epoch))
        for chosen in order.split(BATCH):
            if len(chosen) == 1:
                continue
            loss = cross_entropy(net(data.features[chosen]), data.labels[chosen] - first)
            loss = loss + (mahalanobis(net[0].weight, centre, inverse) - usual).abs() / usual**POWER
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        net.eval()  # the released code looks at the first epoch so, and never goes back
        if epoch % CHECK == 0 or epoch == SEARCH_EPOCHS - 1:
            right = (net(data.val_features).argmax(1) == data.val_labels - first).float().mean().item()
            if right <= best:
                break
            best, kept = right, net[0].weight.detach().clone()
    taken = []
    for row in kept[:keep]:
        distances = [(row / row.norm() - text).square().sum().item() for text in candidates]
        taken.append(next(position for position in np.argsort(distances, kind="stable") if position not in taken))
    return taken


# -- bottleneck and head -----------------------------------------------------------------------------------------------


def pseudo_features(data, old_names, means):
    """x - mu_new + mu_old, at whatever length, of the new class whose mean is most like the old class's name."""
    old = len(old_names)
    features, labels = [data.features], [data.labels]
    for c, name in enumerate(old_names):
        likeness = [float(name @ mean / (name.norm() * mean.norm())) for mean in means[old:]]
        partner = old + int(np.argmax(likeness))
        own = data.features[data.labels == partner]
        features.append(own - means[partner] + means[c])
        labels.append(torch.full((len(own),), c))
    return torch.cat(features), torch.cat(labels)


def gaussian_samples(means, covariances, data, epoch, batches):
    """One N(mu, S + ridge) sample of two old classes for each batch, the classes in a shuffled order that restarts."""
    turns = torch.randperm(len(means), generator=torch_stream(data.seed, "gaussian-turns", data.task)).tolist()
    noise = torch.randn(2 * batches, means.shape[1], generator=torch_stream(data.seed, "gaussian", data.task, epoch))
    found = []
    for batch in range(batches):
        labels = [turns[(2 * batch + i) % len(turns)] for i in (0, 1)]
        samples = [
            means[c] + torch.linalg.cholesky(covariances[c] + RIDGE * torch.eye(means.shape[1])) @ noise[2 * batch + i]
            for i, c in enumerate(labels)
        ]
        found.append((torch.stack(samples), torch.tensor(labels)))
    return found


def plain_loss(features, labels, rows, head, texts):
    """CE - mean_k cos((T_k)^3, (S_k)^3) + elastic net; S of features at unit length, T of features as they are."""
    scores = normalize(features, dim=1) @ rows.T
    loss = cross_entropy(scores @ head.T, labels)
    cubes, goals = scores**3, (features @ texts.T) ** 3
    for k in range(len(texts)):
        loss = loss - cubes[:, k] @ goals[:, k] / (cubes[:, k].norm() * goals[:, k].norm()) / len(texts)
    return loss + SPARSITY * (L1_SHARE * head.abs().sum() + (1 - L1_SHARE) / 2 * head.square().sum())


def plain_training(data, start, texts, statistics, select):
    """Rows and head of the last epoch, or of the earliest best by accuracy on the new classes' validation images."""
    means, covariances, names = statistics
    old = len(means) - len(data.class_ids)
    features, labels = pseudo_features(data, names[:old], means) if old else (data.features, data.labels)
    weights = [t.clone().requires_grad_() for t in start]
    optimiser = torch.optim.Adam(weights, lr=RATE)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimiser, list(DROPS), gamma=0.1)
    best, kept = -1.0, None
    for epoch in range(EPOCHS):
        order = torch.randperm(len(labels), generator=torch_stream(data.seed, "shuffle", data.task, epoch)).split(BATCH)
        extra = gaussian_samples(means[:old], covariances[:old], data, epoch, len(order)) if old else None
        for number, chosen in enumerate(order):
            x, y = features[chosen], labels[chosen]
            if extra:
                x, y = torch.cat([x, extra[number][0]]), torch.cat([y, extra[number][1]])
            optimiser.zero_grad()
            plain_loss(x, y, *weights, texts).backward()
            optimiser.step()
        schedule.step()
        if epoch % CHECK == 0 or epoch == EPOCHS - 1:
            predicted = (normalize(data.val_features, dim=1) @ weights[0].T @ weights[1].T).argmax(1)
            right = (predicted == data.val_labels).float().mean().item()
            if right > best or not select:
                best, kept = right, [w.detach().clone() for w in weights]
    return kept


# -- task by task ------------------------------------------------------------------------------------------------------


def plain_task(data, before, select):
    """Texts, rows, head and class statistics after a task, from those before it (None for the first)."""
    once = {concept.text: position for position, concept in reversed(list(enumerate(data.candidates.concepts)))}
    candidates = data.candidates.embeddings[sorted(once.values())]
    keep = min(len(candidates), PER_CLASS * len(data.class_ids))
    chosen = candidates[plain_search(data, candidates, keep)]
    width, number = candidates.shape[1], data.task
    new = [data.features[data.labels == label] for label in data.labels.unique()]
    statistics = [torch.stack([x.mean(0) for x in new]), torch.stack([torch.cov(x.T) for x in new]), data.class_texts]
    texts, rows = chosen, uniform(chosen.shape, width, torch_stream(data.seed, "rows", number))
    if before:
        texts, rows = torch.cat([before["texts"], texts]), torch.cat([before["rows"], rows])
        statistics = [torch.cat(pair) for pair in zip(before["statistics"], statistics, strict=True)]
    head = uniform((len(statistics[0]), len(rows)), len(rows), torch_stream(data.seed, "head", number))
    if before:
        head[: before["head"].shape[0], : before["head"].shape[1]] = before["head"]
    rows, head = plain_training(data, (rows, head), texts, statistics, select)
    return {"texts": texts, "rows": rows, "head": head, "statistics": statistics}


@pytest.fixture(scope="module")
def published(tools):
    """The method with little training; switches can be changed."""

    def made(**changes):
        schedule = {"epochs": EPOCHS, "learning_rate": RATE, "batch_size": BATCH, "check_every": CHECK}
        drops = dict(zip(("first_drop", "second_drop", "third_drop"), DROPS, strict=True))
        search = {"search_epochs": SEARCH_EPOCHS, "search_rate": SEARCH_RATE, "mahalanobis_power": POWER}
        settings = {**schedule, **drops, **search, "concepts_per_class": PER_CLASS, **changes}
        return tools.quick("clg_cbm_published", **settings)

    return made


@pytest.mark.parametrize("select", [True, False], ids=["earliest best epoch", "last epoch"])
def test_three_tasks_give_the_papers_concepts_and_weights(tools, published, select):
    before = None
    for task, snapshot in enumerate(tools.run(published(select_best=select), tasks=3)):
        with fixed_threads(1):
            before = plain_task(tools.Small().data(task, None), before, select)
        torch.testing.assert_close(snapshot.bank.embeddings, before["texts"])  # the same concepts in the same rows
        torch.testing.assert_close(snapshot.bottleneck, before["rows"], atol=1e-4, rtol=0)
        torch.testing.assert_close(snapshot.head, before["head"], atol=1e-4, rtol=0)
        kept = snapshot.classes.means, snapshot.classes.covariances.covariances
        for ours, plain in zip(kept, before["statistics"], strict=False):
            torch.testing.assert_close(ours, plain, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    "change",
    [
        {"unit_targets": True},
        {"freeze_statistics": False},
        {"gaussian_samples": 2},
        {"partner": "random"},
        {"gaussian_restart": False},
        {"sparsity": 0.0},
        {"centred": True},
        {"mahalanobis": False},
        {"select_best": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_anything_else_is_told_apart(tools, published, change):
    """The comparison above would notice each of these."""
    own, other = (tools.run(published(**{"select_best": False, **c}), tasks=3)[-1] for c in ({}, change))
    assert own.head.shape == other.head.shape
    assert max((own.head - other.head).abs().max(), (own.bottleneck - other.bottleneck).abs().max()) > 0.02
