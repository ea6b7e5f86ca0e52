"""The ceiling of the trained black boxes: a linear classifier on the images of all tasks so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.probe import ProbeMethod

if TYPE_CHECKING:
    from engine.methods.base import TaskData
    from engine.model.linear_probe import Epochs
    from engine.model.snapshot import Snapshot


@METHODS.register
@dataclass(frozen=True)
class JointLinear(ProbeMethod):
    """Joint linear probe (ceiling).

    A softmax classifier on the frozen embeddings, trained on the images of all tasks so far, which a continual learner
    may not keep (the linear probe of Radford et al., ICML 2021; as an upper bound e.g. Zhou et al., "Class-Incremental
    Learning: A Survey", 2024).

    It goes on from the classifier of the task before. Earlier validation images are not handed on, so that an epoch is
    selected on the new task's, if at all, which would favour forgetting: the last epoch is kept.
    """

    family: ClassVar[str] = "bound"
    summary: ClassVar[str] = "A linear classifier without concepts, trained on the images of all tasks so far."
    sees_earlier_tasks: ClassVar[bool] = True

    def samples(self, data: TaskData, blank: Snapshot) -> Epochs:
        """All images so far."""
        import torch

        from engine.methods.probe import training
        from engine.model.course import Labelled
        from engine.model.linear_probe import shuffled

        pool = training(data)
        if len(data.earlier_labels):
            features = torch.cat([data.features, data.earlier_features])
            pool = Labelled(features, torch.cat([data.labels, data.earlier_labels]))
        return shuffled(pool, self.batch_size, data.seed, data.task)
