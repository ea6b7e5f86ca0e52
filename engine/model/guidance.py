"""What the names of classes say about logits: soft targets, and an old model's answers moved by likeness.

    SG-RL   a mean_i KL(t_{y_i} || softmax z_i)                        t_y over classes, by the likeness of names to y's
    SG-KD   b T^2 mean_i KL(softmax((o_i + r_{y_i}) / T) || softmax(z_i^old / T))       o the old model's logits

Yu et al., "Exploiting the Semantic Knowledge of Pre-trained Text-Encoders for Continual Learning", 2024. The means are
over images ("batchmean").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

_TINY = 1e-30  # a probability of 0 diverges from nothing


@dataclass(frozen=True, slots=True)
class Guidance:
    """Two terms of a loss, either of which its weight turns off.

    Attributes:
        targets: t, [C, C], a distribution over the classes seen for each true class.
        weight: a.
        old: gives o, [N, O], of features [N, D]; O = 0 in the first task.
        raised: r, [C, O], what an image of each class adds to the old logits.
        distillation: b.
        temperature: T.
    """

    targets: Tensor
    weight: float
    old: Callable[[Tensor], Tensor]
    raised: Tensor
    distillation: float
    temperature: float

    def add(self, features: Tensor, labels: Tensor, logits: Tensor, errors: Tensor) -> Tensor:
        """Add the gradient by the logits to `errors` [n, C]; the loss, a scalar.

        Args:
            features: [n, D].
            labels: [n, 1].
            logits: z, [n, C].
        """
        loss, true, scale = logits.new_zeros(()), labels[:, 0], 1 / len(logits)
        if self.weight:
            target, chances = self.targets[true], torch.log_softmax(logits, 1)
            loss = loss + self.weight * scale * _divergence(target, chances)
            errors.add_(chances.exp_().sub_(target), alpha=self.weight * scale)
        old = self.raised.shape[1]
        if self.distillation and old:
            heat = self.temperature
            taught = torch.softmax((self.old(features) + self.raised[true]) / heat, 1)  # [n, O]
            chances = torch.log_softmax(logits[:, :old] / heat, 1)
            loss = loss + self.distillation * heat**2 * scale * _divergence(taught, chances)
            errors[:, :old].add_(chances.exp_().sub_(taught), alpha=self.distillation * heat * scale)
        return loss


def soft_targets(names: Tensor, softness: float) -> Tensor:
    """softmax(softness cos(t_i, t_y)) over i for each y, [C, C], of unit-length embeddings of names [C, D]."""
    return torch.softmax(softness * names @ names.T, 1)


def raises(names: Tensor, old: int, margin: float) -> Tensor:
    """What an image of each class adds to the logits of the first `old` classes, [C, O].

    The old class whose name is most like its own gets m, the others lose m, where m is the likeness (a cosine; negative
    ones count as 0) times `margin`.
    """
    alike = names @ names[:old].T  # [C, O]
    best, place = alike.max(1, keepdim=True)
    step = margin * best.clamp_min(0)
    return torch.where(torch.arange(old) == place, step, -step)


def _divergence(target: Tensor, likely: Tensor) -> Tensor:
    """Sum over rows of KL(target || exp(likely)), [n, C] each; nothing from where the target is 0."""
    return (target * (target.clamp_min(_TINY).log() - likely)).sum()
