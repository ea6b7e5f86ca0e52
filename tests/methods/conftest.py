"""A small world of embeddings: genera of classes that share attributes, spread over tasks."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from engine.concepts.bank import Concept, ConceptBank
from engine.methods.base import METHODS, TaskData

WIDTH, GROUPS, VALUES = 24, 4, 3


@dataclass(frozen=True)
class Small:
    """Tasks of `per_task` classes each; `data(task, previous)` hands them out, `test(task)` gives what was seen."""

    tasks: int = 4
    per_task: int = 2
    seed: int = 1993
    relabel: tuple[int, ...] = tuple(range(100))
    swap: bool = False

    def _world(self):
        draw = torch.Generator().manual_seed(11)
        values = normalize(torch.randn(GROUPS, VALUES, WIDTH, generator=draw), dim=2)
        rng = np.random.default_rng(3)
        codes = [(c % 3, (c // 3) % 3, (c + c // 3) % 3, int(rng.integers(VALUES))) for c in range(self._classes)]
        means = torch.stack([sum(values[g, v] for g, v in enumerate(code)) for code in codes])
        return values, codes, normalize(means, dim=1)

    @property
    def _classes(self):
        return self.tasks * self.per_task

    def _sample(self, label, count, role):
        _, _, means = self._world()
        draw = torch.Generator().manual_seed(1000 * role + label)
        return normalize(means[label] + 0.09 * torch.randn(count, WIDTH, generator=draw), dim=1)

    def _labels(self, task):
        labels = list(range(task * self.per_task, (task + 1) * self.per_task))
        return labels[::-1] if self.swap else labels

    def _stack(self, labels, count, role):
        features = torch.cat([self._sample(label, count, role) for label in labels])
        return features

    def data(self, task, previous, joint=False):
        values, codes, means = self._world()
        labels = self._labels(task)
        positions = torch.arange(self.per_task) + task * self.per_task
        concepts, rows = [], []
        for label in labels:
            for group, value in enumerate(codes[label]):
                concepts.append(Concept(f"attribute {group} is {value}", str(group), 0, self.relabel[label]))
                rows.append(values[group, value])
        earlier = {}
        if joint and task:
            old = [label for t in range(task) for label in self._labels(t)]
            earlier = {
                "earlier_features": self._stack(old, 30, 1),
                "earlier_labels": torch.arange(len(old)).repeat_interleave(30),
            }
        return TaskData(
            task,
            tuple(self.relabel[label] for label in labels),
            self._stack(labels, 30, 1),
            positions.repeat_interleave(30),
            self._stack(labels, 8, 2),
            positions.repeat_interleave(8),
            normalize(means[labels] + 0.02, dim=1),
            ConceptBank(tuple(concepts), torch.stack(rows)),
            previous,
            self.seed,
            **earlier,
        )

    def test(self, task):
        """Test features and positions of all classes up to `task`."""
        seen = [label for t in range(task + 1) for label in self._labels(t)]
        return self._stack(seen, 20, 3), torch.arange(len(seen)).repeat_interleave(20)


def finish(learning):
    while True:
        try:
            next(learning)
        except StopIteration as finished:
            return finished.value


def quick(name, **changes):
    """The method with little training, where it trains."""
    cls = METHODS.get(name)
    few = {"epochs": 12, "search_epochs": 11, "concepts_per_class": 3, "random_features": 60, "row_steps": 60}
    settings = {**few, "learning_rate": 0.02, **changes}
    known = set(cls.__dataclass_fields__)
    return cls(**{key: value for key, value in settings.items() if key in known})


def run(method, world=None, tasks=None, previous=None, first=0):
    """Snapshots after each task."""
    world = world or Small()
    snapshots = []
    for task in range(first, tasks or world.tasks):
        previous = finish(method.learn(world.data(task, previous, method.sees_earlier_tasks)))
        snapshots.append(previous)
    return snapshots


@cache
def whole(name):
    """Snapshots of three tasks as `run(quick(name))` makes them, made once for all tests of this process: do not change
    them."""
    return tuple(run(quick(name), tasks=3))


def equal(a, b):
    """Whether two snapshots are the same, bit for bit, what they carry on included."""
    plain = [(s.task, s.class_ids, s.bank.concepts, type(s.side), sorted(s.memory)) for s in (a, b)]
    return plain[0] == plain[1] and all(torch.equal(x, y) for x, y in zip(tensors(a), tensors(b), strict=True))


def tensors(s):
    """All numbers of a snapshot, in one order."""
    own = [s.bank.embeddings, s.bottleneck, s.head, s.bias, s.classes.means, *s.classes.covariances.tensors.values()]
    side = list(s.side.tensors.values()) if s.side else []
    return own + side + [s.memory[name] for name in sorted(s.memory)]


def accuracy_matrix(snapshots, world):
    """a[t, k]: share of task k's test images that the model after task t gets right."""
    matrix = np.full((world.tasks, world.tasks), np.nan)
    for t, snapshot in enumerate(snapshots):
        features, positions = world.test(t)
        right = (snapshot.from_features(features).logits.argmax(1) == positions).float()
        for k in range(t + 1):
            matrix[t, k] = right[positions // world.per_task == k].mean().item()
    return matrix


@pytest.fixture(scope="session")
def tools():
    """What the tests of this folder share."""
    from types import SimpleNamespace

    return SimpleNamespace(
        Small=Small,
        finish=finish,
        quick=quick,
        run=run,
        whole=whole,
        equal=equal,
        tensors=tensors,
        accuracy_matrix=accuracy_matrix,
        WIDTH=WIDTH,
    )
