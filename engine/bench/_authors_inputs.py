"""What an adapter of authors' code is given, and what it must be able to do. Imports torch for types alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import Method, TaskData
    from engine.model.course import Labelled
    from engine.model.snapshot import Snapshot
    from engine.training.material import Sample


class AuthorsLearner(Protocol):
    """Authors' code behind one face."""

    @property
    def concepts(self) -> int:
        """In its bottleneck; 0 if it has none."""

    def learn(self, task: TaskData) -> None:
        """Learn the next task, from its training images and nothing else; selection looks at validation images."""

    def answer(self, features: Tensor) -> Tensor:
        """Classes of unit-length features [N, D] as positions of learning, [N]."""


@dataclass(frozen=True)
class AuthorsInputs:
    """What is the same for theirs and ours.

    Attributes:
        checkout: folder of their code.
        tasks: what ours learnt, in this order.
        method: ours, with its settings.
        model: what ours ended in; random layers are taken from it.
        test: test images of all tasks; for code that selects on them, to see what that is worth.
    """

    checkout: Path
    tasks: Sequence[TaskData]
    method: Method
    model: Snapshot
    test: Labelled | Sample

    @property
    def width(self) -> int:
        """D."""
        return int(self.tasks[0].features.shape[1])

    @property
    def classes(self) -> int:
        """Of all tasks."""
        return sum(len(task.class_ids) for task in self.tasks)

    @property
    def layer(self) -> Tensor:
        """The random layer of ours, [D, M]."""
        from engine.methods.random_layer import layer_of

        found = layer_of(self.model)
        assert found is not None  # only methods that have one are asked
        return found
