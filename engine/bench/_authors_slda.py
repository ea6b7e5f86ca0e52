"""Hayes & Kanan's `StreamingLDA`: the first task as its base batch, then image by image, as their experiment does.

Or without a base batch, each class's mean starting at its first image, as ours does: theirs starts at zero, so that the
first image enters the covariance whole, as if it were a deviation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import load
from engine.methods.slda import SLDA

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import TaskData


class AuthorsSLDA:
    """Their class, with our shrinkage.

    Args:
        from_first: whether means start at the first images.
    """

    concepts = 0

    def __init__(self, given: AuthorsInputs, from_first: bool = False) -> None:
        assert isinstance(given.method, SLDA)
        module = load(given.checkout, "SLDA_Model", {"'cuda'": "'cpu'"})  # its device is written into it
        self._model = module.StreamingLDA(given.width, given.classes, shrinkage_param=given.method.shrinkage)
        self._from_first = from_first

    def learn(self, task: TaskData) -> None:
        """See `AuthorsLearner`."""
        if task.task == 0 and not self._from_first:
            self._model.fit_base(task.features, task.labels)
            return
        for image, label in zip(task.features, task.labels, strict=True):
            if self._from_first and not self._model.cK[label]:
                self._model.muK[label] = image
            self._model.fit(image, label)

    def answer(self, features: Tensor) -> Tensor:
        """See `AuthorsLearner`; their inverse is taken here."""
        found: Tensor = self._model.predict(features).argmax(1)
        return found
