"""The lower bound: the bottleneck trained on each task in turn, with nothing against forgetting."""

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
class Finetune(BottleneckMethod):
    """Fine-tuning (lower bound).

    The same bottleneck, search and loss as CLG-CBM, trained on the current task's images only. What it forgets is what
    there is to forget (the usual lower bound, e.g. Zhou et al., "Class-Incremental Learning: A Survey", 2024).
    """

    family: ClassVar[str] = "bound"
    summary: ClassVar[str] = (
        "The same bottleneck trained on each task alone: how much there is to forget. The lower bound."
    )

    def course(self, data: TaskData, bank: ConceptBank, classes: ClassStatistics) -> Course:
        """The current task's images, nothing else."""
        from engine.model.course import Course, Labelled
        from engine.model.pool import real_pool

        pool = real_pool(data.features, data.labels, len(classes.means))
        validation = Labelled(data.val_features, data.val_labels)
        return Course(pool, None, bank.embeddings, validation, data.seed, data.task)
