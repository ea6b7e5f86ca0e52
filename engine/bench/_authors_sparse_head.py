"""Label-free CBM's sparse head: Oikarinen et al. with Wong et al.'s `glm_saga`, beside our solver of the same problem.

The problem is convex: the scores of all training images so far under the concepts that ours chose, standardised, and
the strength of ours. Both solve it once, at the last task.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import load
from engine.methods.base import TaskData
from engine.methods.sparse import SparseHeadMethod
from engine.model.sparse_head import Head, sparse_head

_RATE, _PASSES, _BATCH = 0.1, 1000, 256
"""Step size, most passes and batch of their `train_cbm.py`."""
_EDITS = {"tqdm(range(nepochs))": "range(nepochs)"}  # a bar of progress on our stderr


class _HeadLearner:
    """Gathers the images of all tasks and solves at the last."""

    concepts = 0

    def __init__(self, given: AuthorsInputs) -> None:
        assert isinstance(given.method, SparseHeadMethod)
        self._strength, self._share = given.method.strength, given.method.l1_share
        self._rows, self._last, self._classes = given.model.bottleneck, given.tasks[-1].task, given.classes
        self._features: list[Tensor] = []
        self._labels: list[Tensor] = []
        self._head: Head

    def learn(self, task: TaskData) -> None:
        """See `AuthorsLearner`."""
        self._features.append(task.features)
        self._labels.append(task.labels)
        if task.task == self._last:
            self._head = self._solved(torch.cat(self._features) @ self._rows.T, torch.cat(self._labels))

    def answer(self, features: Tensor) -> Tensor:
        """See `AuthorsLearner`."""
        weights, bias = self._head
        return (features @ self._rows.T @ weights.T + bias).argmax(1)

    def _solved(self, scores: Tensor, labels: Tensor) -> Head:
        raise TypeError(f"{type(self).__name__} does not define this")


class OurSparseHead(_HeadLearner):
    """`engine.model.sparse_head`."""

    def _solved(self, scores: Tensor, labels: Tensor) -> Head:
        return sparse_head(scores, labels, self._classes, self._strength, self._share)


class AuthorsSparseHead(_HeadLearner):
    """`glm_saga`, called as their `train_cbm.py` calls it."""

    def __init__(self, given: AuthorsInputs) -> None:
        super().__init__(given)
        self._module = load(given.checkout, "glm_saga.elasticnet", _EDITS)

    def _solved(self, scores: Tensor, labels: Tensor) -> Head:
        mean, spread = scores.mean(0), scores.std(0)
        linear = torch.nn.Linear(scores.shape[1], self._classes)
        for part in linear.parameters():
            part.data.zero_()
        images = self._module.IndexedTensorDataset((scores - mean) / spread, labels)
        loader = DataLoader(images, batch_size=_BATCH, shuffle=True)
        strongest = {"max_reg": {"nongrouped": self._strength * self._share}}  # it divides this by the share
        kept = {"n_ex": len(labels), "n_classes": self._classes}
        way = {"epsilon": 1, "k": 1, "do_zero": False}
        found = self._module.glm_saga(linear, loader, _RATE, _PASSES, self._share, metadata=strongest, **way, **kept)
        weights = found["path"][0]["weight"] / spread
        return weights, found["path"][0]["bias"] - weights @ mean
