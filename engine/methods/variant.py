"""What the bottleneck variants share: their concepts, and samples of every class seen to train on. Registers nothing.

A variant says what the layers between embedding and answer are. How concepts are chosen and how old classes are kept is
the same for all of them and for CLG-CBM, so that they differ in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.errors import NotApplicable
from engine.methods.base import EpochProgress
from engine.methods.bottleneck import TRAINING
from engine.methods.choosing import ConceptMethod
from engine.params import param

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from torch import Tensor

    from engine.concepts.bank import ConceptBank
    from engine.methods.base import Setup, TaskData
    from engine.methods.concept_labels import ConceptTargets
    from engine.model.course import Labelled
    from engine.model.descent import Descent, Passed
    from engine.model.snapshot import ClassStatistics, Snapshot

OLD_CLASSES = "Old classes"
_FLOAT = 4  # bytes
_STEPS = 8  # an epoch has at least
BATCHES = "Samples per step; fewer where there are too few for 8 steps an epoch."


@dataclass(frozen=True, slots=True)
class Ground:
    """What a variant's layers of one task stand on.

    Attributes:
        class_ids: of the C classes seen, in the order learnt.
        classes: their statistics.
        bank: the K concepts, those of earlier tasks first.
        fresh: how many of them are new.
        samples: the N new images first, then stand-ins of old classes.
    """

    class_ids: tuple[int, ...]
    classes: ClassStatistics
    bank: ConceptBank
    fresh: int
    samples: Labelled

    @property
    def old_concepts(self) -> int:
        """How many concepts earlier tasks brought."""
        return len(self.bank) - self.fresh

    def snapshot(self, task: int, bottleneck: Tensor, head: Tensor, bias: Tensor) -> Snapshot:
        """A model on this ground, detached from what trained it."""
        from engine.model.snapshot import Snapshot

        rows, weights, constant = (part.detach().clone() for part in (bottleneck, head, bias))
        return Snapshot(task, self.class_ids, self.bank, rows, weights, constant, self.classes)


@dataclass(frozen=True)
class VariantMethod(ConceptMethod):
    """A variant of the concept bottleneck, learnt class by class without stored images."""

    family: ClassVar[str] = "variant"

    old_classes: str = param(
        "gaussian",
        choices=("gaussian", "pseudo"),
        help="What stands in for images of old classes: samples of their mean and covariance, or images of the new "
        "class whose mean is nearest, moved to the old mean.",
        group=OLD_CLASSES,
    )

    def memory_bytes(self, setup: Setup) -> int:
        """Samples of all classes, twice while they are put together, and covariances, twice while they grow."""
        kept = setup.covariance_bytes() if self.keeps_covariances() else 0
        return 2 * _FLOAT * setup.images * setup.width + kept

    def ground(self, data: TaskData) -> Generator[EpochProgress, None, Ground]:
        """Choose the task's concepts and put together what to train on."""
        from engine.device import fixed_threads

        chosen = yield from self.choose(data)
        bank = data.previous.bank.extended(chosen) if data.previous else chosen
        class_ids = (data.previous.class_ids if data.previous else ()) + data.class_ids
        with fixed_threads(1):
            classes = self._classes(data)
            samples = self._samples(data, classes)
        return Ground(class_ids, classes, bank, len(chosen), samples)

    def keeps_covariances(self) -> bool:
        """Gaussian samples need them."""
        return self.old_classes == "gaussian"

    def left_by_another(self, task: int, what: str) -> NotApplicable:
        """The refusal to go on from a model that was not left by this method; `what` it lacks, in words."""
        problem = f"the model so far was not left by this method with these settings: it carries no {what}"
        return NotApplicable(f"{self.name} after task {task}", problem, "Start from the first task")

    def remembered(self, previous: Snapshot, name: str) -> Tensor:
        """One of the arrays that this method carries on.

        Raises:
            NotApplicable: the model was left by another method.
        """
        if name not in previous.memory:
            raise self.left_by_another(previous.task + 1, name.replace("_", " "))
        return previous.memory[name]

    def _samples(self, data: TaskData, classes: ClassStatistics) -> Labelled:
        """The new images, then stand-ins of every old class: about as many as a new class has images."""
        import torch

        from engine.model.course import Labelled
        from engine.model.stand_ins import gaussian_stand_ins, moved_stand_ins
        from engine.rng import torch_stream

        old = len(classes.means) - len(data.class_ids)
        if not old:
            return Labelled(data.features, data.labels)
        if self.old_classes == "pseudo":
            made = moved_stand_ins(data.features, data.labels, classes.means[:old], classes.means[old:])
        else:
            count = -(-len(data.labels) // len(data.class_ids))
            stream = torch_stream(data.seed, "stand-ins", data.task)
            kept = classes.covariances.select(slice(old))
            made = gaussian_stand_ins(classes.means[:old], kept, count, stream)
        return Labelled(torch.cat([data.features, made.features]), torch.cat([data.labels, made.labels]))


@dataclass(frozen=True)
class TrainedVariant(VariantMethod):
    """A variant that is trained by gradient descent."""

    epochs: int = param(30, low=1, high=1000, unit="epochs", help="Passes over the samples.", group=TRAINING)
    learning_rate: float = param(
        0.01, low=1e-6, high=1.0, help="Adam's step size at first; it falls to zero along a cosine.", group=TRAINING
    )
    batch_size: int = param(256, low=2, high=4096, unit="samples", help=BATCHES, group=TRAINING)

    def plan(self, ground: Ground) -> Descent:
        """How long and how fast."""
        return plan(self.epochs, self.learning_rate, self.batch_size, ground)

    def targets(self, data: TaskData, ground: Ground, labels: Tensor) -> tuple[Tensor, ConceptTargets]:
        """How often each concept held in each class, to be carried on, and what is known of each sample's concepts.

        Args:
            labels: of the new images, [N, K] in 0..1.
        """
        from engine.methods.concept_labels import RATES, class_rates, concept_targets

        rates = class_rates(data, self.remembered(data.previous, RATES) if data.previous else None, labels)
        return rates, concept_targets(labels, rates, ground.samples.labels)


def plan(epochs: int, learning_rate: float, batch_size: int, ground: Ground) -> Descent:
    """How long and how fast; batches are smaller where there are too few samples for some steps an epoch."""
    from engine.model.descent import Descent

    return Descent(epochs, learning_rate, min(batch_size, max(2, -(-len(ground.samples.labels) // _STEPS))))


def training(
    passed: Iterator[Passed], plan: Descent, data: TaskData, model: Callable[[], Snapshot]
) -> Generator[EpochProgress, None, None]:
    """Put a training's epochs into words of progress; `model` makes a copy of what is trained, as it is then."""
    from engine.device import fixed_threads
    from engine.methods.prototypes import measured

    for epoch in passed:
        known = None
        if epoch.number == plan.epochs and len(data.val_labels):
            with fixed_threads(1):
                known = measured(model(), data).val_accuracy
        yield EpochProgress("train", epoch.number, plan.epochs, epoch.loss, epoch.accuracy, known, model)
