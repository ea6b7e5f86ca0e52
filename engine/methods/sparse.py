"""What methods share that fit a sparse head on fixed rows: rows from texts or alignment, pseudo features, elastic net.

Registers nothing; `ci_cbm` and `label_free` say which rows may still move.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.methods.base import EpochProgress
from engine.methods.choosing import ConceptMethod
from engine.params import param

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import Tensor

    from engine.concepts.bank import ConceptBank
    from engine.methods.base import Learning, Setup, TaskData
    from engine.model.alignment import Goal
    from engine.model.pool import TrainingPool
    from engine.model.snapshot import ClassStatistics, Snapshot

ROWS, HEAD = "Rows", "Head"
_SINGLE, _DOUBLE = 4, 8  # bytes
_SCORES, _LOGITS = 3, 8  # tables of that many columns that the fit of a head holds at once


@dataclass(frozen=True)
class SparseHeadMethod(ConceptMethod):
    """Rows first, then a sparse head on all classes' scores, old classes by pseudo features."""

    rows: str = param(
        "learned",
        choices=("learned", "text"),
        help="A concept's row: learnt so that its scores resemble the text's, or the text's embedding itself.",
        group=ROWS,
    )
    row_start: str = param(
        "random", choices=("random", "text"), help="New rows are learnt from random ones or from the text.", group=ROWS
    )
    row_steps: int = param(1000, low=1, high=10_000, unit="steps", help="Most steps of learning rows.", group=ROWS)
    row_rate: float = param(1e-3, low=1e-6, high=1.0, help="Adam's step size for the rows.", group=ROWS)
    strength: float = param(
        7e-4, low=1e-6, high=10.0, help="Strength of the elastic net on the weights of standardised scores.", group=HEAD
    )
    l1_share: float = param(
        0.99, low=0.01, high=1.0, help="Share of the elastic net that is absolute values.", group=HEAD
    )
    target_nec: float = param(
        0.0,
        low=0.0,
        high=1000.0,
        unit="concepts",
        help="How many concepts a class shall rest on, on average: the strength is then found; 0: `strength` holds.",
        group=HEAD,
    )

    def why_not(self, setup: Setup) -> str | None:
        """Besides candidates, learnt rows need images that differ."""
        alone = "rows are learnt from how scores differ between images, and a class of one image has no difference; "
        lonely = self.rows == "learned" and setup.fewest < 2
        return super().why_not(setup) or (alone + "set rows to text" if lonely else None)

    def memory_bytes(self, setup: Setup) -> int:
        """Embeddings and scores of the last task's images and stand-ins, which are about as many as all images."""
        concepts = self.concepts_per_class * setup.classes
        return setup.images * (_SINGLE * setup.width + _DOUBLE * (_SCORES * concepts + _LOGITS * setup.classes))

    def learn(self, data: TaskData) -> Learning:
        """Choose the task's concepts, learn or take their rows, and fit the head anew for all classes."""
        from engine.device import fixed_threads
        from engine.methods.prototypes import measured
        from engine.model.growth import grow
        from engine.model.snapshot import Snapshot

        chosen = yield from self.choose(data)
        bank = data.previous.bank.extended(chosen) if data.previous else chosen
        with fixed_threads(1):
            classes = self._classes(data)
        seen = len(classes.means)
        class_ids = (data.previous.class_ids if data.previous else ()) + data.class_ids
        start = "text" if self.rows == "text" else self.row_start
        rows, head = grow(data.previous, chosen.embeddings, seen, start, "zero", data.seed)
        bias = head.new_zeros(seen)
        if data.previous:
            bias[: len(data.previous.bias)] = data.previous.bias
        before = Snapshot(data.task, class_ids, bank, rows, head, bias, classes)
        looks = self._looks()
        if self.rows == "learned":
            rows = yield from self._rows(before, data, looks)
        weights, bias = self._head(before, data, rows)
        model = dataclasses.replace(before, bottleneck=rows, head=weights, bias=bias)
        yield dataclasses.replace(measured(model, data), epoch=looks, epochs=looks, model=lambda: model)
        return model

    def goal(self, bank: ConceptBank, previous: Snapshot | None) -> Goal:
        """What the scores of rows that are learnt shall resemble; each method's own answer.

        Of as many concepts as may move: the last ones of the bank.
        """
        raise TypeError(f"{type(self).__name__} does not define this")

    def _looks(self) -> int:
        """How many lines of progress there will be at most."""
        from engine.model.alignment import CHECK_EVERY

        return 1 + (-(-self.row_steps // CHECK_EVERY) if self.rows == "learned" else 0)

    def _rows(self, before: Snapshot, data: TaskData, looks: int) -> Generator[EpochProgress, None, Tensor]:
        """Learn the rows that may move, if any; those before them stay."""
        import torch

        from engine.methods.prototypes import measured
        from engine.model.alignment import CHECK_EVERY, AlignedRows, learn_rows
        from engine.steps import told

        goal = self.goal(before.bank, data.previous)
        if not len(goal.texts):
            return before.bottleneck
        fixed = len(before.bank) - len(goal.texts)
        start, still = before.bottleneck[fixed:], before.bottleneck[:fixed]

        def ended(found: AlignedRows) -> EpochProgress:
            model = dataclasses.replace(before, bottleneck=torch.cat([still, found.rows]))
            line = measured(model, data)
            at, loss = -(-found.step // CHECK_EVERY), -found.similarity
            return dataclasses.replace(line, epoch=at, epochs=looks, loss=loss, model=lambda: model)

        steps = learn_rows(start, data.features, data.val_features, goal, self.row_steps, self.row_rate)
        learnt: Tensor = yield from told(steps, ended)
        return torch.cat([still, learnt])

    def _head(self, before: Snapshot, data: TaskData, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Weights [C, K] and bias [C] fitted on the new images and pseudo features of old classes."""
        from engine.device import fixed_threads
        from engine.model.sparse_head import sparse_head, sparse_head_at

        with fixed_threads(1):
            pool = _pool(data, before.classes)
            scores = pool.features() @ rows.T  # [M, K]
        seen = len(before.class_ids)
        if self.target_nec:
            return sparse_head_at(scores, pool.labels, seen, self.target_nec, self.l1_share)[0]
        start = (data.previous.head, data.previous.bias) if data.previous else None
        return sparse_head(scores, pool.labels, seen, self.strength, self.l1_share, start)


def _pool(data: TaskData, classes: ClassStatistics) -> TrainingPool:
    """The new images, and for each old class those of the new class whose mean is nearest, moved to its own mean."""
    from engine.model.pool import augmented_pool, partners, real_pool

    old = len(classes.means) - len(data.class_ids)
    if not old:
        return real_pool(data.features, data.labels, len(classes.means))
    old_means, new_means = classes.means[:old], classes.means[old:]
    return augmented_pool(data.features, data.labels, old_means, new_means, partners(old_means, new_means))
