"""The training loss of a concept bottleneck and its gradients, derived by hand.

    S = X E'              concept scores                     [n, K]
    Z = S W'              logits                             [n, C]
    loss = CE(Z, y) - a mean_k cos_n(S_k^3, T_k^3) + l (r |W|_1 + (1 - r)/2 |W|^2)

T = X B' are the scores that the text embeddings B give. Yu et al., "Language Guided Concept Bottleneck Models for
Interpretable Continual Learning", CVPR 2025; the cubed cosine is that of Oikarinen et al., "Label-Free Concept
Bottleneck Models", ICLR 2023, who also centre S and T over the batch before cubing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.guidance import Guidance

_TINY = 1e-30  # keeps a concept that is zero on the whole batch from dividing by zero


@dataclass(frozen=True, slots=True)
class Terms:
    """What the loss consists of beside the cross-entropy.

    Attributes:
        alignment: weight of the cubed cosine similarity, 0 for none.
        centred: whether scores are centred over the batch before cubing.
        sparsity: weight of the elastic net on the head.
        l1_share: share of the elastic net that is absolute values, 0..1.
        unit_targets: whether the texts' scores T are of features at unit length, as S are; if not, pseudo features and
            Gaussian samples give T at the length they were made with.
    """

    alignment: float
    centred: bool
    sparsity: float
    l1_share: float
    unit_targets: bool = True


class TrainingObjective:
    """Loss and gradients of one batch, in buffers that are allocated once.

    Args:
        terms: what the loss consists of.
        batch: most samples a batch can have.
        bottleneck: E, [K, D].
        head: W, [C, K].
        exchange: turns the logits of these concepts into those of all in place, where K is only a part of them.
        concepts: how many concepts there are in all; K if not given.
        guidance: what else the logits shall agree with.
    """

    def __init__(
        self,
        terms: Terms,
        batch: int,
        bottleneck: Tensor,
        head: Tensor,
        exchange: Callable[[Tensor], Tensor] | None = None,
        concepts: int | None = None,
        guidance: Guidance | None = None,
    ) -> None:
        self.terms, self._exchange, self._all = terms, exchange, concepts or len(bottleneck)
        self._guidance = guidance
        self.guided = bottleneck.new_zeros(())  # the guidance's part of the loss of the last batch
        self.bottleneck, self.head = bottleneck, head
        self.bottleneck_grad = torch.zeros_like(bottleneck)
        self.head_grad = torch.zeros_like(head)
        own, classes = head.shape[1], head.shape[0]
        self._wide = [bottleneck.new_zeros(batch, own) for _ in range(6)]
        self._logits = [bottleneck.new_zeros(batch, classes) for _ in range(2)]
        self._columns = [bottleneck.new_zeros(own) for _ in range(3)]
        self._penalty = torch.zeros_like(head)

    def step(self, features: Tensor, labels: Tensor, targets: Tensor, picked: Tensor, best: Tensor) -> Tensor:
        """Fill `bottleneck_grad` and `head_grad` for one batch.

        Args:
            features: X, [n, D].
            labels: y, [n, 1].
            targets: T, [n, K]; overwritten. Not read when the alignment's weight is 0.
            picked: receives the log-probability of the label, [n, 1].
            best: receives the highest log-probability, [n, 1].

        Returns:
            The cubed cosine similarity summed over these concepts and divided by the number of all, a scalar (0 when
            its weight is 0).
        """
        count = features.shape[0]
        scores = torch.mm(features, self.bottleneck.t(), out=self._wide[0][:count])  # [n, K]
        errors = self._classify(scores, labels, picked, best)  # [n, C]
        if self._guidance is not None:
            self.guided = self._guidance.add(features, labels, self._logits[0][:count], errors)
        # `errors` carry the 1 / n of the mean over the batch into both gradients; the cosine wants none.
        self.head_grad = torch.mm(errors.t(), scores, out=self.head_grad)
        self._add_elastic_net()
        score_grad = torch.mm(errors, self.head, out=self._wide[1][:count])  # [n, K]
        similarity = self._add_alignment(scores, targets, score_grad)
        self.bottleneck_grad = torch.mm(score_grad.t(), features, out=self.bottleneck_grad)
        return similarity

    def elastic_net(self) -> float:
        """The penalty on the head as it is now."""
        share = self.terms.l1_share
        absolute, square = self.head.abs().sum().item(), self.head.square().sum().item()
        return self.terms.sparsity * (share * absolute + (1 - share) / 2 * square)

    def _classify(self, scores: Tensor, labels: Tensor, picked: Tensor, best: Tensor) -> Tensor:
        """The gradient of the cross-entropy by the logits, (softmax - one-hot) / n, [n, C]."""
        count = scores.shape[0]
        logits = torch.mm(scores, self.head.t(), out=self._logits[0][:count])
        if self._exchange is not None:
            self._exchange(logits)  # in place, before the softmax: the only place where concepts meet
        errors = torch.log_softmax(logits, 1, out=self._logits[1][:count])
        torch.gather(errors, 1, labels, out=picked)
        torch.amax(errors, 1, keepdim=True, out=best)
        errors.exp_().scatter_add_(1, labels, picked.new_tensor(-1.0).expand(count, 1))
        return errors.mul_(1 / count)

    def _add_elastic_net(self) -> None:
        strength, share = self.terms.sparsity, self.terms.l1_share
        if strength == 0:
            return
        torch.sign(self.head, out=self._penalty)  # 0 at 0: of the subgradients the one that moves nothing
        self.head_grad.add_(self._penalty, alpha=strength * share)
        self.head_grad.add_(self.head, alpha=strength * (1 - share))

    def _add_alignment(self, scores: Tensor, targets: Tensor, score_grad: Tensor) -> Tensor:
        """Add the alignment's gradient to `score_grad`; return the mean similarity.

        With A = S^3 and G = T^3 per column: d cos / d S = (G / (|A||G|) - cos A / |A|^2) 3 S^2.
        """
        if self.terms.alignment == 0:
            return scores.new_zeros(())
        count = scores.shape[0]
        square, cube, goal, scratch = (buffer[:count] for buffer in self._wide[2:6])
        if self.terms.centred:
            torch.sub(scores, scores.mean(0), out=scratch)
            torch.mul(scratch, scratch, out=square)
            torch.mul(square, scratch, out=cube)
            targets.sub_(targets.mean(0))
        else:
            torch.mul(scores, scores, out=square)
            torch.mul(square, scores, out=cube)
        torch.mul(targets, targets, out=goal).mul_(targets)
        own, both, other = self._columns  # |A|^2, A.G and |G|^2 of each column, [K]
        torch.sum(torch.mul(cube, cube, out=scratch), 0, out=own)
        torch.sum(torch.mul(cube, goal, out=scratch), 0, out=both)
        torch.sum(torch.mul(goal, goal, out=scratch), 0, out=other)
        # d|A| gives the second term of the gradient, and the inner derivative of the cube, 3 S^2, is shared by both:
        # `square` is multiplied in below, and the 3 with the weight at the end.
        own.clamp_min_(_TINY)
        inverse = other.clamp_min_(_TINY).rsqrt_().mul_(own.rsqrt())  # 1 / (|A||G|)
        cosine = both * inverse
        goal.mul_(inverse).addcmul_(cube, cosine / own, value=-1).mul_(square)
        if self.terms.centred:  # the mean that was taken off depends on every score of the column
            goal.sub_(goal.mean(0))
        score_grad.add_(goal, alpha=-3 * self.terms.alignment / self._all)
        return cosine.sum() / self._all
