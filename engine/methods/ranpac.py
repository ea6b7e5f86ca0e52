"""RanPAC: ridge regression on a random layer, its Gram matrix summed over the tasks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.errors import NotApplicable
from engine.methods.base import METHODS, Method
from engine.params import param

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData, Unlearnt
    from engine.methods.moments import Moments
    from engine.model.snapshot import Snapshot

_FLOAT64 = 8
_MATRICES = 7
"""[M, M] in float64 held at once: Gram, that of the task, their sum, the packed one, eigenvectors and LAPACK's work."""
_LEAST, _MOST = -8, 8
"""Exponents of the ridges to choose among."""
_LIFTED = "lifted_"
_REMEDY = "Set the ridge by hand, or keep more images for validation"


@METHODS.register
@dataclass(frozen=True)
class RanPAC(Method):
    """RanPAC (random projections).

    McDonnell et al., "RanPAC: Random Projections and Pre-trained Models for Continual Learning", NeurIPS 2023, arXiv
    2307.02251. Embeddings pass a fixed random layer, h = relu(R'x), and the classes are told apart by ridge regression
    on it, W = (G + l I)^-1 Q, where the Gram matrix G = sum h h' and the class sums Q = sum h y' are added up over the
    tasks. For a fixed ridge l the result is that of all images at once, in whatever order they came.

    Published: M = 10,000 random features drawn from N(0, 1), l among 1e-8 ... 1e8 by mean squared error on a fifth of
    the task's images; for most results the backbone is tuned on the first task as well.

    Ours: the part on frozen embeddings, M = 2,000, embeddings of unit length. G is summed in float64; l is chosen by
    the mean squared error on the validation images of the newest task, with the G of all tasks, which one
    eigendecomposition solves for every l. A ridge below what float64 resolves beside the largest eigenvalue is not
    tried.

    Released code: chooses l on the task's images alone, with the G of four fifths of them, and then uses it with the G
    of all tasks, which is larger; G is float32; embeddings keep their length.

    Claim: random features and decorrelation make frozen embeddings as accurate as continually tuned networks, and more
    so than class means by 8 to 10 points. Weaker here: 92.1 % after the last task on the Aviary's demo (three seeds),
    the most accurate of all, 2.5 points above class means.
    """

    family: ClassVar[str] = "black_box"
    summary: ClassVar[str] = (
        "Ridge regression on thousands of random features of the embedding; sums over images are all it keeps."
    )
    learns_concepts: ClassVar[bool] = False
    can_unlearn: ClassVar[bool] = True
    cannot_follow: ClassVar[str] = (
        "it keeps sums of what a random layer made of images, and the layer cannot be undone to move the images"
    )

    random_features: int = param(
        2000,
        low=1,
        high=50_000,
        unit="features",
        help="Size of the random layer; memory and time grow with its square.",
    )
    ridge: float = param(
        0.0,
        low=0.0,
        high=1e8,
        help="Strength of the ridge; 0: chosen on validation images of each task, among powers of ten.",
    )

    def why_not(self, setup: Setup) -> str | None:
        """A ridge is chosen on validation images, and a class of one image gives none."""
        if self.ridge or setup.images > setup.classes:
            return None
        return (
            "every class has one training image and none for validation, on which the ridge is chosen; set it by hand"
        )

    def memory_bytes(self, setup: Setup) -> int:
        """Square matrices of the random features, and what the layer makes of some images."""
        from engine.methods.moments import CHUNK

        return _FLOAT64 * self.random_features * (_MATRICES * self.random_features + 3 * setup.classes + 2 * CHUNK)

    def learn(self, data: TaskData) -> Learning:
        """Add the new images' sums to those remembered, choose the ridge, solve."""
        from torch import zeros

        from engine.device import fixed_threads
        from engine.methods.closed_form import grown
        from engine.methods.prototypes import classifier, measured
        from engine.methods.random_layer import layer_for, normal
        from engine.model.side_channels.random_features import RandomFeatures

        layer = layer_for(data, self.random_features, normal, self.name)
        with fixed_threads(1):
            seen, classes = grown(data, squares=False), len(data.class_ids) + _old(data)
            lifted = _lifted(data.features, data.labels, classes, layer)
            if data.previous:
                lifted = _remembered(data.previous.memory).plus(lifted)
            weights = self._weights(lifted, data.val_features, data.val_labels, layer)
            side = RandomFeatures(layer, weights.float())
            model = classifier(data, None, zeros(classes), side=side, memory=_memory(seen, lifted))
        yield measured(model, data)
        return model

    def unlearn(self, model: Snapshot, gone: Unlearnt) -> Snapshot:
        """Take the images' sums away, choose the ridge again where it was chosen, solve.

        Raises:
            NotApplicable: the ridge has to be chosen, and no validation image of the newest task is given.
        """
        from engine.device import fixed_threads
        from engine.methods.closed_form import without
        from engine.methods.moments import kept_places, remembered, taken
        from engine.methods.random_layer import layer_of
        from engine.model.side_channels.random_features import RandomFeatures

        layer, classes = layer_of(model), len(model.class_ids)
        assert layer is not None  # every model of this method has one
        with fixed_threads(1):
            seen = remembered(model.memory).less(taken(gone, classes, squares=False), gone.whole)
            lifted = _remembered(model.memory).less(_lifted(gone.features, gone.labels, classes, layer), gone.whole)
            now = {place: i for i, place in enumerate(kept_places(classes, gone.whole))}
            labels = gone.val_labels.new_tensor([now[label] for label in gone.val_labels.tolist()])
            weights = self._weights(lifted, gone.val_features, labels, layer)
        left = without(model, gone, seen)
        side = RandomFeatures(layer, weights.float())
        return replace(left, bottleneck=left.classes.means.clone(), side=side, memory=_memory(seen, lifted))

    def _weights(self, lifted: Moments, val_features: Tensor, val_labels: Tensor, layer: Tensor) -> Tensor:
        """The ridge solution [C, M], float64; of all ridges that on which validation images err least.

        Raises:
            NotApplicable: there are none, and the ridge is to be chosen.
        """
        import torch

        from engine.methods.random_layer import hidden

        values, vectors = torch.linalg.eigh(lifted.squares)  # [M], [M, M]
        values, turned = values.clamp_min(0), lifted.sums @ vectors  # [C, M]
        least = float(values[-1]) * len(values) * torch.finfo(values.dtype).eps
        ridge = max(self.ridge, least)
        if not self.ridge:
            if not len(val_labels):
                reason = "the task has no validation image, on which the ridge is chosen"
                raise NotApplicable(f"{self.name}: ridge = 0", reason, _REMEDY)
            ridge = _chosen(values, turned, least, hidden(val_features, layer) @ vectors, val_labels)
        weights: Tensor = turned / (values + ridge) @ vectors.T
        return weights


def _chosen(values: Tensor, turned: Tensor, least: float, shown: Tensor, labels: Tensor) -> float:
    """The ridge on which images err least.

    Args:
        values: eigenvalues of the Gram matrix, [M].
        turned: class sums in its eigenvectors, [C, M].
        shown: what the layer makes of the images, in its eigenvectors, [n, M].
    """
    from torch.nn.functional import one_hot

    wanted = one_hot(labels, len(turned)).double()

    def error(ridge: float) -> float:
        return float((shown / (values + ridge) @ turned.T - wanted).square().mean())

    return min(_ridges(least), key=error)  # of equal ones the first, which is the largest


def _ridges(least: float) -> Iterator[float]:
    """The ridges to choose among, the largest first."""
    for exponent in range(_MOST, _LEAST - 1, -1):
        if exponent == _MOST or 10.0**exponent >= least:
            yield 10.0**exponent


def _old(data: TaskData) -> int:
    return len(data.previous.class_ids) if data.previous else 0


def _lifted(features: Tensor, labels: Tensor, classes: int, layer: Tensor) -> Moments:
    """The moments of what the layer makes of images."""
    import torch

    from engine.methods.moments import Moments
    from engine.methods.random_layer import chunks

    units = layer.shape[1]
    nothing = torch.zeros(classes, units, dtype=torch.float64), torch.zeros(units, units, dtype=torch.float64)
    found = Moments(torch.zeros(classes, dtype=torch.int64), *nothing)
    for some, owners in chunks(features, labels, layer):
        found = found.plus(Moments.of(some, owners, classes))
    return found


def _memory(seen: Moments, lifted: Moments) -> dict[str, Tensor]:
    return {**seen.named(), **{_LIFTED + name: tensor for name, tensor in lifted.named().items()}}


def _remembered(memory: Mapping[str, Tensor]) -> Moments:
    """The moments behind the layer."""
    from engine.methods.moments import remembered

    return remembered({name.removeprefix(_LIFTED): t for name, t in memory.items() if name.startswith(_LIFTED)})
