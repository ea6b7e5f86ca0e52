"""The model after a task: an immutable bottleneck, head and class statistics.

Every method ends in the same shape, `logits = head (bottleneck x) + bias + side(x)`, so that every page, metric and
edit works on every method: for NCM the bottleneck's rows are the class means, for zero-shot CLIP the embeddings of the
class names. Concept scores are linear in the embedding whatever the method: a concept is a direction, and its heat map
adds up to its score. What is not linear, or passes by the concepts, is the side channel; most methods have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.concepts.bank import ConceptBank
from engine.model.covariances.base import Covariances
from engine.model.side_channel import SideChannel

if TYPE_CHECKING:
    from engine.backbone.clip import Backbone


@dataclass(frozen=True, slots=True)
class ClassStatistics:
    """What is kept of each class instead of its images.

    Attributes:
        means: [C, D], means of unit-length embeddings.
        covariances: of the C classes; none are kept for a method that needs none.
        texts: [C, D], unit-length embeddings of the class names.
    """

    means: Tensor
    covariances: Covariances
    texts: Tensor

    def extended(self, other: ClassStatistics) -> ClassStatistics:
        """These classes followed by the others.

        Raises:
            NotApplicable: their covariances are kept in another form.
        """
        return ClassStatistics(
            torch.cat([self.means, other.means]),
            self.covariances.extended(other.covariances),
            torch.cat([self.texts, other.texts]),
        )


@dataclass(frozen=True, slots=True)
class Output:
    """What the model says of a batch.

    Attributes:
        scores: concept scores [B, K].
        logits: [B, C], columns in the order of `Snapshot.class_ids`.
    """

    scores: Tensor
    logits: Tensor


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole model after `task`.

    Attributes:
        task: index of the task just learnt.
        class_ids: dataset indices of the C classes seen, in the order learnt; row c of `head` belongs to class_ids[c].
        bank: the K concepts the rows of `bottleneck` stand for.
        bottleneck: float32 [K, D].
        head: float32 [C, K].
        bias: float32 [C].
        classes: statistics of the C classes.
        side: what reaches the logits beside the concepts, or None.
        memory: the method's own arrays, which it carries to the next task and no answer needs; empty in a model that
            was read to be looked at.
    """

    task: int
    class_ids: tuple[int, ...]
    bank: ConceptBank
    bottleneck: Tensor
    head: Tensor
    bias: Tensor
    classes: ClassStatistics
    side: SideChannel | None = None
    memory: Mapping[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen, concepts = len(self.class_ids), len(self.bank)
        if self.bottleneck.shape[0] != concepts or self.head.shape != (seen, concepts) or self.bias.shape != (seen,):
            raise ValueError("bank, bottleneck, head and bias do not fit together")
        width = self.bottleneck.shape[1]
        if self.side is not None and (reason := self.side.why_not(width, concepts, seen)) is not None:
            raise ValueError(reason)

    def to(self, device: torch.device) -> Snapshot:
        """The same model with what answers on a device; class statistics and concepts' texts stay where they are."""
        moved = {name: getattr(self, name).to(device) for name in ("bottleneck", "head", "bias")}
        return replace(self, **moved, side=self.side and self.side.to(device))

    @property
    def directions(self) -> Tensor:
        """Where to look for each class, [C, D]: the slope of its logit by way of the concepts.

        Where nothing goes by that way, as in a black box that is all side channel, each class's mean.
        """
        return self.head @ self.bottleneck if bool(self.head.any()) else self.classes.means.to(self.head.device)

    def beside(self, features: Tensor) -> Tensor:
        """What reaches the logits of unit-length embeddings [B, D] beside the concepts, [B, C]; 0 without a side."""
        if self.side is None:
            return features.new_zeros(len(features), len(self.class_ids))
        return self.side.logits(features, features @ self.bottleneck.T)

    def from_features(self, features: Tensor) -> Output:
        """Score unit-length embeddings [B, D]."""
        scores = features @ self.bottleneck.T  # [B, K]
        logits = scores @ self.head.T + self.bias  # [B, C]
        return Output(scores, logits if self.side is None else logits + self.side.logits(features, scores))

    def from_images(self, images: Tensor, backbone: Backbone) -> Output:
        """Score images [B, 3, H, W] in 0..1; differentiable to the pixels."""
        return self.from_features(backbone.embed(images))
