"""Nearest class mean: no training at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS, Method

if TYPE_CHECKING:
    from engine.methods.base import Learning, Setup, TaskData


@METHODS.register
@dataclass(frozen=True)
class NCM(Method):
    """Nearest class mean.

    Janson et al., "A Simple Baseline that Questions the Use of Pretrained-Models in Continual Learning", 2022. An image
    goes to the class whose mean embedding has the highest cosine with it. The bottleneck's rows are those means at unit
    length, one per class and not concepts; the head is the identity.
    """

    family: ClassVar[str] = "bound"
    summary: ClassVar[str] = "Every class is the mean of its images; nothing is trained, and nothing is explained."
    learns_concepts: ClassVar[bool] = False

    def why_not(self, setup: Setup) -> str | None:
        """Runs on everything."""
        return None

    def learn(self, data: TaskData) -> Learning:
        """Append the new classes' means."""
        import torch

        from engine.methods.prototypes import measured, with_rows

        first = len(data.previous.class_ids) if data.previous else 0
        labels = range(first, first + len(data.class_ids))
        means = torch.stack([data.features[data.labels == label].mean(0) for label in labels])
        model = with_rows(data, torch.nn.functional.normalize(means, dim=1), "prototype")
        yield measured(model, data)
        return model
