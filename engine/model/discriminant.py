"""Fisher's discriminant between classes and between what classes list, and classes as sums of a few concepts' rows.

All float64. Fisher, "The use of multiple measurements in taxonomic problems", 1936; Pati et al., "Orthogonal matching
pursuit", 1993.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_FAINT = 0.05
"""Of the directions that texts span, those with less than this share of the strongest one's singular value tell
wordings
apart, not what the texts are about."""
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Discriminant:
    """What it takes to tell images apart by their class.

    Attributes:
        within: covariance of images around the means of their classes, [D, D].
        inverse: that of the shrunk covariance, orthogonal to the directions that are set aside, [D, D].
    """

    within: Tensor
    inverse: Tensor

    @staticmethod
    def of(within: Tensor, images: int, aside: Tensor, shrinkage: float) -> Discriminant:
        """The discriminant of `images` images.

        Args:
            within: [D, D].
            aside: [A, D], texts of what no answer may rest on, less what all texts share; may be none.
            shrinkage: share of the covariance that becomes its mean variance in all directions; 0: tr(S) / (N - 1) is
                added to the diagonal instead (Kubokawa & Srivastava 2008, as Wang et al., ICLR 2024, use it).
        """
        whole = torch.eye(len(within), dtype=within.dtype)
        taken = spanned(aside)
        free = whole - taken.T @ taken
        seen = free @ within @ free
        mean = seen.trace() / (len(within) - len(taken))
        ridge = shrinkage * mean if shrinkage else seen.trace() / max(1, images - 1)
        shrunk = (1 - shrinkage) * seen + ridge.clamp_min(_NOTHING) * whole
        return Discriminant(within, free @ torch.linalg.solve(shrunk, free))

    def classes(self, means: Tensor) -> tuple[Tensor, Tensor]:
        """Weights [C, D] and bias [C] of the classes with these means [C, D], each less their mean over the classes."""
        weights = means @ self.inverse
        bias = -(weights * means).sum(1) / 2
        return weights - weights.mean(0), bias - bias.mean()

    def concepts(self, counts: Tensor, means: Tensor, listed: Tensor) -> tuple[Tensor, Tensor]:
        """Of each text the row that tells the classes which list it from the others.

        Args:
            counts, means: images [C] and means [C, D] of the classes.
            listed: bool [C, K].

        Returns:
            The rows [K, D], of unit spread within a class, and bool [K]: whether there are classes of both kinds.
        """
        by = listed.to(means.dtype) * counts[:, None]  # [C, K]
        sums, everything = by.T @ means, (counts[:, None] * means).sum(0)
        own, images = by.sum(0)[:, None], counts.sum()
        apart = sums / own.clamp_min(1) - (everything - sums) / (images - own).clamp_min(1)
        return self.of_unit_spread(apart @ self.inverse), listed.any(0) & ~listed.all(0)

    def of_unit_spread(self, rows: Tensor) -> Tensor:
        """Rows [K, D] at the length at which their scores of images of one class have standard deviation 1."""
        spread = torch.einsum("kd,de,ke->k", rows, self.within, rows)
        return rows / spread.clamp_min(_NOTHING).sqrt()[:, None]


def spanned(texts: Tensor) -> Tensor:
    """Orthonormal directions [R, D] that texts [A, D] span, without faint ones."""
    if not len(texts):
        return texts
    _, sizes, directions = torch.linalg.svd(texts, full_matrices=False)
    strong: Tensor = directions[sizes > _FAINT * sizes[0]]
    return strong


def pursued(wanted: Tensor, rows: Tensor, covariance: Tensor, count: int) -> Tensor:
    """Each direction wanted as a sum of `count` rows at most, [C, K]: what few concepts say best of a class.

    Greedy: the row that explains most of what is left comes next, and all weights are fitted again. What counts is the
    variance over images, so a difference no image shows costs nothing.

    Args:
        wanted: [C, D].
        rows: [K, D].
        covariance: of the images, [D, D].
    """
    values, vectors = torch.linalg.eigh(covariance)
    shown = vectors * values.clamp_min(0).sqrt()  # [D, D]; |row @ shown|^2 is the variance of a row's scores
    targets, atoms = wanted @ shown, rows @ shown
    sizes = atoms.norm(dim=1)
    able = sizes > _NOTHING
    found = wanted.new_zeros(len(wanted), len(rows))
    chosen = torch.zeros(len(wanted), 0, dtype=torch.long)
    left = targets
    for _ in range(min(count, int(able.sum()))):
        gain = (left @ atoms.T).abs() / sizes.clamp_min(_NOTHING)  # [C, K]
        gain[:, ~able] = -1.0
        gain.scatter_(1, chosen, -1.0)
        chosen = torch.cat([chosen, gain.argmax(1, keepdim=True)], dim=1)
        own = atoms[chosen]  # [C, n, D]
        weights: Tensor = torch.linalg.lstsq(own.transpose(1, 2), targets[..., None], driver="gelsd").solution[..., 0]
        left = targets - torch.einsum("cn,cnd->cd", weights, own)
        found.zero_().scatter_(1, chosen, weights)
    return found
