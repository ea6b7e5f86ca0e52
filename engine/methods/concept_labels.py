"""Which concepts are true of what a variant trains on: of new images, and of what stands in for old classes.

Of new images the data say it where they know (`TaskData.shown`); else the class's list does: what is listed for a class
holds for all its images, as in Koh et al. 2020. Of a stand-in nobody can say more than how often the concept held among
its class's images when they were learnt, which is what is carried on: a rate for each class and concept, `UNKNOWN`
for a concept that came after the class. Registers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.concepts.labels import class_level

if TYPE_CHECKING:
    from engine.concepts.bank import ConceptBank
    from engine.methods.base import TaskData

RATES = "concept_rates"
"""Key of the rates in a model's memory."""
UNKNOWN = -1.0
"""In the place of a rate that nobody knows; not NaN, so that equal memories are equal."""


def image_labels(data: TaskData, bank: ConceptBank) -> Tensor:
    """Whether each concept of the bank is true of each new image, 1 or 0, float32 [N, K]."""
    first = len(data.previous.class_ids) if data.previous else 0
    listed = class_level(bank, data.class_ids, data.candidates).float()[data.labels - first]  # [N, K]
    known = shown(data, bank)
    return torch.where(known.isnan(), listed, known)


def shown(data: TaskData, bank: ConceptBank) -> Tensor:
    """The same as far as the data say it, NaN elsewhere, float32 [N, K].

    A concept is looked up among the task's candidates by its text, else by the fact that decides whether it holds.
    """
    found = torch.full((len(data.labels), len(bank)), torch.nan)
    if not data.shown.numel():
        return found
    by_fact = {c.truth: i for i, c in enumerate(data.candidates.concepts) if c.truth is not None}
    by_text = {c.text: i for i, c in enumerate(data.candidates.concepts)}
    for k, concept in enumerate(bank.concepts):
        column = by_text.get(concept.text)
        if column is None and concept.truth is not None:
            column = by_fact.get(concept.truth)
        if column is not None:
            found[:, k] = data.shown[:, column]
    return found


def class_rates(data: TaskData, before: Tensor | None, labels: Tensor) -> Tensor:
    """How often each concept held among each class's images, of all classes seen, [C, K].

    Args:
        before: the same of the O old classes, for the concepts there were then, [O, fewer]; None at the first task.
        labels: of the new images, [N, K] in 0..1.
    """
    first, concepts = 0 if before is None else len(before), labels.shape[1]
    new = torch.stack([labels[data.labels == first + c].mean(0) for c in range(len(data.class_ids))])
    if before is None:
        return new
    return torch.cat([torch.nn.functional.pad(before, (0, concepts - before.shape[1]), value=UNKNOWN), new])


@dataclass(frozen=True, slots=True)
class ConceptTargets:
    """What is known of each training sample's concepts.

    Attributes:
        table: [N + C, K], of the new images, then of the classes; `UNKNOWN` where nobody knows.
        where: [M], row of the table for each sample.
    """

    table: Tensor
    where: Tensor

    def of(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Labels of a batch in 0..1, 0 where nobody knows, and whether somebody does; both [n, K], as numbers."""
        found = self.table[self.where[rows]]
        known = found != UNKNOWN
        return found * known, known.float()


def concept_targets(labels: Tensor, rates: Tensor, samples: Tensor) -> ConceptTargets:
    """Targets of samples that are the new images in order, then stand-ins of old classes.

    Args:
        labels: of the new images, [N, K].
        rates: [C, K], of all classes.
        samples: labels of the samples, [M].
    """
    new = len(labels)
    where = torch.cat([torch.arange(new), new + samples[new:]])
    return ConceptTargets(torch.cat([labels, rates]), where)


def concept_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Binary cross-entropy of concepts, the weighted mean over images and concepts, a scalar; 0 without any weight.

    Args:
        logits: log odds that each concept is there, [n, K].
        labels: [n, K] in 0..1.
        weights: [n, K], 0 where nobody knows.
    """
    each = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels, weights, reduction="sum")
    return each / weights.sum().clamp_min(1.0)
