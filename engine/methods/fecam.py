"""FeCAM: the nearest class by Mahalanobis distance, each class with a covariance of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from engine.errors import NotApplicable
from engine.methods.base import METHODS, Method
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import Learning, Setup, TaskData, Unlearnt
    from engine.model.snapshot import Snapshot

_FLOAT64, _FLOAT32 = 8, 4
_MATRICES = 5
"""[D, D] in float64 held at once, of one class: covariance, shrunk, normalised, Cholesky factor, its inverse."""


@METHODS.register
@dataclass(frozen=True)
class FeCAM(Method):
    """FeCAM (class covariances).

    Goswami et al., "FeCAM: Exploiting the Heterogeneity of Class Distributions in Exemplar-Free Continual Learning",
    NeurIPS 2023, arXiv 2309.14062. An image goes to the class with the smallest Mahalanobis distance, where each class
    has a covariance of its own: shrunk towards its mean variance, and divided by its standard deviations, so that
    classes with wide covariances do not swallow the others. What a class is does not depend on any other class, so the
    order of tasks changes nothing.

    Published: S + g1 V1 I + g2 V2 (1 - I), V1 the mean variance and V2 the mean covariance of two dimensions, with
    g1 = g2 = 1 for networks trained on the first task; correlations in place of covariances; Tukey's square root of the
    features.

    Ours: g1 = 1 and g2 = 0, as the authors take them for frozen transformers. No Tukey: CLIP's embeddings have negative
    entries, of which there is no root. A class whose images do not differ, or of a single one, has the identity for its
    correlations: what shrinkage leaves when the covariance goes to zero. Distances are in float64 until they are kept.

    Released code: for a frozen transformer the same, without Tukey; elsewhere means and images are cut to unit length
    only after the covariances were taken, and inverses are pseudo-inverses.

    Claim: with a covariance for each class, prototypes are as accurate as methods that train on every task, and far
    more so than the nearest mean. Weaker here: 89.5 % after the last task on the Aviary's demo (three seeds), no more
    than a nearest class mean (89.6), and 70.7 with habitats moved where that keeps 78.7.
    """

    family: ClassVar[str] = "black_box"
    summary: ClassVar[str] = (
        "The nearest class mean, but every class measures distance by how its own images spread; nothing is trained."
    )
    learns_concepts: ClassVar[bool] = False
    can_unlearn: ClassVar[bool] = True
    cannot_follow: ClassVar[str] = (
        "it keeps each class's covariance divided by its standard deviations, and these are gone, so it cannot be moved"
    )

    variance: float = param(
        1.0, low=0.0, high=100.0, help="How many mean variances are added to each variance of a class (g1)."
    )
    covariance: float = param(
        0.0, low=0.0, high=100.0, help="How many mean covariances are added to each covariance of a class (g2)."
    )

    def why_not(self, setup: Setup) -> str | None:
        """Without shrinkage a class needs more images than dimensions."""
        if self.variance or setup.fewest > setup.width:
            return None
        told = f"the smallest class has {setup.fewest} images for {setup.width} dimensions"
        return f"{told}, so without shrinkage its covariance has no inverse; set variance above 0"

    def memory_bytes(self, setup: Setup) -> int:
        """A triangle a class, and the matrices of one class at a time."""
        triangles = _FLOAT32 * setup.classes * setup.width * (setup.width + 1)  # half of it before, half after
        return triangles + _FLOAT64 * _MATRICES * setup.width**2

    def learn(self, data: TaskData) -> Learning:
        """Append the new classes' means and factors."""
        import torch

        from engine.device import fixed_threads
        from engine.methods.prototypes import classifier, measured
        from engine.model.side_channels.mahalanobis import MahalanobisSide

        before = data.previous.side if data.previous else None
        first = len(data.previous.class_ids) if data.previous else 0
        with fixed_threads(1):
            own = [data.features[data.labels == label] for label in range(first, first + len(data.class_ids))]
            means = torch.stack([images.double().mean(0).float() for images in own])
            factors = torch.stack([self._factor(images, data.class_ids[i]) for i, images in enumerate(own)])
            if isinstance(before, MahalanobisSide):
                means, factors = torch.cat([before.means, means]), torch.cat([before.factors, factors])
            model = classifier(data, None, torch.zeros(len(means)), side=MahalanobisSide(means, factors))
        yield measured(model, data)
        return model

    def _factor(self, images: Tensor, class_id: int) -> Tensor:
        """The lower triangle of F with F'F the inverse of the images' shrunk correlations, [D (D + 1) / 2].

        Raises:
            NotApplicable: they have no inverse.
        """
        import torch

        from engine.methods.moments import FLAT

        width = images.shape[1]
        identity = torch.eye(width, dtype=torch.float64)
        covariance = torch.cov(images.double().T).reshape(width, width) if len(images) > 1 else 0 * identity
        shrunk, correlations = self._shrunk(covariance), identity
        if float(covariance.trace()) > FLAT:
            spread = shrunk.diagonal().sqrt()
            correlations = shrunk / (spread[:, None] * spread)
        root, failed = torch.linalg.cholesky_ex(correlations)  # a NaN of a zero spread fails as well
        if bool(failed) or not bool(root.isfinite().all()):
            reason = f"with variance = {self.variance:g} and covariance = {self.covariance:g} it has no inverse"
            raise NotApplicable(f"the covariance of class {class_id}", reason, "Set variance above covariance")
        factor: Tensor = torch.linalg.solve_triangular(root, identity, upper=False)
        rows, columns = torch.tril_indices(width, width)
        return factor[rows, columns].float()

    def _shrunk(self, covariance: Tensor) -> Tensor:
        import torch

        width, identity = len(covariance), torch.eye(len(covariance), dtype=covariance.dtype)
        mean = covariance.trace() / width
        others = (covariance.sum() - covariance.trace()) / max(1, width * (width - 1))
        return covariance + self.variance * mean * identity + self.covariance * others * (1 - identity)

    def unlearn(self, model: Snapshot, gone: Unlearnt) -> Snapshot:
        """Drop classes that go entirely.

        Raises:
            NotApplicable: single images of a class that stays would go; its covariance is kept only inverted.
        """
        from engine.methods.closed_form import without_classes
        from engine.methods.moments import kept_places
        from engine.model.side_channels.mahalanobis import MahalanobisSide

        if set(gone.labels.tolist()) - set(gone.whole):
            reason = "each class's covariance is kept inverted and in float32, from which no image can be taken exactly"
            raise NotApplicable(
                f"{self.name}: single images", reason, "Unlearn whole classes, or train without the images"
            )
        side, kept = model.side, kept_places(len(model.class_ids), gone.whole)
        assert isinstance(side, MahalanobisSide)  # every model of this method has one
        left = without_classes(model, gone.whole)
        return replace(left, side=MahalanobisSide(side.means[kept], side.factors[kept]))
