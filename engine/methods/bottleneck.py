"""What every method that trains a concept bottleneck by gradients shares: parameters, growth and training loop.

Registers nothing; `clg_cbm`, `finetune` and `joint` say what they train on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.methods.base import EpochProgress
from engine.methods.choosing import ConceptMethod
from engine.params import param
from engine.steps import told

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from torch import Tensor

    from engine.concepts.bank import ConceptBank
    from engine.methods.base import Learning, TaskData
    from engine.model.course import Course, Schedule
    from engine.model.snapshot import ClassStatistics, Snapshot
    from engine.model.trainer import Epoch

BOTTLENECK, TRAINING = "Bottleneck", "Training"


@dataclass(frozen=True)
class BottleneckMethod(ConceptMethod):
    """A concept bottleneck trained task by task."""

    alignment: float = param(
        1.0,
        low=0.0,
        high=100.0,
        help="Weight of the similarity between learned scores and the texts' scores; 0 turns it off.",
        group=BOTTLENECK,
    )
    unit_targets: bool = param(
        True,
        help="The texts' scores are of unit-length features, as the learned ones; off: of pseudo features and Gaussian "
        "samples at the length they were made with, as in the released code.",
        group=BOTTLENECK,
    )
    centred: bool = param(
        False, help="Centre scores over the batch before the cubed similarity (Label-free CBM).", group=BOTTLENECK
    )
    sparsity: float = param(
        1e-3, low=0.0, high=1.0, help="Strength of the elastic net on the head; 0 turns it off.", group=BOTTLENECK
    )
    l1_share: float = param(
        0.99, low=0.0, high=1.0, help="Share of the elastic net that is absolute values.", group=BOTTLENECK
    )
    row_start: str = param(
        "random", choices=("random", "text"), help="New bottleneck rows start random or at the text.", group=BOTTLENECK
    )
    head_start: str = param(
        "zero", choices=("zero", "random"), help="New weights of the head start at zero or random.", group=BOTTLENECK
    )
    epochs: int = param(61, low=1, high=1000, unit="epochs", help="Passes over the task's data.", group=TRAINING)
    learning_rate: float = param(1e-3, low=1e-6, high=1.0, help="Adam's step size.", group=TRAINING)
    first_drop: int = param(
        30, low=1, high=1000, unit="epochs", help="Epoch at which the learning rate falls to a tenth.", group=TRAINING
    )
    second_drop: int = param(
        40, low=1, high=1000, unit="epochs", help="Epoch at which it falls to a tenth again.", group=TRAINING
    )
    third_drop: int = param(
        50, low=1, high=1000, unit="epochs", help="Epoch at which it falls a third time.", group=TRAINING
    )
    batch_size: int = param(64, low=2, high=4096, unit="samples", help="Samples per step.", group=TRAINING)
    most_steps: int = param(
        0,
        low=0,
        high=10_000_000,
        unit="steps",
        help="Most steps a task: where the epochs would take more, fewer are made, and the rate falls as much earlier; "
        "0: no bound.",
        group=TRAINING,
    )
    select_best: bool = param(
        False, help="Keep the epoch that does best on validation data instead of the last.", group=TRAINING
    )
    earliest_best: bool = param(
        False, help="Of equally good epochs the earliest is kept, not the latest.", group=TRAINING
    )
    check_every: int = param(
        10, low=1, high=1000, unit="epochs", help="How often validation data are looked at.", group=TRAINING
    )

    def learn(self, data: TaskData) -> Learning:
        """Choose the task's concepts, grow bottleneck and head by them, train."""
        from torch import zeros

        from engine.device import fixed_threads
        from engine.model.growth import grow
        from engine.model.snapshot import Snapshot

        chosen = yield from self.choose(data)
        bank = data.previous.bank.extended(chosen) if data.previous else chosen
        with fixed_threads(1):
            classes = self._classes(data)
        seen = len(classes.means)
        bottleneck, head = grow(data.previous, chosen.embeddings, seen, self.row_start, self.head_start, data.seed)
        with fixed_threads(1):
            course = self.course(data, bank, classes)
        class_ids = (data.previous.class_ids if data.previous else ()) + data.class_ids

        def model(weights: tuple[Tensor, Tensor]) -> Snapshot:
            return Snapshot(data.task, class_ids, bank, *weights, zeros(seen), classes)

        return model((yield from self._train(bottleneck, head, course, model)))

    def search_batch(self) -> int:
        """The batch size of all training."""
        return self.batch_size

    def course(self, data: TaskData, bank: ConceptBank, classes: ClassStatistics) -> Course:
        """What to train on; each method's own answer."""
        raise TypeError(f"{type(self).__name__} does not define this")

    def _train(
        self, bottleneck: Tensor, head: Tensor, course: Course, model: Callable[[tuple[Tensor, Tensor]], Snapshot]
    ) -> Generator[EpochProgress, None, tuple[Tensor, Tensor]]:
        from engine.model.objective import Terms
        from engine.model.trainer import fit

        terms = Terms(self.alignment, self.centred, self.sparsity, self.l1_share, self.unit_targets)
        schedule = self._schedule().within(self.most_steps, len(course.pool))
        steps = fit(bottleneck, head, course, terms, schedule)

        def ended(e: Epoch) -> EpochProgress:
            fitted = e.loss, e.train_accuracy, e.val_accuracy
            return EpochProgress("train", e.number, schedule.epochs, *fitted, lambda: model(e.weights()))

        return (yield from told(steps, ended))

    def _schedule(self) -> Schedule:
        from engine.model.course import Schedule

        return Schedule(
            self.epochs,
            self.learning_rate,
            (self.first_drop, self.second_drop, self.third_drop),
            self.batch_size,
            self.check_every,
            self.select_best,
            self.earliest_best,
        )
