"""Hayes & Kanan's `StreamingLDA`: the first task as its base batch, then image by image, as their experiment does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bench._authors_given import Given
from engine.bench._authors_loading import load
from engine.methods.slda import SLDA

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import TaskData


class AuthorsSLDA:
    """Their class, with our shrinkage."""

    concepts = 0

    def __init__(self, given: Given) -> None:
        assert isinstance(given.method, SLDA)
        module = load(given.checkout, "SLDA_Model", {"'cuda'": "'cpu'"})  # its device is written into it
        self._model = module.StreamingLDA(given.width, given.classes, shrinkage_param=given.method.shrinkage)

    def learn(self, task: TaskData) -> None:
        """See `AuthorsLearner`."""
        if task.task == 0:
            self._model.fit_base(task.features, task.labels)
            return
        for image, label in zip(task.features, task.labels, strict=True):
            self._model.fit(image, label)

    def answer(self, features: Tensor) -> Tensor:
        """See `AuthorsLearner`; their inverse is taken here."""
        found: Tensor = self._model.predict(features).argmax(1)
        return found
