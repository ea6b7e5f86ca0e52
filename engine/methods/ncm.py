"""Nearest class mean: no training at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS, Method

if TYPE_CHECKING:
    from engine.methods.base import Learning, Setup, TaskData, Unlearnt
    from engine.model.drift import Drift
    from engine.model.snapshot import Snapshot


@METHODS.register
@dataclass(frozen=True)
class NCM(Method):
    """Nearest class mean.

    Janson et al., "A Simple Baseline that Questions the Use of Pretrained-Models in Continual Learning", 2022. An image
    goes to the class whose mean embedding has the highest cosine with it. The bottleneck's rows are those means at unit
    length, one per class and not concepts; the head is the identity.
    """

    family: ClassVar[str] = "bound"
    summary: ClassVar[str] = "Every class is the mean of its images; nothing is trained, and nothing is explained."
    learns_concepts: ClassVar[bool] = False
    can_unlearn: ClassVar[bool] = True

    def why_not(self, setup: Setup) -> str | None:
        """Runs on everything."""
        return None

    def learn(self, data: TaskData) -> Learning:
        """Append the new classes' means."""
        from torch.nn.functional import normalize

        from engine.device import fixed_threads
        from engine.methods.closed_form import grown
        from engine.methods.moments import Moments
        from engine.methods.prototypes import measured, with_rows

        first = len(data.previous.class_ids) if data.previous else 0
        with fixed_threads(1):
            fresh = Moments.of(data.features, data.labels - first, len(data.class_ids), squares=False)
            model = with_rows(data, normalize(fresh.means, dim=1).float(), "prototype")
            if data.previous is None or data.previous.memory:  # a run that an older Plumage began goes on without
                model = replace(model, memory=grown(data, squares=False).named())
        yield measured(model, data)
        return model

    def follow(self, previous: Snapshot, drift: Drift) -> Snapshot:
        """The sums as well, and the rows, which are the means."""
        from torch.nn.functional import normalize

        from engine.methods.moments import followed

        moved = super().follow(previous, drift)
        memory = followed(previous.memory, drift) if previous.memory else previous.memory
        return replace(moved, bottleneck=normalize(moved.classes.means, dim=1), memory=memory)

    def unlearn(self, model: Snapshot, gone: Unlearnt) -> Snapshot:
        """The means of the images that are left."""
        from torch.nn.functional import normalize

        from engine.device import fixed_threads
        from engine.methods.closed_form import without
        from engine.methods.moments import remembered, taken

        with fixed_threads(1):
            removed = taken(gone, len(model.class_ids), squares=False)
            moments = remembered(model.memory).less(removed, gone.whole)
            left, rows = without(model, gone, moments), normalize(moments.means, dim=1).float()
        bank = replace(left.bank, embeddings=rows)
        return replace(left, bank=bank, bottleneck=rows, memory=moments.named())
