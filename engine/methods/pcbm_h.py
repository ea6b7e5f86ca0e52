"""PCBM-h: a sparse concept head, and beside it a residual that may say what the concepts cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.bottleneck import TRAINING
from engine.methods.pcbm import PCBM
from engine.methods.variant import BATCHES
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import Learning, TaskData
    from engine.model.snapshot import Snapshot

SIDE = "Residual"


@METHODS.register
@dataclass(frozen=True)
class PCBMH(PCBM):
    """PCBM-h (fixed directions and a residual).

    Yuksekgonul et al., "Post-hoc Concept Bottleneck Models", ICLR 2023, arXiv 2205.15480, section 3. After the concept
    head is solved and frozen, a linear map of the embedding is trained to add what is missing to the logits. It passes
    by the concepts: how many answers it decides, and how much of their margin, stands beside the accuracy
    (`engine.metrics.residual`).

    Published: Adam at 0.01, batches of 64, 20 epochs, penalty 0.001 times the mean squared weight; CUB, ResNet-18: 61.0
    (without residual 58.8, black box 61.2).

    Ours: class-incremental as `pcbm`; the residual goes on from the last task's, new classes from zero; the step falls
    to zero; batches of 256; no bias of its own, for the concept head has one.

    Released code: github.com/mertyg/post-hoc-cbm trains as published, with a bias, and takes no notice of how much the
    residual decides.

    Claim: recovers the accuracy of the original model and stays interpretable. Held as to accuracy: 90.3 % after the
    last task on the Aviary's demo (three seeds), a linear classifier on all images 89.8. How much is left to read is
    told of every run.
    """

    summary: ClassVar[str] = (
        "PCBM with a linear shortcut around the concepts for what they miss, and how much of each answer it decides."
    )

    epochs: int = param(20, low=1, high=1000, unit="epochs", help="Passes over the samples.", group=SIDE)
    learning_rate: float = param(
        0.01, low=1e-6, high=1.0, help="Adam's step size at first; it falls to zero along a cosine.", group=SIDE
    )
    decay: float = param(
        1e-3, low=0.0, high=1e3, help="Penalty on the mean squared weight of the residual.", group=SIDE
    )
    batch_size: int = param(256, low=2, high=4096, unit="samples", help=BATCHES, group=TRAINING)

    def learn(self, data: TaskData) -> Learning:
        """Solve the concept head, then train the residual."""
        from torch.nn.functional import cross_entropy

        from engine.device import fixed_threads
        from engine.methods.variant import plan, training
        from engine.model.descent import descend, leaf
        from engine.model.side_channels.linear import LinearSide
        from engine.rng import torch_stream

        ground = yield from self.ground(data)
        plain, samples = self.solved(data, ground), ground.samples
        with fixed_threads(1):
            said = plain.from_features(samples.features).logits  # [M, C]
        (residual,) = weights = leaf(self._residual(data.previous, plain))

        def objective(rows: Tensor) -> tuple[Tensor, Tensor]:
            logits = said[rows] + samples.features[rows] @ residual.T
            return cross_entropy(logits, samples.labels[rows]) + self.decay * residual.square().mean(), logits

        def model() -> Snapshot:
            return replace(plain, side=LinearSide(residual.detach().clone()))

        steps = plan(self.epochs, self.learning_rate, self.batch_size, ground)
        passed = descend(weights, samples.labels, objective, steps, torch_stream(data.seed, "residual", data.task))
        yield from training(passed, steps, data, model)
        return model()

    def _residual(self, previous: Snapshot | None, plain: Snapshot) -> Tensor:
        """Where the residual starts: as it was, zero for new classes, [C, D]."""
        from engine.model.side_channels.linear import LinearSide

        start = plain.bottleneck.new_zeros(len(plain.class_ids), plain.bottleneck.shape[1])
        if previous is not None:
            if not isinstance(previous.side, LinearSide):
                raise self.left_by_another(previous.task + 1, "residual")
            start[: len(previous.class_ids)] = previous.side.weights
        return start
