"""SLDA: a linear discriminant whose means and shared covariance follow a stream of images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.methods.base import METHODS
from engine.methods.closed_form import ClosedForm
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.moments import Moments


@METHODS.register
@dataclass(frozen=True)
class SLDA(ClosedForm):
    """Streaming linear discriminant analysis.

    Hayes & Kanan, "Lifelong Machine Learning with Deep Streaming Linear Discriminant Analysis", CVPR Workshops 2020,
    arXiv 1909.01520. Every class has a running mean, all of them share one running covariance, and an image counts the
    moment it arrives: logits w'x + b with w = L m, b = -m' L m / 2, L the inverse of the shrunk covariance.

    Published: L = ((1 - e) S + e I)^-1 with e = 1e-4; S starts from a batch of base classes by the oracle approximating
    shrinkage estimator; then image by image S grows by the outer product of the image less its class's running mean,
    weighted by how many images were seen in all.

    Ours: S is the pooled covariance within classes of all images so far, by counts, sums and squares in float64; seen
    image by image or task by task, it is the same, and so is any order of them. No base batch is needed. A class of one
    image, or of equal ones, adds nothing to it.

    Released code: measures the first image of a class against a mean of zero, so that the image itself enters as if it
    were a deviation, and shrinks the covariance of a base batch by OAS. Run on the same embeddings it is 0.3 points
    more accurate; started from single images, 0.04 (`bench methods.authors`).

    Claim: a streaming learner that keeps no image beats replay methods that store many, at a fraction of their time.
    Held here: 90.4 % after the last task on the Aviary's demo (three seeds), replay of stored embeddings 87.8. It leans
    on the habitat far more: 35.5 % with habitats moved, replay 67.4.
    """

    summary: ClassVar[str] = (
        "A running mean of each class and one running covariance of all: learns image by image, and keeps none."
    )

    shrinkage: float = param(
        1e-4, low=1e-8, high=1.0, help="Share of the identity in the shrunk covariance; 1 is the nearest class mean."
    )

    def solve(self, moments: Moments, texts: Tensor) -> tuple[Tensor, Tensor]:
        """See `ClosedForm`."""
        import torch

        means = moments.means  # [C, D]
        identity = torch.eye(means.shape[1], dtype=means.dtype)
        covariance = moments.scatter / moments.images * (not moments.flat)
        weights = torch.linalg.solve((1 - self.shrinkage) * covariance + self.shrinkage * identity, means.T).T
        return weights, -(weights * means).sum(1) / 2
