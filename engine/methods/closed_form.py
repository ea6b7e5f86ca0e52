"""What black boxes share that are a function of sums over images: learning adds, unlearning takes away.

Registers nothing. Both ways end in the same function of what is left, so that a model which has unlearnt some images is
the one that never saw them, to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import Method

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData, Unlearnt
    from engine.methods.moments import Moments
    from engine.model.drift import Drift
    from engine.model.snapshot import Snapshot

_FLOAT64 = 8
_MATRICES = 5
"""[D, D] in float64 held at once: squares, those of the task, scatter, its sum with the shrinkage, what is solved."""


@dataclass(frozen=True)
class ClosedForm(Method):
    """A linear classifier that is a function of the classes' counts, sums and pooled squares."""

    family: ClassVar[str] = "black_box"
    learns_concepts: ClassVar[bool] = False
    can_unlearn: ClassVar[bool] = True

    def why_not(self, setup: Setup) -> str | None:
        """Runs on everything."""
        return None

    def memory_bytes(self, setup: Setup) -> int:
        """The square matrices, the sums, and a task's images in float64."""
        images = setup.images // max(1, setup.tasks)
        return _FLOAT64 * setup.width * (_MATRICES * setup.width + 2 * setup.classes + images)

    def solve(self, moments: Moments, texts: Tensor) -> tuple[Tensor, Tensor]:
        """Weights [C, D] and bias [C] in float64; `texts` [C, D] are the embeddings of the class names."""
        raise TypeError(f"{type(self).__name__} does not define this")

    def learn(self, data: TaskData) -> Learning:
        """Add the new images' moments to those remembered, and solve."""
        import torch

        from engine.device import fixed_threads
        from engine.methods.prototypes import classifier, measured

        before = data.previous.classes.texts if data.previous else data.class_texts[:0]
        with fixed_threads(1):
            moments = grown(data)
            weights, bias = self.solve(moments, torch.cat([before, data.class_texts]))
            model = classifier(data, weights, bias, memory=moments.named())
        yield measured(model, data)
        return model

    def follow(self, previous: Snapshot, drift: Drift) -> Snapshot:
        """The sums as well."""
        from engine.methods.moments import followed

        return replace(super().follow(previous, drift), memory=followed(previous.memory, drift))

    def unlearn(self, model: Snapshot, gone: Unlearnt) -> Snapshot:
        """Take the images' moments away, and solve."""
        from engine.device import fixed_threads
        from engine.methods.moments import remembered, taken

        with fixed_threads(1):
            moments = remembered(model.memory).less(taken(gone, len(model.class_ids)), gone.whole)
            left = without(model, gone, moments)
            weights, bias = self.solve(moments, left.classes.texts)
        return replace(left, bottleneck=weights.float(), bias=bias.float(), memory=moments.named())


def grown(data: TaskData, squares: bool = True) -> Moments:
    """The moments of all images up to a task."""
    from engine.methods.moments import Moments, remembered

    old = len(data.previous.class_ids) if data.previous else 0
    fresh = Moments.of(data.features, data.labels, old + len(data.class_ids), squares)
    return remembered(data.previous.memory).plus(fresh) if data.previous else fresh


def without(model: Snapshot, gone: Unlearnt, moments: Moments) -> Snapshot:
    """`without_classes`, and where a class lost images, its mean is that of those left.

    Args:
        moments: of the images that are left.
    """
    left, lost = without_classes(model, gone.whole), set(gone.labels.tolist())
    means, fresh = left.classes.means.clone(), moments.means.float()
    stay = [place for place in range(len(model.class_ids)) if place not in gone.whole]
    for now, before in enumerate(stay):
        if before in lost:
            means[now] = fresh[now]
    return replace(left, bank=replace(left.bank, embeddings=means), classes=replace(left.classes, means=means))


def without_classes(model: Snapshot, whole: tuple[int, ...]) -> Snapshot:
    """A model with one row a class, without some classes.

    Its side channel is gone and its memory as it was: whoever calls knows what they are without these classes.
    """
    from engine.methods.moments import kept_places
    from engine.model.snapshot import ClassStatistics, Snapshot

    kept, before = kept_places(len(model.class_ids), whole), model.classes
    classes = ClassStatistics(before.means[kept], before.covariances.select(kept), before.texts[kept])
    class_ids = tuple(model.class_ids[place] for place in kept)
    head, bias = model.head[kept][:, kept], model.bias[kept]
    parts = class_ids, model.bank.select(kept), model.bottleneck[kept], head, bias, classes
    return Snapshot(model.task, *parts, None, model.memory)
