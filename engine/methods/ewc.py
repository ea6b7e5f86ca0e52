"""EWC: weights that old tasks needed are held back by springs as stiff as the Fisher information says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.probe import FLOAT, MEMORY, ProbeMethod, carried, old_classes, one_task
from engine.params import param

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from engine.methods.base import Setup, TaskData
    from engine.model.linear_probe import ProbeObjective
    from engine.model.snapshot import Snapshot

_DOUBLE = 2 * FLOAT


@METHODS.register
@dataclass(frozen=True)
class EWC(ProbeMethod):
    """Elastic weight consolidation.

    Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks", PNAS 2017. A linear classifier whose
    weights are drawn back to where each earlier task left them, each as strongly as that task's diagonal Fisher
    information says that its answers depend on it: loss + strength / 2 * sum over tasks of F (w - w*)^2.

    Published: networks of two hidden layers on permuted MNIST and Atari games, with a strength that is searched for.

    Ours: on frozen embeddings only the classifier is left to protect, and the Fisher information of a softmax is known
    in closed form, the sum over images of p (1 - p) x^2. As it is a sum, a strength of 1 is what Laplace's
    approximation of the posterior says; 100 did best on validation images of the demo (one seed). The springs of all
    tasks are kept as one a weight, at their weighted mean, which is the same loss but for a constant. New rows have
    none.

    Released code: none by the authors was found; public ones often take the gradient at the true label (the empirical
    Fisher information), and the newest weights as the only anchor.

    Claim: old tasks are remembered without an image of them. Known not to hold where classes of all tasks compete (van
    de Ven and Tolias, "Three scenarios for continual learning", 2019). Not seen here: 49.9 % after the last task on the
    Aviary's demo (three seeds), replay 87.8.
    """

    summary: ClassVar[str] = "A linear classifier whose weights resist change as far as old tasks depended on them."

    strength: float = param(
        100.0, low=0.0, high=1e6, help="Stiffness of the springs; 1 is Laplace's approximation, 0 none.", group=MEMORY
    )

    def why_not(self, setup: Setup) -> str | None:
        """The first task has nothing to hold on to."""
        return one_task(setup, "no earlier weights have to be kept")

    def memory_bytes(self, setup: Setup) -> int:
        """Stiffness and anchor of each weight, and the penalty's terms."""
        return 4 * setup.classes * (setup.width + 1) * _DOUBLE

    def objective(self, data: TaskData) -> ProbeObjective:
        """Cross-entropy and springs."""
        from engine.model.linear_probe import LinearObjective
        from engine.model.probe_objectives import SprungObjective

        if not old_classes(data):
            return LinearObjective()
        scale = self.strength / (2 * len(data.labels))  # the cross-entropy is a mean over images, the springs a sum
        stiffness, anchor = self._springs(data)
        return SprungObjective(stiffness=stiffness.float(), anchor=anchor.float(), scale=scale)

    def carries(self, data: TaskData, blank: Snapshot, trained: Sequence[Tensor]) -> Mapping[str, Tensor]:
        """Stiffness and place of the springs, [C, D + 1] each: the bias is the last column."""
        import torch

        weights, bias = trained
        now = torch.cat([weights, bias[:, None]], 1).double()
        fisher = diagonal_fisher(weights, bias, data.features)
        if not (old := old_classes(data)):
            return {"fisher": fisher, "anchor": now}
        before, anchor = torch.zeros_like(fisher), now.clone()
        before[:old], anchor[:old] = self._springs(data)
        total = before + fisher
        # Of two springs on one weight the sum is a spring of their total stiffness at their weighted mean.
        place = torch.where(total > 0, (before * anchor + fisher * now) / total.clamp_min(1e-300), now)
        return {"fisher": total, "anchor": place}

    def _springs(self, data: TaskData) -> tuple[Tensor, Tensor]:
        """Stiffness and place so far, [O, D + 1] each."""
        shape = old_classes(data), data.features.shape[1] + 1
        return carried(data, "fisher", *shape), carried(data, "anchor", *shape)


def diagonal_fisher(weights: Tensor, bias: Tensor, features: Tensor) -> Tensor:
    """Diagonal of the Fisher information of a softmax classifier, summed over images, float64 [C, D + 1].

    The expectation over labels drawn from the model is sum_y p_y (1[y = c] - p_c)^2 x^2 = p_c (1 - p_c) x^2.

    Args:
        weights, bias: [C, D] and [C].
        features: [N, D].
    """
    import torch

    spread = torch.softmax(torch.addmm(bias, features, weights.T), 1).double()  # [N, C]
    spread = spread * (1 - spread)
    squares = features.double().square()
    return torch.cat([spread.T @ squares, spread.sum(0)[:, None]], 1)
