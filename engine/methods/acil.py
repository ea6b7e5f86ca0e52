"""ACIL: ridge regression on a random layer, updated task by task without keeping a Gram matrix."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS, Method
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData, Unlearnt
    from engine.methods.moments import Moments
    from engine.model.snapshot import Snapshot

_FLOAT64 = 8
_MATRICES = 4
"""[M, M] in float64 held at once: the inverse, its packed form, an update of it, and its transpose."""
_INVERSE, _WEIGHTS = "inverse", "weights"


@METHODS.register
@dataclass(frozen=True)
class ACIL(Method):
    """ACIL (analytic recursion).

    Zhuang et al., "ACIL: Analytic Class-Incremental Learning with Absolute Memorization and Privacy Protection",
    NeurIPS 2022, arXiv 2205.14922. A ridge regression on a random layer h = relu(R'x) is updated by recursive least
    squares: kept are the inverse of H'H + gamma I over all images so far, and the weights; new images update both
    (equations 9 and 10), and the result equals the regression on all of them at once.

    Published: the backbone is trained on the first half of the classes and frozen; 8,192 random features, gamma = 0.1.

    Ours: frozen embeddings of unit length, 2,000 random features or none, and float64 throughout. The layer is drawn
    as in the released code, evenly from +-1 / sqrt(D): how much gamma weighs depends on it (drawn from N(0, 1) instead,
    the same gamma lost 3.4 points of average accuracy on the demo, one seed). The recursion takes images away as well
    as it adds them, which unlearning uses.

    Released code: the same recursion (that of G-ACIL) in float64, on features as long as the network makes them.

    Claim: identical to joint training of the head, hence no forgetting but for what more classes cost; ahead of replay
    methods when there are many tasks. Held here as to the first (`bench methods.exact`: ridge of all images to 4e-7);
    replay keeps 87.8 % on the Aviary's demo (three seeds), ACIL 91.8 %.
    """

    family: ClassVar[str] = "black_box"
    summary: ClassVar[str] = (
        "A regression on random features that is corrected for each new image; equals having seen all images at once."
    )
    learns_concepts: ClassVar[bool] = False
    can_unlearn: ClassVar[bool] = True
    cannot_follow: ClassVar[str] = (
        "it keeps a regression on what a random layer made of images, and the layer cannot be undone to move the images"
    )

    random_features: int = param(
        2000,
        low=0,
        high=50_000,
        unit="features",
        help="Size of the random layer; memory and time grow with its square. 0: none, the regression is on the "
        "embedding itself.",
    )
    gamma: float = param(0.1, low=1e-6, high=1e6, help="Strength of the ridge.")

    def why_not(self, setup: Setup) -> str | None:
        """Runs on everything."""
        return None

    def memory_bytes(self, setup: Setup) -> int:
        """Square matrices of the features, and what the layer makes of some images."""
        from engine.methods.moments import CHUNK

        units = self.random_features or setup.width
        return _FLOAT64 * (units * (_MATRICES * units + 2 * setup.classes + 4 * CHUNK) + 2 * CHUNK**2)

    def learn(self, data: TaskData) -> Learning:
        """Update inverse and weights by the new images."""
        from torch import float64, zeros

        from engine.device import fixed_threads
        from engine.methods.closed_form import grown
        from engine.methods.prototypes import classifier, measured
        from engine.methods.random_layer import even, layer_for
        from engine.model.side_channels.random_features import RandomFeatures

        layer = layer_for(data, self.random_features, even, self.name) if self.random_features else None
        with fixed_threads(1):
            inverse, before = self._state(data)
            new = zeros(len(before), len(data.class_ids), dtype=float64)
            state = _recursion(inverse, before, new, data.features, data.labels, layer)
            seen = grown(data, squares=False)
            rows = state[1].T
            side = RandomFeatures(layer, rows.float()) if layer is not None else None
            nothing = zeros(len(rows))
            model = classifier(data, None if side else rows, nothing, side=side, memory=_memory(seen, *state))
        yield measured(model, data)
        return model

    def _state(self, data: TaskData) -> tuple[Tensor, Tensor]:
        """Inverse [M, M] and weights [M, C] before the task."""
        import torch

        from engine.errors import NotApplicable
        from engine.model.packing import unpacked

        units = self.random_features or data.features.shape[1]
        if data.previous is None:
            return torch.eye(units, dtype=torch.float64) / self.gamma, torch.zeros(units, 0, dtype=torch.float64)
        memory = data.previous.memory
        if len(memory[_WEIGHTS]) != units:
            found = len(memory[_WEIGHTS])
            given = f"{self.name}: random_features = {self.random_features}"
            reason = f"the run so far regresses on {found} features, and what it keeps is of these"
            raise NotApplicable(given, reason, "Set it as it was, or start a new run")
        return unpacked(memory[_INVERSE]), memory[_WEIGHTS]

    def unlearn(self, model: Snapshot, gone: Unlearnt) -> Snapshot:
        """Run the recursion backwards."""
        from engine.device import fixed_threads
        from engine.methods.closed_form import without
        from engine.methods.moments import kept_places, remembered, taken
        from engine.methods.random_layer import layer_of
        from engine.model.packing import unpacked
        from engine.model.side_channels.random_features import RandomFeatures

        layer, memory, classes = layer_of(model), model.memory, len(model.class_ids)
        with fixed_threads(1):
            seen = remembered(memory).less(taken(gone, classes, squares=False), gone.whole)
            before = memory[_WEIGHTS]
            inverse, weights = _recursion(
                unpacked(memory[_INVERSE]), before, before[:, :0], gone.features, gone.labels, layer, away=True
            )
        weights = weights[:, kept_places(classes, gone.whole)].contiguous()
        left, rows = without(model, gone, seen), weights.T.float()
        side = RandomFeatures(layer, rows) if layer is not None else None
        bottleneck = rows if side is None else left.classes.means.clone()
        return replace(left, bottleneck=bottleneck, side=side, memory=_memory(seen, inverse, weights))


def _memory(seen: Moments, inverse: Tensor, weights: Tensor) -> dict[str, Tensor]:
    from engine.model.packing import packed

    return {**seen.named(), _INVERSE: packed(inverse), _WEIGHTS: weights}


def _recursion(
    inverse: Tensor,
    before: Tensor,
    new: Tensor,
    features: Tensor,
    labels: Tensor,
    layer: Tensor | None,
    away: bool = False,
) -> tuple[Tensor, Tensor]:
    """Recursive least squares: inverse [M, M] and weights [M, C] after some images came, or went away.

    Args:
        inverse: of H'H + gamma I, [M, M].
        before, new: weights of the classes known, and zeros for those that come with the images, [M, ...].
    """
    import torch
    from torch.nn.functional import one_hot

    from engine.methods.random_layer import chunks

    weights, sign = torch.cat([before, new], 1), -1.0 if away else 1.0
    for some, owners in chunks(features, labels, layer):  # some: [n, M]
        wanted = one_hot(owners, weights.shape[1]).double()
        seen = some @ inverse  # [n, M]
        gain = torch.linalg.solve(sign * torch.eye(len(some), dtype=some.dtype) + seen @ some.T, seen)
        inverse = inverse - seen.T @ gain
        inverse = (inverse + inverse.T) / 2  # rounding must not add up to an asymmetry
        weights = weights + sign * inverse @ (some.T @ (wanted - some @ weights))
    return inverse, weights
