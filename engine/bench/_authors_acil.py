"""Zhuang et al.'s `ACIL`: their random buffer and recursion, a task at a time, on our random matrix."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import load
from engine.methods.acil import ACIL

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import TaskData


class AuthorsACIL:
    """Their class with our gamma, size and draw of the layer."""

    concepts = 0

    def __init__(self, given: AuthorsInputs) -> None:
        assert isinstance(given.method, ACIL)
        tools = ModuleType("utils")  # of training a backbone, which is done by nobody here
        tools.__dict__.update(set_weight_decay=None, validate=None)
        module = load(given.checkout, "analytic.ACIL", stand_ins={"utils": tools})
        units = given.method.random_features
        self._model = module.ACIL(given.width, buffer_size=units, gamma=given.method.gamma)
        self._model.buffer.weight.copy_(given.layer.T)

    def learn(self, task: TaskData) -> None:
        """See `AuthorsLearner`."""
        self._model.fit(task.features, task.labels)
        self._model.update()

    def answer(self, features: Tensor) -> Tensor:
        """See `AuthorsLearner`."""
        found: Tensor = self._model(features).argmax(1)
        return found
