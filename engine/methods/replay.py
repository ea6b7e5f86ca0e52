"""Replay: some embeddings of every class are kept and shown again, older tasks as often as a schedule says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.probe import (
    FLOAT,
    MEMORY,
    ProbeMethod,
    carried,
    old_classes,
    one_image,
    one_task,
    training,
)
from engine.params import param

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from torch import Generator, Tensor

    from engine.methods.base import Setup, TaskData
    from engine.model.course import Labelled
    from engine.model.drift import Drift
    from engine.model.linear_probe import Epochs
    from engine.model.snapshot import Snapshot

    Draw = Callable[[Tensor, Generator], Iterator[Labelled]]

SCHEDULES = ("uniform", "exponential", "power law")


@METHODS.register
@dataclass(frozen=True)
class EmbeddingReplay(ProbeMethod):
    """Replay (stored embeddings or Gaussian samples).

    A linear classifier that sees samples of old classes in every batch: embeddings of theirs that were stored, or
    samples from the mean and covariance kept of each. How often a past task comes up is a schedule: all alike, or the
    less the longer ago, by a power law as people meet things again or by an exponential (Gandhi et al., "Natural
    Mitigation of Catastrophic Interference: Continual Learning in Power-Law Learning Environments", 2024, arXiv
    2401.10393).

    Published: whole networks on Split MNIST, CIFAR-100 and Tiny ImageNet, each phase of training a mixture of all tasks
    so far in which the share of task k in phase t is proportional to (t - k)^-a.

    Ours: the classifier on frozen embeddings alone. Every schedule gets the same number of old samples a batch and the
    same store; only how they are dealt over past tasks differs. Within a task all classes are drawn alike.

    Released code: none found.

    Claim: replay by a power law forgets less than usual mitigation, and than other schedules of equal effort. Not seen
    here: with 64 samples a batch it forgets 13.2 points, dealing evenly 12.4, exponentially 30.0; so at 16 and 256
    (`bench methods.schedules`). Frozen embeddings do not drift.
    """

    summary: ClassVar[str] = "A linear classifier that keeps some embeddings of each class and sees them again."

    replayed: str = param(
        "embeddings",
        choices=("embeddings", "gaussian"),
        help="What is shown again: embeddings that were stored, or samples of each class's mean and covariance.",
        group=MEMORY,
    )
    stored: int = param(
        20,
        low=0,
        high=10_000,
        unit="embeddings",
        help="Embeddings stored of each class, drawn at random.",
        group=MEMORY,
    )
    per_batch: int = param(
        128, low=0, high=4096, unit="samples", help="Samples of old classes in each batch.", group=MEMORY
    )
    schedule_of_tasks: str = param(
        "uniform",
        choices=SCHEDULES,
        help="How the old samples of a batch are dealt over past tasks; their number is the same for all schedules.",
        group=MEMORY,
    )
    decay: float = param(
        1.0,
        low=0.0,
        high=10.0,
        help="a in (t - k)^-a of the power law, and in exp(-a (t - k)) of the exponential; 0 makes both uniform.",
        group=MEMORY,
    )

    def why_not(self, setup: Setup) -> str | None:
        """Needs a budget, a second task, and for Gaussian samples two images a class."""
        gaussian = self.replayed == "gaussian"
        if self.per_batch == 0 or (self.stored == 0 and not gaussian):
            spent = "per batch" if self.per_batch == 0 else "stored"
            return f"with 0 {spent} nothing is replayed, and it would be the method linear; give it a budget"
        return one_task(setup, "there is nothing to replay") or (one_image(setup) if gaussian else None)

    def memory_bytes(self, setup: Setup) -> int:
        """The store, or covariances."""
        store = setup.classes * self.stored * (setup.width * FLOAT + 8)
        return setup.covariance_bytes() if self.keeps_covariances() else store

    def keeps_covariances(self) -> bool:
        """Gaussian samples need them."""
        return self.replayed == "gaussian"

    def samples(self, data: TaskData, blank: Snapshot) -> Epochs:
        """New images, and old samples behind them in every batch."""
        from engine.model.linear_probe import followed, shuffled

        fresh = shuffled(training(data), self.batch_size, data.seed, data.task)
        return followed(fresh, self._replayed(data, blank)) if old_classes(data) else fresh

    def carries(self, data: TaskData, blank: Snapshot, trained: Sequence[Tensor]) -> Mapping[str, Tensor]:
        """The store with the new classes' embeddings behind the old ones'."""
        import torch

        from engine.rng import torch_stream

        if self.keeps_covariances():
            return {}
        rows = []
        for label in range(old_classes(data), len(blank.class_ids)):
            own = (data.labels == label).nonzero().flatten()
            order = torch.randperm(len(own), generator=torch_stream(data.seed, "stored", data.task, label))
            rows.append(own[order[: self.stored]])
        chosen = torch.cat(rows)
        features, labels = data.features[chosen], data.labels[chosen]
        if data.previous:
            store, owners = self._store(data)
            features, labels = torch.cat([store, features]), torch.cat([owners, labels])
        return {"stored": features, "stored_labels": labels}

    def follow(self, previous: Snapshot, drift: Drift) -> Snapshot:
        """The stored embeddings as well."""
        from dataclasses import replace

        moved, store = super().follow(previous, drift), previous.memory
        if "stored" not in store:  # Gaussian samples come of the statistics
            return moved
        return replace(moved, memory={**store, "stored": drift.images(store["stored"])})

    def _replayed(self, data: TaskData, blank: Snapshot) -> Epochs:
        """The old samples of each batch, epoch by epoch."""
        from engine.model.linear_probe import steps_of
        from engine.rng import torch_stream

        shares = self._shares(blank, old_classes(data))
        steps = steps_of(training(data), self.batch_size)
        draw = self._gaussian(data, blank) if self.keeps_covariances() else self._stored(data)

        def batches(number: int) -> Iterator[Labelled]:
            stream = torch_stream(data.seed, "replay", data.task, number)
            labels = shares.multinomial(steps * self.per_batch, replacement=True, generator=stream)
            yield from draw(labels, stream)

        return batches

    def _shares(self, blank: Snapshot, old: int) -> Tensor:
        """How often each old class comes up, [O], summing to 1."""
        import torch

        tasks = torch.tensor([concept.task for concept in blank.bank.concepts[:old]])
        weights = task_shares(blank.task, self.schedule_of_tasks, self.decay)
        return weights[tasks] / torch.bincount(tasks)[tasks]

    def _store(self, data: TaskData) -> tuple[Tensor, Tensor]:
        """Stored embeddings [M, D] and their classes [M], in the order of the classes."""
        owners = carried(data, "stored_labels", -1, below=old_classes(data))
        return carried(data, "stored", len(owners), data.features.shape[1]), owners

    def _stored(self, data: TaskData) -> Draw:
        import torch

        features, owners = self._store(data)
        counts = torch.bincount(owners)
        starts = counts.cumsum(0) - counts  # the store is sorted by class

        def draw(labels: Tensor, stream: Generator) -> Iterator[Labelled]:
            from engine.model.course import Labelled

            places = (torch.rand(len(labels), generator=stream) * counts[labels]).long()
            rows = starts[labels] + places.minimum(counts[labels] - 1)
            for part in torch.split(rows, self.per_batch):
                yield Labelled(features[part], owners[part])

        return draw

    def _gaussian(self, data: TaskData, blank: Snapshot) -> Draw:
        from dataclasses import replace

        from engine.model.course import Labelled
        from engine.model.gaussian_samples import gaussian_extras
        from engine.rng import torch_stream

        old, classes = old_classes(data), blank.classes
        stream = torch_stream(data.seed, "gaussian-turns", data.task)
        gaussians = gaussian_extras(
            classes.means[:old], classes.covariances.select(slice(old)), self.per_batch, 1, stream
        )

        def draw(labels: Tensor, stream: Generator) -> Iterator[Labelled]:
            drawn = replace(gaussians, turns=labels).draw(len(labels) // self.per_batch, 0, stream)
            yield from map(Labelled, drawn.features, drawn.labels)

        return draw


def task_shares(task: int, schedule: str, decay: float) -> Tensor:
    """The share of each past task k in what task t replays, [t], summing to 1.

    Args:
        task: t, at least 1.
        schedule: `"uniform"`; `"power law"`, proportional to (t - k)^-decay; `"exponential"`, to exp(-decay (t - k)).
    """
    import torch

    ago = torch.arange(task, 0, -1, dtype=torch.float64)
    if schedule == "power law":
        weights = ago**-decay
    elif schedule == "exponential":
        weights = torch.exp(-decay * (ago - 1))  # the newest counts 1, so that not all of them vanish
    else:
        weights = torch.ones_like(ago)
    return weights / weights.sum()
