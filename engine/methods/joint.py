"""The upper bound: the bottleneck trained on the images of all tasks so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.bottleneck import BottleneckMethod

if TYPE_CHECKING:
    from engine.concepts.bank import ConceptBank
    from engine.methods.base import TaskData
    from engine.model.course import Course
    from engine.model.snapshot import ClassStatistics


@METHODS.register
@dataclass(frozen=True)
class Joint(BottleneckMethod):
    """Joint training (upper bound).

    The same bottleneck, search and loss as CLG-CBM, but every task trains on the images of all tasks so far, which a
    continual learner may not keep (the usual upper bound, e.g. Zhou et al., "Class-Incremental Learning: A Survey",
    2024). Earlier validation images are not handed on: selecting epochs on the new task's would favour forgetting.
    """

    family: ClassVar[str] = "bound"
    summary: ClassVar[str] = (
        "The same bottleneck trained on all images so far, which no continual learner may keep. The upper bound."
    )
    sees_earlier_tasks: ClassVar[bool] = True

    def course(self, data: TaskData, bank: ConceptBank, classes: ClassStatistics) -> Course:
        """All images so far."""
        import torch

        from engine.model.course import Course, Labelled
        from engine.model.pool import real_pool

        has_earlier = len(data.earlier_labels) > 0
        features = torch.cat([data.features, data.earlier_features]) if has_earlier else data.features
        labels = torch.cat([data.labels, data.earlier_labels]) if has_earlier else data.labels
        pool = real_pool(features, labels, len(classes.means))
        validation = Labelled(data.val_features, data.val_labels)
        return Course(pool, None, bank.embeddings, validation, data.seed, data.task)
