"""What black boxes minimise beside the cross-entropy of their answer: springs, distillation, aligned logits and more.

Each is the loss of one paper, named at its class; `engine.methods` says with what numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, log_softmax, normalize, relu, softmax, softplus

from engine.model.course import Labelled
from engine.model.covariances.base import Root
from engine.model.gaussian_samples import deviations
from engine.model.linear_probe import LinearObjective, ProbeObjective

_TINY = 1e-7  # keeps logits of length 0 from dividing by zero, as in SLCA's released code


@dataclass(frozen=True, kw_only=True)
class SprungObjective(LinearObjective):
    """Cross-entropy, and springs on the weights of old classes (Kirkpatrick et al., PNAS 2017, equation 3).

    Attributes:
        stiffness, anchor: [O, D + 1] of the O old classes; the bias is the last column.
        scale: what the sum of stiffness times squared deviation is multiplied with.
    """

    stiffness: Tensor
    anchor: Tensor
    scale: float

    def loss(self, parameters: Sequence[Tensor], batch: Labelled) -> tuple[Tensor, Tensor]:
        """Cross-entropy + scale * sum F (w - w*)^2."""
        fitted, logits = super().loss(parameters, batch)
        weights, bias = (parameter[: len(self.anchor)] for parameter in parameters)
        away = torch.cat([weights, bias[:, None]], 1) - self.anchor
        return fitted + self.scale * (self.stiffness * away.square()).sum(), logits


@dataclass(frozen=True, kw_only=True)
class DistilledObjective(LinearObjective):
    """Cross-entropy, and the old classes' softened answers kept as they were (Li and Hoiem, ECCV 2016, equation 3).

    Attributes:
        weights, bias: [O, D] and [O], the classifier before the task.
        temperature: logits are divided by it before both softmaxes.
        strength: weight of the distillation.
    """

    weights: Tensor
    bias: Tensor
    temperature: float
    strength: float

    def loss(self, parameters: Sequence[Tensor], batch: Labelled) -> tuple[Tensor, Tensor]:
        """Cross-entropy - strength * mean sum over old classes of their former times their logarithmic share now."""
        fitted, logits = super().loss(parameters, batch)
        former = softmax(torch.addmm(self.bias, batch.features, self.weights.T) / self.temperature, 1)
        now = log_softmax(logits[:, : len(self.bias)] / self.temperature, 1)
        return fitted - self.strength * (former * now).sum(1).mean(), logits


@dataclass(frozen=True, kw_only=True)
class AlignedObjective(LinearObjective):
    """Cross-entropy of logits of one length (Zhang et al., ICCV 2023, equation 4).

    Attributes:
        sizes: how many classes each task brought.
        temperature: what the logits are divided by, beside the mean of their lengths in each task.
    """

    sizes: tuple[int, ...]
    temperature: float

    def loss(self, parameters: Sequence[Tensor], batch: Labelled) -> tuple[Tensor, Tensor]:
        """Of logits / (mean over tasks of the length of the task's logits) / temperature."""
        logits = self.logits(parameters, batch.features)
        lengths = torch.stack([part.norm(dim=1) + _TINY for part in torch.split(logits, list(self.sizes), 1)])  # [T, n]
        even = logits / lengths.mean(0)[:, None] / self.temperature
        return cross_entropy(even, batch.labels), logits


@dataclass(frozen=True)
class NamePairs:
    """Samples of old classes whose names resemble new ones', drawn from the old classes' Gaussians.

    Attributes:
        old, new: [P], the classes of each pair.
        means: [O, D].
        normals, roots: as in `engine.model.gaussian_samples.GaussianSamples`.
        count: samples a batch, each of a pair drawn at random.
        stream: what they are drawn from.
    """

    old: Tensor
    new: Tensor
    means: Tensor
    normals: int
    roots: Sequence[Root]
    count: int
    stream: torch.Generator

    def draw(self) -> tuple[Tensor, Tensor, Tensor]:
        """Features [count, D], and old and new class of each, [count]."""
        chosen = torch.randint(len(self.old), (self.count,), generator=self.stream)
        old, new = self.old[chosen], self.new[chosen]
        noise = torch.randn(self.count, self.normals, generator=self.stream)
        features = deviations(self.roots, old, noise) + self.means[old]
        return features, old, new


@dataclass(frozen=True)
class AdaptedObjective(ProbeObjective):
    """Cosines of adapted images with class names, and a margin for names alike (Huang et al., ECCV 2024, equation 6).

    The parameter is the adapter, [D, D].

    Attributes:
        texts: [C, D], unit-length embeddings of the names of all classes seen.
        scale: what cosines are multiplied with to be logits.
        pairs: old and new classes whose names are near, or None.
        margin: by how much an old class's samples shall be nearer to its own name.
    """

    texts: Tensor
    scale: float
    pairs: NamePairs | None
    margin: float

    def logits(self, parameters: Sequence[Tensor], features: Tensor) -> Tensor:
        """scale * cos(A x, t)."""
        return self.scale * self._cosines(parameters, features)

    def loss(self, parameters: Sequence[Tensor], batch: Labelled) -> tuple[Tensor, Tensor]:
        """Cross-entropy + mean relu(cos with the new name - cos with the own name + margin)."""
        logits = self.logits(parameters, batch.features)
        loss = cross_entropy(logits, batch.labels)
        if self.pairs is None:
            return loss, logits
        features, old, new = self.pairs.draw()
        cosines = self._cosines(parameters, features)
        own, other = (cosines.gather(1, which[:, None]) for which in (old, new))
        return loss + relu(other - own + self.margin).mean(), logits

    def _cosines(self, parameters: Sequence[Tensor], features: Tensor) -> Tensor:
        return normalize(features @ parameters[0].T, dim=1) @ self.texts.T


@dataclass(frozen=True)
class VariationalObjective(ProbeObjective):
    """The negative evidence lower bound of J Gaussian heads, per image (Blundell et al., ICML 2015, equation 2).

    The parameters are mu and rho, [J, C, D + 1] each: weights and, as the last column, bias of every head are
    independent normal with mean mu and standard deviation softplus(rho). Not weights but logits are drawn, image by
    image, which has the same distribution and less noise (Kingma et al., "Variational Dropout and the Local
    Reparameterization Trick", NeurIPS 2015).

    Attributes:
        means, spreads: of the priors, [J, C, D + 1].
        images: how many the bound is of.
        stream: what the noise is drawn from.
    """

    means: Tensor
    spreads: Tensor
    images: int
    stream: torch.Generator

    def logits(self, parameters: Sequence[Tensor], features: Tensor) -> Tensor:
        """Of the mean of the heads' means, [N, C]."""
        return with_one(features) @ parameters[0].mean(0).T

    def loss(self, parameters: Sequence[Tensor], batch: Labelled) -> tuple[Tensor, Tensor]:
        """Mean over the heads of cross-entropy + KL / images."""
        mu, spread = parameters[0], softplus(parameters[1])
        inputs = with_one(batch.features)  # [n, D + 1]
        centre = inputs @ mu.transpose(1, 2)  # [J, n, C]
        variance = inputs.square() @ spread.square().transpose(1, 2)
        noise = torch.randn(centre.shape, generator=self.stream)
        drawn = centre + noise * variance.clamp_min(_TINY).sqrt()
        fitted = cross_entropy(drawn.flatten(0, 1), batch.labels.repeat(len(mu)))
        return fitted + self._divergence(mu, spread) / self.images / len(mu), centre.detach().mean(0)

    def _divergence(self, mu: Tensor, spread: Tensor) -> Tensor:
        """KL from the priors, summed over all weights."""
        ratio = spread / self.spreads
        away = (mu - self.means) / self.spreads
        return (0.5 * (ratio.square() + away.square() - 1) - ratio.log()).sum()


def with_one(features: Tensor) -> Tensor:
    """Features [N, D] with a column of ones behind, for the bias."""
    return torch.cat([features, features.new_ones(len(features), 1)], 1)
