"""TAME: nobody says where a task begins; a jump of the loss does, and another expert takes over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS, EpochProgress, Method
from engine.methods.probe import FLOAT, TRAINING, carried, old_classes, one_task, schedule_of, training
from engine.params import param

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from engine.methods.base import Learning, Setup, TaskData
    from engine.model.course import Labelled
    from engine.model.drift import Drift
    from engine.model.snapshot import Snapshot
    from engine.model.switching import Switching, SwitchRule

DETECTION, SELECTOR = "Detection", "Selector"
NO_LIMIT = -1.0
"""Stands for none in what is stored: no loss is negative."""
_NEVER = -30.0  # bias of a class that an expert never saw: its share is nothing, and still a number
_SELECTOR_STEPS, _SELECTOR_RATE, _SELECTOR_BATCH = 1000, 0.01, 64


@METHODS.register
@dataclass(frozen=True)
class TAME(Method):
    """TAME (unknown task boundaries).

    Zhu et al., "TAME: Task Agnostic Continual Learning using Multiple Experts", 2022, arXiv 2210.03869. The images come
    as one stream, and nobody says where a task ends. An expert learns until its smoothed loss exceeds the mean of the
    last 100 by three standard deviations; then an older expert that fits takes over, or a new one. A selector, trained
    on a few stored images, sends each test image to an expert. The analysis `task_boundaries` shows what was noticed,
    and how often the selector is right.

    Published: networks as experts on usual continual benchmarks; the loss smoothed by 0.2 new and 0.8 old; the
    selector, trained on a small random part of the stream, finds the right expert for about 62 percent of the images,
    which is what limits accuracy.

    Ours: experts and selector are linear on frozen embeddings, experts learn by plain gradient descent, which carries
    nothing over a boundary that the method is not told of, and nothing is pruned. An image's answer is the experts'
    shares weighed by the selector's, not one expert's alone, which is more accurate here (64.5 instead of 58.5 percent
    on validation images of the demo, one seed) and can be attacked. Where every task brings new classes, as here, a
    boundary is easy to notice, because a label that the expert at work does not know costs at once; so detection says
    little in this frame and routing much, and an older expert never fits again.

    Released code: none found.

    Claim: boundaries are found without being told, and accuracy is above methods that know them. Weaker here:
    boundaries are found, which is easy where every task brings new classes, and accuracy is not above: 70.5 % after the
    last task on the Aviary's demo (three seeds), replay 87.8.
    """

    family: ClassVar[str] = "black_box"
    summary: ClassVar[str] = "Notices by itself where a task begins, gives it an expert, and routes images to experts."
    learns_concepts: ClassVar[bool] = False

    newest: float = param(
        0.2, low=0.01, high=1.0, help="Share of the newest loss in the smoothed one.", group=DETECTION
    )
    window: int = param(
        100, low=5, high=10_000, unit="steps", help="Smoothed losses that the newest is compared with.", group=DETECTION
    )
    deviations: float = param(
        3.0, low=0.5, high=50.0, help="A jump is this many standard deviations above their mean.", group=DETECTION
    )
    most_experts: int = param(50, low=1, high=500, unit="experts", help="No more are made.", group=DETECTION)
    passes: int = param(
        10, low=1, high=1000, unit="epochs", help="How often the stream shows a task's images.", group=TRAINING
    )
    learning_rate: float = param(2.0, low=1e-4, high=100.0, help="Step size of gradient descent.", group=TRAINING)
    batch_size: int = param(16, low=1, high=4096, unit="images", help="Images per step.", group=TRAINING)
    stored_share: float = param(
        0.2,
        low=0.001,
        high=1.0,
        help="Share of the images that are stored, by chance, for the selector to learn from.",
        group=SELECTOR,
    )

    def why_not(self, setup: Setup) -> str | None:
        """Needs a boundary to notice, and a window that is full by then."""
        steps = self.passes * ceil(setup.images / setup.tasks / self.batch_size)
        if setup.tasks > 1 and steps <= self.window:
            return (
                f"the stream has about {steps} steps a task, and before {self.window} nothing is noticed; "
                "more passes, smaller batches or a smaller window would do"
            )
        return one_task(setup, "there is no boundary to notice")

    def memory_bytes(self, setup: Setup) -> int:
        """Experts, twice while one is added, and the stored images."""
        experts = 3 * self.most_experts * setup.classes * (setup.width + 1) * FLOAT
        return experts + round(self.stored_share * setup.images) * setup.width * FLOAT

    def learn(self, data: TaskData) -> Learning:
        """Let the stream go on with this task's images, which the experts are not told of."""
        import torch

        from engine.device import fixed_threads
        from engine.methods.prototypes import measured
        from engine.model.linear_probe import shuffled
        from engine.rng import torch_stream

        known, store = _resumed(data)
        starts = torch.cat(
            [carried(data, "starts", data.task) if data.previous else torch.zeros(0).long(), _whole(known)]
        )
        epochs = shuffled(training(data), self.batch_size, data.seed, data.task)
        rule = self._rule()

        def model() -> Snapshot:
            return self._model(data, known, store, starts)

        for number in range(self.passes):
            losses, right = [], 0
            stream = torch_stream(data.seed, "stored", data.task, number)
            with fixed_threads(1):
                for batch in epochs(number):
                    loss, correct = known.step(batch, rule, self.learning_rate)
                    store.keep(batch, known.active, self.stored_share / self.passes, stream)
                    losses.append(loss)
                    right += correct
            accuracy = measured(model(), data).val_accuracy if number == self.passes - 1 else None
            fitted = sum(losses) / len(losses), right / len(data.labels), accuracy
            yield EpochProgress("train", number + 1, self.passes, *fitted, model)
        return model()

    def follow(self, previous: Snapshot, drift: Drift) -> Snapshot:
        """The stored images as well; what experts learnt stays."""
        from dataclasses import replace

        images = drift.images(previous.memory["images"])
        return replace(super().follow(previous, drift), memory={**previous.memory, "images": images})

    def _rule(self) -> SwitchRule:
        from engine.model.switching import SwitchRule

        return SwitchRule(self.newest, self.window, self.deviations, self.most_experts)

    def _model(self, data: TaskData, known: Switching, store: _Store, starts: Tensor) -> Snapshot:
        import torch

        from engine.device import fixed_threads
        from engine.methods.prototypes import classifier
        from engine.model.side_channels.experts import ExpertsSide

        seen = (known.lessons > 0).float()  # [E, C]
        weights, biases = known.weights * seen[:, :, None], torch.where(seen > 0, known.biases, _NEVER)
        memory = {**_stored(known), "starts": starts, "images": store.features, "image_experts": store.experts}
        with fixed_threads(1):
            side = ExpertsSide(weights, biases, *_selector(store, len(seen), data))
            return classifier(data, None, torch.zeros(seen.shape[1]), side=side, memory=memory)


@dataclass(slots=True)
class _Store:
    """Images by chance [M, D], and the expert at work when each came [M]."""

    features: Tensor
    experts: Tensor

    def keep(self, batch: Labelled, expert: int, share: float, stream: Generator) -> None:
        """Store each image of a batch with a probability."""
        import torch

        chosen = batch.features[torch.rand(len(batch.labels), generator=stream) < share]
        self.features = torch.cat([self.features, chosen])
        self.experts = torch.cat([self.experts, self.experts.new_full((len(chosen),), expert)])


def _selector(store: _Store, experts: int, data: TaskData) -> tuple[Tensor, Tensor]:
    """A linear classifier of stored images by expert, [E, D] and [E]."""
    from torch import zeros

    from engine.model.course import Labelled
    from engine.model.linear_probe import LinearObjective, fit, shuffled, steps_of
    from engine.steps import finish

    start = [zeros(experts, data.features.shape[1]), zeros(experts)]
    if experts == 1 or not len(store.experts):
        return start[0], start[1]
    pool = Labelled(store.features, store.experts)
    epochs = shuffled(pool, _SELECTOR_BATCH, data.seed, data.task, "selector")
    passes = -(-_SELECTOR_STEPS // steps_of(pool, _SELECTOR_BATCH))
    schedule = schedule_of(passes, _SELECTOR_RATE, _SELECTOR_BATCH, passes)
    weights, bias = finish(fit(start, LinearObjective(), epochs, pool, schedule))
    return weights, bias


def _whole(known: Switching) -> Tensor:
    from torch import tensor

    return tensor([len(known.losses)])


def _resumed(data: TaskData) -> tuple[Switching, _Store]:
    """The stream where the task before left it, with room for the new classes."""
    import torch

    from engine.model.switching import fresh

    width = data.features.shape[1]
    if data.previous is None:
        known, store = fresh(width), _Store(torch.zeros(0, width), torch.zeros(0).long())
    else:
        known = _gone_on(data)
        experts = carried(data, "image_experts", -1, below=len(known.limits))
        store = _Store(carried(data, "images", len(experts), width), experts)
    known.widened(known.weights.shape[1] + len(data.class_ids))
    return known, store


def _gone_on(data: TaskData) -> Switching:
    from collections import deque

    from engine.model.switching import Switching

    old, width = old_classes(data), data.features.shape[1]
    limits, losses = carried(data, "limits", -1), carried(data, "losses", -1)
    experts = len(limits)
    return Switching(
        weights=carried(data, "weights", experts, old, width).clone(),
        biases=carried(data, "biases", experts, old).clone(),
        lessons=carried(data, "lessons", experts, old).clone(),
        limits=_read(limits),
        active=int(carried(data, "active", 1, below=experts)),
        recent=deque(carried(data, "recent", -1).tolist()),
        losses=losses.tolist(),
        bounds=_read(carried(data, "bounds", len(losses))),
        switches=[(int(step), int(expert)) for step, expert in carried(data, "switches", -1, 2).tolist()],
    )


def _kept(limits: Sequence[float]) -> Tensor:
    """Limits of losses as they are stored, where everything is finite."""
    from torch import float64, tensor

    return tensor([limit if isfinite(limit) else NO_LIMIT for limit in limits], dtype=float64)


def _read(limits: Tensor) -> list[float]:
    return [limit if limit != NO_LIMIT else inf for limit in limits.tolist()]


def _stored(known: Switching) -> Mapping[str, Tensor]:
    from torch import float64, int64, tensor

    return {
        "weights": known.weights.clone(),
        "biases": known.biases.clone(),
        "lessons": known.lessons.clone(),
        "limits": _kept(known.limits),
        "active": tensor([known.active]),
        "recent": tensor(list(known.recent), dtype=float64),
        "losses": tensor(known.losses, dtype=float64),
        "bounds": _kept(known.bounds),
        "switches": tensor(known.switches, dtype=int64).reshape(-1, 2),
    }
