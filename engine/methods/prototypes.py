"""What methods without training share: one row per class, an identity head. Registers nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.methods.base import EpochProgress
from engine.model.course import Labelled
from engine.model.snapshot import Snapshot
from engine.model.statistics import class_statistics, without_covariances
from engine.model.trainer import accuracy

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import TaskData


def with_rows(data: TaskData, rows: Tensor, kind: str) -> Snapshot:
    """The previous model extended by one row [new classes, D] per new class; `kind` words what a row is."""
    previous = data.previous
    first = len(previous.class_ids) if previous else 0
    classes = class_statistics(data.features, data.labels, first, data.class_texts, covariances=False)
    bank = ConceptBank(tuple(Concept(f"{kind} of class {c}", "", data.task, c) for c in data.class_ids), rows)
    bottleneck, class_ids = rows, data.class_ids
    if previous:
        bank = previous.bank.extended(bank)
        classes = without_covariances(previous.classes).extended(classes)
        bottleneck, class_ids = torch.cat([previous.bottleneck, rows]), previous.class_ids + class_ids
    seen = len(class_ids)
    return Snapshot(
        data.task, class_ids, bank, bottleneck, torch.eye(seen, len(bottleneck)), torch.zeros(seen), classes
    )


def measured(model: Snapshot, data: TaskData) -> EpochProgress:
    """The one line of progress of a method that does not iterate; its loss is 0 because it has none."""
    train = accuracy(model.bottleneck, model.head, Labelled(data.features, data.labels))
    validation = Labelled(data.val_features, data.val_labels)
    known = accuracy(model.bottleneck, model.head, validation) if len(data.val_labels) else None
    return EpochProgress("train", 1, 1, 0.0, train, known)
