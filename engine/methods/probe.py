"""What every method that trains a linear map on embeddings shares: its parameters and its training loop.

Registers nothing; `linear`, `joint_linear`, `replay`, `ewc`, `lwf` and `slca` say what they train on and against what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.errors import NotApplicable
from engine.methods.base import EpochProgress, Method
from engine.params import param
from engine.steps import told

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData
    from engine.model.course import Labelled, Schedule
    from engine.model.linear_probe import Epochs, ProbeEpoch, ProbeObjective
    from engine.model.snapshot import Snapshot

TRAINING, MEMORY = "Training", "Old classes"
FLOAT = 4
"""Bytes of a float32."""
_DROPS = (0.6, 0.85)  # shares of the epochs after which the step size falls to a tenth


@dataclass(frozen=True)
class TrainedBlackBox(Method):
    """A black box that is trained by Adam, epoch by epoch."""

    family: ClassVar[str] = "black_box"
    learns_concepts: ClassVar[bool] = False

    epochs: int = param(
        40,
        low=1,
        high=1000,
        unit="epochs",
        help="Passes over the task's data; the step size falls to a tenth after 60 and after 85 percent of them.",
        group=TRAINING,
    )
    learning_rate: float = param(0.01, low=1e-6, high=1.0, help="Adam's step size.", group=TRAINING)
    batch_size: int = param(64, low=2, high=4096, unit="samples", help="New images per step.", group=TRAINING)
    check_every: int = param(
        10, low=1, high=1000, unit="epochs", help="How often validation data are looked at.", group=TRAINING
    )


@dataclass(frozen=True)
class ProbeMethod(TrainedBlackBox):
    """A linear classifier, one row a class, trained task by task."""

    select_best: bool = param(
        False, help="Keep the epoch that does best on validation data instead of the last.", group=TRAINING
    )

    def why_not(self, setup: Setup) -> str | None:
        """Runs on everything."""
        return None

    def learn(self, data: TaskData) -> Learning:
        """Grow the classifier by the new classes' rows, which start at zero, and train it."""
        from engine.device import fixed_threads
        from engine.methods.prototypes import classifier

        weights, bias = grown(data)
        with fixed_threads(1):
            blank = classifier(data, weights, bias, covariances=self.keeps_covariances())
        trained = yield from self.train(data, [weights, bias], blank)
        with fixed_threads(1):
            return replace(with_answer(blank, trained), memory=self.carries(data, blank, trained))

    def train(
        self, data: TaskData, start: Sequence[Tensor], blank: Snapshot
    ) -> Generator[EpochProgress, None, Sequence[Tensor]]:
        """Weights [C, D] and bias [C] after the task; `blank` has all of the model but these."""
        from engine.device import fixed_threads

        with fixed_threads(1):
            objective, epochs = self.objective(data), self.samples(data, blank)

        def seen(parameters: Sequence[Tensor]) -> Snapshot:
            return with_answer(blank, parameters)

        return (yield from progress(start, objective, epochs, validation(data), self.schedule(), seen))

    def objective(self, data: TaskData) -> ProbeObjective:
        """What is minimised."""
        from engine.model.linear_probe import LinearObjective

        return LinearObjective()

    def samples(self, data: TaskData, blank: Snapshot) -> Epochs:
        """The batches of each epoch."""
        from engine.model.linear_probe import shuffled

        return shuffled(training(data), self.batch_size, data.seed, data.task)

    def carries(self, data: TaskData, blank: Snapshot, trained: Sequence[Tensor]) -> Mapping[str, Tensor]:
        """The arrays that the next task needs beside the model."""
        return {}

    def keeps_covariances(self) -> bool:
        """Whether the method needs the classes' covariances later."""
        return False

    def schedule(self) -> Schedule:
        """How long and how fast it trains."""
        return schedule_of(self.epochs, self.learning_rate, self.batch_size, self.check_every, self.select_best)


def schedule_of(epochs: int, rate: float, size: int, check_every: int, select_best: bool = False) -> Schedule:
    """A schedule whose step size falls to a tenth after 60 and after 85 percent of its epochs."""
    from engine.model.course import Schedule

    drops = tuple(round(share * epochs) for share in _DROPS) if epochs > 1 else ()
    return Schedule(epochs, rate, drops, size, check_every, select_best)


def progress(
    start: Sequence[Tensor],
    objective: ProbeObjective,
    epochs: Epochs,
    held_out: Labelled,
    schedule: Schedule,
    seen: Callable[[Sequence[Tensor]], Snapshot],
    before: int = 0,
    after: int = 0,
) -> Generator[EpochProgress, None, list[Tensor]]:
    """Train and tell each epoch, `seen` making the model that a watcher looks at; of a phase that has `before` epochs
    of something else before these and `after` behind them."""
    from engine.model.linear_probe import fit

    total = before + schedule.epochs + after

    def ended(e: ProbeEpoch) -> EpochProgress:
        fitted = e.loss, e.train_accuracy, e.val_accuracy
        return EpochProgress("train", before + e.number, total, *fitted, lambda: seen(e.parameters()))

    return (yield from told(fit(start, objective, epochs, held_out, schedule), ended))


def with_answer(blank: Snapshot, parameters: Sequence[Tensor]) -> Snapshot:
    """The same model with other weights [C, D] and bias [C]."""
    weights, bias = parameters
    return replace(blank, bottleneck=weights, bias=bias)


def grown(data: TaskData) -> tuple[Tensor, Tensor]:
    """Weights [C, D] and bias [C] so far, with rows of zeros for the new classes.

    Raises:
        NotApplicable: the model so far has no row a class, because another method made it.
    """
    from torch import cat, zeros

    previous, new = data.previous, len(data.class_ids)
    rows, bias = zeros(new, data.features.shape[1]), zeros(new)
    if previous is None:
        return rows, bias
    if len(previous.bank) != len(previous.class_ids) or previous.side is not None:
        raise _another(data, "has no linear classifier with one row a class")
    return cat([previous.bottleneck, rows]), cat([previous.bias, bias])


def carried(data: TaskData, name: str, *shape: int, below: int | None = None) -> Tensor:
    """An array that the task before left for this one.

    Args:
        shape: what it must have along each axis; -1 for any.
        below: for places in a list, how long that is.

    Raises:
        NotApplicable: it did not, because another method learnt it, or left something else under that name.
    """
    previous, said = data.previous, name.replace("_", " ")
    if previous is None or name not in previous.memory:
        raise _another(data, f"carries no {said}")
    found = previous.memory[name]
    if found.dim() != len(shape) or any(want not in (-1, have) for want, have in zip(shape, found.shape, strict=True)):
        raise _another(data, f"carries {said} of shape {tuple(found.shape)}, which do not fit it")
    if below is not None and found.numel() and not 0 <= int(found.min()) <= int(found.max()) < below:
        raise _another(data, f"carries {said} that name something that is not there")
    return found


def _another(data: TaskData, lacks: str) -> NotApplicable:
    reason = f"the run so far {lacks}: another method made it, or it is damaged"
    return NotApplicable(f"task {data.task + 1}", reason, "Start from the first task, or go on with that method")


def training(data: TaskData) -> Labelled:
    """The task's training images."""
    from engine.model.course import Labelled

    return Labelled(data.features, data.labels)


def validation(data: TaskData) -> Labelled:
    """The task's validation images."""
    from engine.model.course import Labelled

    return Labelled(data.val_features, data.val_labels)


def old_classes(data: TaskData) -> int:
    """How many classes were learnt before this task."""
    return len(data.previous.class_ids) if data.previous else 0


def one_task(setup: Setup, lacks: str, instead: str = "it would be the method linear") -> str | None:
    """Why a method that begins with the second task cannot run on one alone, in words, or None.

    Args:
        lacks: what there is none of, a clause.
        instead: what the method would be, a clause.
    """
    if setup.tasks > 1:
        return None
    return f"there is only one task, so that {lacks}; {instead}"


def one_image(setup: Setup) -> str | None:
    """Why covariances of classes cannot be had, in words, or None."""
    if setup.fewest > 1:
        return None
    return "a class has a single training image, and a covariance takes two"
